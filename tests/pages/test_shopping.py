"""Where a reader shops: chosen in the address, kept nowhere, and without a way to any score or place."""

from __future__ import annotations

import pytest
from bs4 import Tag
from django.utils import timezone

from products.models import AffiliateProgramme, Offer, Placement
from tests.pages.reading import Page, get, visible

LIST, REVIEW = "/lists/magnesium-supplements/", "/reviews/harrowbeck-lactate-60/"
COMPARED = "/compare/?p=harrowbeck-lactate-60&p=marrowfield-threonate-48"


def shops(page: Page) -> list[str]:
    return [visible(tag) for tag in page.all("section[aria-labelledby=offers] .stack-table tbody th")]


def order(page: Page) -> list[tuple[str, ...]]:
    """Place, name and score of every row."""
    rows = page.all("[data-rank-item]")
    return [tuple(visible(row.select_one(part)) for part in (".row-place", "h3", ".row-score")) for row in rows]


def carried(page: Page, form: str) -> list[str]:
    return [str(field["value"]) for field in page.all(f"{form} input[type=hidden][name=country]")]


def test_it_works() -> None:
    """A review shows the offers of that country, with delivery and where each price was read."""
    assert shops(get(REVIEW)) == ["Marktplein", "Northquay", "Sallow Street Pharmacy"]
    page = get(f"{REVIEW}?country=ie")
    assert shops(page) == ["Northquay", "Sallow Street Pharmacy"]
    assert "+ €3.95 delivery" in page.text
    assert "free delivery" in page.text
    assert "the shop's feed" in page.text
    assert "Only offers for Ireland." in page.text
    assert page.is_noindex or "noindex" in page.html


@pytest.mark.parametrize(
    "address", [f"{REVIEW}?country=IE", f"{LIST}?country=IE&currency=EUR", f"{COMPARED}&country=NL"]
)
def test_nothing_is_remembered(address: str) -> None:
    page = get(address)
    assert page.status == 200
    assert page.cookies == []


def test_no_score_and_no_place_moves() -> None:
    everywhere, there = get(LIST), get(f"{LIST}?country=GB")
    assert order(there) == order(everywhere)
    merchants = {visible(tag) for tag in there.all("[data-rank-item] .offer .button")}
    assert all("Hazel & Rowe" in words for words in merchants)
    assert "rows have no shop" in there.text


def test_what_pays_us_elsewhere_is_not_said_to_pay_nothing() -> None:
    """The number of products that bring us nothing does not depend on where somebody shops."""

    def number(page: Page) -> str:
        tally = page.one(".tally")
        return next(visible(part) for part in tally.select("div") if "pay us nothing" in visible(part))

    assert number(get(f"{LIST}?country=GB")) == number(get(LIST))


def test_the_choice_goes_along() -> None:
    """To reviews, into the forms and to the comparison."""
    page = get(f"{LIST}?country=GB")
    links: list[Tag] = page.all("[data-rank-item] h3 a")
    assert all(str(link["href"]).endswith("?country=GB") for link in links)
    assert carried(page, "form.filters") == carried(page, "form[data-weights]") == carried(page, "#compare") == ["GB"]
    assert carried(get(f"{LIST}?vegan=yes&country=GB"), "form.filters") == ["GB"]
    assert "country=GB" in str(get(f"{LIST}?vegan=yes&country=GB").one(".filters .actions a")["href"])


def test_an_ad_for_another_country_is_no_help() -> None:
    """A band whose offer is for elsewhere is left out; one for the chosen country stays."""
    band = Placement.objects.active().filter(slot__rankings__slug="magnesium-supplements", kind="band").first()
    assert band is not None
    assert get(LIST).all("[data-ad-slot]")
    there = band.offer.country
    assert get(f"{LIST}?country={there}").all("[data-ad-slot]")
    other = "NL" if there != "NL" else "IE"
    assert not get(f"{LIST}?country={other}").all("[data-ad-slot]")


@pytest.mark.parametrize("query", ["country=XX", "currency=USD", "country=IE-IE", "country=%3Cscript%3E"])
def test_what_no_offer_has_is_left_out_and_said(query: str) -> None:
    page = get(f"{REVIEW}?{query}")
    assert page.status == 200
    assert shops(page) == shops(get(REVIEW))
    assert "that choice was left out" in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_nothing_there_is_said(django_db_blocker: object) -> None:
    offer = Offer.objects.filter(product__slug="harrowbeck-lactate-60", country="NL").get()
    Offer.objects.filter(pk=offer.pk).update(country="BE")
    page = get(f"{COMPARED}&country=BE")
    assert "No shop we know offers it for Belgium." in page.text


class TestHistory:
    def test_a_chart_with_its_months(self) -> None:
        page = get(REVIEW)
        figure = page.one(".price-history svg[role=img]")
        assert "between €9.90 and" in str(figure["aria-label"])
        assert any("May" in visible(tag) or "Jun" in visible(tag) for tag in page.all(".price-history tbody th"))

    def test_terms_that_let_nobody_keep_prices_are_kept(self) -> None:
        """A programme whose prices come from its interface alone is in no history."""
        AffiliateProgramme.objects.update(manual_prices=False)
        Offer.objects.filter(product__slug="harrowbeck-lactate-60", programme=None).update(ends_at=timezone.now())
        assert not get(REVIEW).all(".price-history")

    def test_a_product_that_was_read_twice_has_none(self) -> None:
        assert not get("/reviews/tovemark-cork-ball/").all(".price-history")
