"""A list as a reader weighs and filters it: sorted by the server, shared by its address, without any placement."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings

from products.models import Product
from reviews import lists
from reviews.models import Criterion
from tests.pages.reading import Page, get, name_of, visible

ISOLATED, INFLUENCED = "/lists/magnesium-supplements/", "/lists/accessories/"
CHEAP = f"{ISOLATED}?w-exact-label=0&w-dose-limits=0&w-price-per-100-mg=10&w-label-warnings=0&w-load-additives=0"
SENTENCE = "No placement is in this view: no ad, no paid place, no paid points."
PLACEMENT = "[data-ad-slot], .moved, .paid-part, .paid-by, .row-paid, .slope"


def names(page: Page) -> list[str]:
    return [visible(tag) for tag in page.all("[data-ranking] li.row:not(.row-none) h3")]


def own(page: Page) -> list[Decimal]:
    return [Decimal(visible(tag)) for tag in page.all("[data-own-score]")]


def notices(page: Page) -> list[str]:
    return [visible(tag) for tag in page.all(".view .notice")]


def test_it_works() -> None:
    """By price alone the order is that of the price scores."""
    page = get(CHEAP)
    assert names(page)[0] == "Brambeck Oxide 225"
    assert own(page) == sorted(own(page), reverse=True)
    assert len(own(page)) == 8


def test_both_scores_and_places_stand_on_each_row(types: dict[str, Page]) -> None:
    page, plain = types["a list by own weights"], types["an isolated list"]
    for row in page.all("[data-ranking] li.row:not(.row-none)"):
        said = visible(row)
        assert re.search(r"Your place \d+=?", said), said
        assert re.search(r"Editorial score \d+\.\d , place \d=?|Editorial score \d+\.\d, place \d=?", said), said
    editorial = {
        visible(row.select("h3")[0]): visible(row.select("[data-score]")[0])
        for row in plain.all("li.row[data-rank-item]")
    }
    for row in page.all("[data-ranking] li.row:not(.row-none)"):
        assert visible(row.select("[data-score]")[0]) == editorial[visible(row.select("h3")[0])]


@pytest.mark.parametrize("view", ["a list by own weights", "a filtered list", "an influenced list by own weights"])
def test_no_placement_and_a_sentence_that_says_so(view: str, types: dict[str, Page]) -> None:
    page = types[view]
    assert page.all(PLACEMENT) == []
    assert SENTENCE in page.text
    assert "Sennholt GmbH" not in page.text
    assert "Tovemark Oy" not in page.text
    assert page.all("a[href='/lists/magnesium-supplements/'], a[href='/lists/accessories/']"), "the way back"


def test_the_list_as_it_stands_has_placements_and_no_such_sentence(types: dict[str, Page]) -> None:
    for name in ("an isolated list", "an influenced list"):
        assert types[name].all(PLACEMENT)
        assert SENTENCE not in types[name].text


def test_paid_links_stay_marked_under_their_disclosure(types: dict[str, Page]) -> None:
    page = types["a list by own weights"]
    strip, link = page.order("[data-disclosure=top]", "a[data-aff]")
    assert -1 < strip < link
    assert "paid for the space" not in visible(page.one("[data-disclosure=top]")), "only what is true of this view"


def test_an_influenced_list_by_own_weights_is_still_headed_as_an_advertisement(types: dict[str, Page]) -> None:
    page = types["an influenced list by own weights"]
    assert "Advertisement: order influenced by payment" in page.text
    assert "Shown without advertising" in page.text
    assert page.all("[data-rank-item]") == []


def test_every_view_points_search_engines_to_the_list(types: dict[str, Page]) -> None:
    for view, path in (
        ("a list by own weights", ISOLATED),
        ("a filtered list", ISOLATED),
        ("an influenced list by own weights", INFLUENCED),
    ):
        page = types[view]
        assert page.one("link[rel=canonical]")["href"] == f"{settings.SITE_URL}{path}", view
        assert page.is_noindex, view
        assert page.graph == [], view


def test_the_form_holds_the_weights_and_sends_them_again(types: dict[str, Page]) -> None:
    """Without a script: a plain form whose address gives the same page."""
    form = types["a list by own weights"].one("form[data-weights]")
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    assert fields == {
        "w-exact-label": "2", "w-dose-limits": "2", "w-price-per-100-mg": "10", "w-label-warnings": "2",
        "w-load-additives": "2",
    }  # fmt: skip
    assert form["method"] == "get"
    plain = {
        str(field["name"]): str(field["value"]) for field in get(ISOLATED).one("form[data-weights]").select("input")
    }
    assert list(plain.values()) == ["6", "5", "4", "3", "2"], "ours, 30 to 10, on a scale of 10"


def test_our_own_weights_typed_give_our_own_order(types: dict[str, Page]) -> None:
    form = types["an isolated list"].one("form[data-weights]")
    query = "&".join(f"{field['name']}={field['value']}" for field in form.select("input"))
    page = get(f"{ISOLATED}?{query}")
    assert names(page) == names(types["an isolated list"])
    assert own(page) == [
        Decimal(visible(tag)) for tag in types["an isolated list"].all("[data-rank-item] [data-score]")
    ]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("w-price-per-100-mg=99", "“Price per 100 mg”: a weight goes up to 10, so it weighs 10."),
        ("w-price-per-100-mg=" + "9" * 300, "“Price per 100 mg”: a weight goes up to 10, so it weighs 10."),
        ("w-dose-limits=5&w-label-warnings=-3", "“Warnings on the label”: a weight can't be below 0, so it weighs 0."),
        ("w-price-per-100-mg=much", "“Price per 100 mg”: that was not a number, so it weighs 4, as it does for us."),
        ("w-dose-limits=0", "Every weight was 0, which leaves nothing to order by: this is the list as it stands."),
        ("w-softness=4", "The address weighs something that this list does not score: that was left out."),
        ("form=gummy", "No product here fits one of the filters in the address: that filter was left out."),
    ],
)  # fmt: skip
def test_bad_and_huge_numbers_are_clamped_with_a_notice(query: str, words: str) -> None:
    page = get(f"{ISOLATED}?{query}")
    assert notices(page) == [words]
    assert page.headers["Cache-Control"] == "no-store", "a page for one odd address is not kept"


def test_an_address_taken_as_it_stands_makes_a_page_to_keep(types: dict[str, Page]) -> None:
    for view in ("a list by own weights", "a filtered list", "an isolated list", "two products compared"):
        assert "no-store" not in types[view].headers.get("Cache-Control", ""), view
    assert "no-store" in types["an influenced list by own weights"].headers["Cache-Control"], "99 was clamped"


def test_presets_are_links_to_views(types: dict[str, Page]) -> None:
    page = types["an isolated list"]
    ready = {name_of(link): str(link["href"]) for link in page.all(".view-ready a")}
    assert list(ready) == [
        "A small dose matters most",
        "Price matters most",
        "Certified by a third party",
        "Your own weights",
    ]
    weights = dict(parse_qsl(urlsplit(ready["Price matters most"]).query))
    assert weights.pop("w-price-per-100-mg") == "10"
    assert set(weights.values()) == {"2"}
    assert urlsplit(ready["Certified by a third party"]).query == "certified=yes"
    current = types["a list by own weights"].all(".view-ready [aria-current]")
    assert [name_of(link) for link in current] == ["Price matters most"]


def test_a_preset_is_the_editors_to_name() -> None:
    Criterion.objects.filter(slug="price-per-100-mg").update(preset="")
    assert "Price matters most" not in get(ISOLATED).text


# --- filters ---


def counts(page: Page) -> dict[str, int]:
    """What each option says it would show."""
    found = {}
    for label in page.all(".filters label"):
        box = label.select("input")[0]
        match = re.search(r"\((\d+)\)$", visible(label))
        assert match, visible(label)
        found[f"{box['name']}={box['value']}"] = int(match[1])
    return found


def test_every_filter_shows_as_many_as_it_says() -> None:
    said = counts(get(ISOLATED))
    assert {name.partition("=")[0] for name in said} == {
        "form",
        "compound",
        "dose",
        "price",
        "certified",
        "vegan",
        "limit",
    }
    for option, number in said.items():
        page = get(f"{ISOLATED}?{option}")
        assert len(names(page)) == number, option
        assert f"{number} of 8 ranked products" in page.text


def test_filters_combine_and_count_beside_each_other() -> None:
    page = get(f"{ISOLATED}?vegan=yes")
    for option, number in counts(page).items():
        if option != "vegan=yes":
            assert len(names(get(f"{ISOLATED}?vegan=yes&{option}"))) == number, option
    either = get(f"{ISOLATED}?form=tablet&form=powder")
    assert len(names(either)) == len(names(get(f"{ISOLATED}?form=tablet"))) + len(names(get(f"{ISOLATED}?form=powder")))


def test_places_are_those_of_the_whole_list(types: dict[str, Page]) -> None:
    page, plain = get(f"{ISOLATED}?form=powder"), types["an isolated list"]
    (row,) = page.all("li.row[data-rank-item]")
    (same,) = [other for other in plain.all("li.row[data-rank-item]") if visible(other.select("h3")[0]) in visible(row)]
    assert visible(row.select(".row-place")[0]) == visible(same.select(".row-place")[0])


def test_filters_that_leave_nothing_say_so() -> None:
    page = get(f"{ISOLATED}?form=powder&form=liquid&compound=oxide")
    assert names(page) == []
    assert "No product fits all of these filters. Take one away." in page.text
    assert page.all("a[href='?']"), "and the way to clear them"


def test_weights_and_filters_go_together_in_one_address() -> None:
    page = get(f"{CHEAP}&vegan=yes")
    assert set(names(page)) == set(names(get(f"{ISOLATED}?vegan=yes")))
    assert names(page) == [name for name in names(get(CHEAP)) if name in names(page)]
    weights, narrowed = page.one("form[data-weights]"), page.one("form.filters")
    assert [str(field["value"]) for field in weights.select("input[type=hidden][name=vegan]")] == ["yes"]
    assert [str(field["value"]) for field in narrowed.select("input[type=hidden][name=w-price-per-100-mg]")] == ["10"]
    assert page.one("details.view-filters").has_attr("open")


def test_long_views_go_on_after_a_product(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = names(get(f"{CHEAP}&vegan=yes"))
    monkeypatch.setattr(lists, "PAGE_SIZE", 4)
    first = get(f"{CHEAP}&vegan=yes")
    address = str(first.one("a[rel=next]")["href"])
    assert names(first) + names(get(address)) == whole
    assert get(f"{CHEAP}&vegan=yes&after=ostrelle-malate-sachets").status in (200, 404)
    assert get(f"{ISOLATED}?form=powder&after=brambeck-oxide-225").status == 404, "it is not in this view"


def test_a_failed_gate_stays_below_whatever_is_chosen() -> None:
    page = get(f"{CHEAP}&vegan=yes")
    assert "Lunavesper Night Blend" not in names(page)
    assert "Lunavesper Night Blend" in visible(page.one("section[aria-labelledby=failed]"))


def test_a_price_that_went_stale_moves_a_product_into_the_band_of_none() -> None:
    said = counts(get(ISOLATED))
    assert "price=none" not in said
    product = Product.objects.get(slug="harrowbeck-lactate-60")
    for offer in product.offers.all():
        offer.prices.model._base_manager.filter(offer=offer).update(max_age_hours=1, as_of="2026-01-01T00:00:00Z")
    assert counts(get(ISOLATED))["price=none"] == 1
    assert names(get(f"{ISOLATED}?price=none")) == ["Harrowbeck Lactate 60"]


# --- the numbers at the top ---


def tally(page: Page) -> dict[str, int]:
    return {visible(cell.select("dt")[0]): int(visible(cell.select("dd")[0])) for cell in page.all(".tally div")}


def test_the_numbers_at_the_top(types: dict[str, Page]) -> None:
    page = types["an isolated list"]
    assert tally(page) == {"ranked": 8, "not recommended": 2, "considered and rejected": 3, "pay us nothing": 3}
    for link in page.all(".tally a"):
        assert page.all(str(link["href"])), link["href"]
    assert len(page.all("section[aria-labelledby=rejected] tbody tr")) == 3
    assert all(visible(row.select("td")[0]) for row in page.all("section[aria-labelledby=rejected] tbody tr")), (
        "with reasons"
    )


def test_who_paid_for_a_place_does_not_count_as_paying_nothing(types: dict[str, Page]) -> None:
    influenced = tally(types["an influenced list"])["pay us nothing"]
    assert tally(types["an influenced list by own weights"])["pay us nothing"] == influenced, "in every view the same"
    before = influenced
    ball = Product.objects.get(slug="tovemark-cork-ball")
    ball.offers.update(programme=None)
    assert tally(get(INFLUENCED))["pay us nothing"] == before, "a booked place is payment, too"
