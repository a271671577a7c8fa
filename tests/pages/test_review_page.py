"""A review's page: the number and its arithmetic, facts, offers with a price that is true now, how it was obtained."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
import time_machine
from django.utils import timezone

from products.models import AffiliateProgramme, Brand, ConflictDeclaration, Offer, Price, Product
from reviews.models import Review
from tests.pages.reading import Page, get, visible

PATH = "/reviews/vintermark-bisglycinate-50/"


def test_it_works(types: dict[str, Page]) -> None:
    page = types["a review"]
    for heading in (
        "Score, criterion by criterion",
        "For and against",
        "Who it is not for",
        "Facts",
        "Offers",
        "History",
    ):
        assert heading in [visible(tag) for tag in page.all("h2")], heading
    assert "We bought it." in page.text
    assert "declared no conflict of interest with this brand on" in page.text
    assert "We did not try this product." in page.text


def test_the_sum_is_printed_and_right(pages: dict[str, Page]) -> None:
    """US-RANK-04: weights × scores, divided, rounded; every review."""
    reviews = {path: page for path, page in pages.items() if path.startswith("/reviews/") and path != "/reviews/"}
    assert len(reviews) >= 15
    for path, page in reviews.items():
        rows = page.all("table.criteria tbody tr")
        weights = [Decimal(visible(row.select("td")[0])) for row in rows]
        scores = [Decimal(visible(row.select("[data-score]")[0])) for row in rows]
        points = [Decimal(visible(row.select(".criteria-points")[0])) for row in rows]
        assert points == [weight * score for weight, score in zip(weights, scores, strict=True)], path
        exact = sum(points) / sum(weights)
        printed = Decimal(visible(page.one(".review-score [data-score]")).split("of")[0])
        assert abs(printed - exact) <= Decimal("0.05"), path
        assert all(visible(row.select(".criteria-reason")[0]) for row in rows), path


def test_no_placement_is_on_a_review(pages: dict[str, Page]) -> None:
    """A review page shows the editorial score only."""
    for path, page in pages.items():
        if path.startswith("/reviews/"):
            assert page.all("[data-ad-slot], .paid-part, .moved") == [], path


def test_the_dose_stands_against_each_market(types: dict[str, Page]) -> None:
    page = types["a review"]
    assert "100 mg" in page.text
    assert "40 % of 250 mg a day" in page.text.replace("\xa0", " ")
    assert "29 % of 350 mg a day" in page.text.replace("\xa0", " ")


def test_a_failed_gate_is_said_first(types: dict[str, Page]) -> None:
    page = types["a review with a failed gate"]
    warning, body = page.order(".review-verdict strong", "#main .section")
    assert "Not recommended." in visible(page.one(".review-verdict"))
    assert -1 < warning < body


def test_prices_carry_their_time(pages: dict[str, Page]) -> None:
    """AFF-02: each price says when it was read, and that is not long ago."""
    prices = [(path, tag) for path, page in pages.items() for tag in page.all("[data-price]")]
    assert len(prices) > 20
    for path, tag in prices:
        as_of = timezone.datetime.fromisoformat(str(tag["data-as-of"]))
        assert as_of.utcoffset() is not None, path
        assert timezone.now() - as_of < timedelta(hours=72), path
        assert re.search(r"[€£$]\d|\d\xa0€", visible(tag)), f"{path}: {tag}"


@pytest.mark.parametrize("path", [PATH, "/lists/magnesium-supplements/", "/lists/accessories/"])
def test_prices_vanish_when_they_are_old(path: str) -> None:
    assert get(path).all("[data-price]")
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        page = get(path)
    assert page.all("[data-price]") == []
    assert "No current price" in page.text
    assert page.all("a.button[rel~=nofollow]"), "the way to the shop stays"


def test_a_programme_may_want_prices_gone_sooner() -> None:
    programme = AffiliateProgramme.objects.get(slug="marktplein-direct")
    offer = Offer.objects.filter(programme=programme, prices__isnull=False).select_related("product").first()
    assert offer is not None
    path = f"/reviews/{offer.product.slug}/"
    Price._base_manager.filter(offer=offer).update(as_of=timezone.now() - timedelta(hours=23), max_age_hours=72)
    assert _price_of(get(path), offer)
    Price._base_manager.filter(offer=offer).update(as_of=timezone.now() - timedelta(hours=25))
    assert not _price_of(get(path), offer)


def _price_of(page: Page, offer: Offer) -> bool:
    rows = [tag for tag in page.all("section[aria-labelledby=offers] tbody tr") if offer.merchant.name in visible(tag)]
    assert len(rows) == 1
    return bool(rows[0].select("[data-price]"))


def test_a_price_from_the_future_is_not_believed() -> None:
    Price._base_manager.filter(offer__product__slug="vintermark-bisglycinate-50").update(
        as_of=timezone.now() + timedelta(hours=1)
    )
    assert get(PATH).all("[data-price]") == []


def test_a_paused_programme_pays_nothing_and_says_nothing() -> None:
    paid = next(offer for offer in Offer.objects.select_related("programme", "product") if offer.is_paid)
    AffiliateProgramme._base_manager.update(is_paused=True)
    assert get(f"/reviews/{paid.product.slug}/").all("[data-aff]") == []
    AffiliateProgramme._base_manager.update(keeps_plain_links=True)
    page = get(f"/reviews/{paid.product.slug}/")
    assert page.all("[data-aff]") == []
    assert "Pays us nothing" in page.text


def test_a_recalled_product_loses_its_shops_and_says_why() -> None:
    Product._base_manager.filter(slug="vintermark-bisglycinate-50").update(
        recalled_on=timezone.localdate(), recall_notice="Glass in one batch."
    )
    page = get(PATH)
    assert "Glass in one batch." in visible(page.one(".recall"))
    assert not page.is_commercial
    assert "Not recommended." in page.text


def test_our_own_brand_is_said() -> None:
    """US-OWN-01, US-DISC-07: in the strip, although no link of the page pays us more for it."""
    Brand._base_manager.filter(products__slug="vintermark-bisglycinate-50").update(owned_by_us=True)
    page = get(PATH)
    assert "We own this brand." in visible(page.one("[data-disclosure=top]"))


def test_a_conflict_is_printed_word_for_word(pages: dict[str, Page]) -> None:
    """US-DISC-12: the newest declaration on the brand counts."""
    statement = "I worked for this brand until May."
    review = Review.objects.select_related("product").get(product__slug="vintermark-bisglycinate-50")
    assert statement not in pages[PATH].text
    ConflictDeclaration.objects.create(
        author=review.author, brand=review.product.brand, declared_on=timezone.localdate(), has_conflict=True,
        statement=statement,
    )  # fmt: skip
    page = get(PATH)
    assert statement in page.text
    assert "declared no conflict of interest with this brand" not in page.text


def test_a_review_that_is_not_published_is_not_there() -> None:
    Review._base_manager.filter(product__slug="vintermark-bisglycinate-50").update(
        publish_at=timezone.now() + timedelta(days=1)
    )
    assert get(PATH).status == 404
    assert PATH not in get("/reviews/").html
    assert PATH not in get("/lists/magnesium-supplements/").html


def test_the_lock_is_printed_under_the_arithmetic(types: dict[str, Page]) -> None:
    day = r"\d{1,2} \w{3} \d{4}"
    said = visible(get("/reviews/harrowbeck-lactate-60/").one("[data-lock]"))
    assert re.fullmatch(
        rf"Score locked on {day}, first paid offer attached on {day} \(entries \d+ and \d+ of the ledger\)\.", said
    ), said
    unpaid = visible(types["a review"].one("[data-lock]"))
    assert re.fullmatch(
        rf"Score locked on {day} \(entry \d+ of the ledger\)\. No paid offer was ever attached\.", unpaid
    )


def test_the_printed_lines_add_up(types: dict[str, Page]) -> None:
    """Weight × score is each line's points, the points are the sum, the sum by the weights is the score."""
    for name in ("a review", "a review of an accessory", "a review with a failed gate"):
        page = types[name]
        total = Decimal(0)
        weights = Decimal(0)
        for row in page.all("table.criteria tbody tr"):
            weight, points = (
                Decimal(visible(row.select(cell)[0])) for cell in (".criteria-weight", ".criteria-points")
            )
            assert weight * Decimal(visible(row.select("[data-score]")[0])) == points, visible(row)
            total, weights = total + points, weights + weight
        line = " ".join(page.one(".arithmetic").get_text(" ").split())
        summed, divided = line.split("=")[1], line.partition("÷")[2]
        assert summed.split()[0] == f"{total.normalize():f}"
        assert divided.split()[0] == f"{weights.normalize():f}"
        exact = Decimal(divided.partition("=")[2].partition(",")[0].strip().rstrip("…"))
        score = Decimal(divided.rpartition(" ")[2])
        assert exact.quantize(Decimal("0.1"), ROUND_HALF_UP) == score
        assert abs(total / weights - exact) < Decimal("0.0001")
        assert page.one(".review-score [data-score]").get_text().startswith(str(score))
