"""A list's page: the order, what payment did to it, and the way to see it without (promises 1 and 2)."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from products.models import Placement
from reviews import lists
from reviews.models import Ranking, RankingEntry, Review
from reviews.scoring import MissingScore
from tests.pages.reading import Page, get, name_of, visible

ISOLATED, INFLUENCED = "/lists/magnesium-supplements/", "/lists/accessories/"
WITHOUT = f"{INFLUENCED}?order=editorial"
# rules.md section 0. "Not recommended" is a verdict, and the gate's own words.
CLAIMS = re.compile(
    r"\b(?:best|top|#\s?1|number one|(?<!Not )recommended|independent|un-?biased|objective|winner)\b", re.I
)


def names(page: Page) -> list[str]:
    return [visible(tag) for tag in page.all("[data-ranking] li.row:not(.row-none) h3")]


def row(page: Page, product: str) -> str:
    return next(visible(tag) for tag in page.all("[data-ranking] li.row") if product in visible(tag))


def test_it_works(types: dict[str, Page]) -> None:
    page = types["an isolated list"]
    assert len(names(page)) == 8, "ten products, two of which fail a gate"
    assert re.search(r"Keeps first place in \d+ % of the weightings", page.text)
    assert re.search(r"Keeps place 2= in \d+ % of the weightings", page.text)
    assert "Considered and rejected" in page.text
    assert "Who pays us nothing" in page.text


def test_evidence_and_the_free_row_come_before_products(types: dict[str, Page]) -> None:
    for name in ("an isolated list", "an influenced list"):
        evidence, free, first = types[name].order(".evidence", ".row-none", "li.row:not(.row-none)")
        assert -1 < evidence < free < first, name
        assert types[name].one(".row-none").select("[data-score]") == [], "no score, no place"
        assert types[name].one(".row-none").select("[data-aff]") == []


def test_a_failed_gate_stands_unnumbered_below(types: dict[str, Page]) -> None:
    page = types["an isolated list"]
    assert "Lunavesper Night Blend" not in names(page)
    *_, last = (tag for tag in page.all("[data-ranking]"))
    failed = page.one("section[aria-labelledby=failed]")
    assert last in failed.find_all_previous()
    assert "Lunavesper Night Blend" in visible(failed)
    assert "%" in visible(failed), "the reason has its figures"


def test_scores_and_places_are_those_of_the_arithmetic(types: dict[str, Page]) -> None:
    """US-RANK-04: recomputed from the stored scores and weights."""
    standing = lists.load(Ranking.objects.get(slug="magnesium-supplements")).standing
    page = types["an isolated list"]
    assert names(page) == [standing.entries[placed.key].name for placed in standing.placed]
    printed = [Decimal(visible(tag)) for tag in page.all("[data-rank-item] [data-score]")]
    assert printed == [standing.entries[placed.key].score for placed in standing.placed]


def test_an_isolated_list_is_the_same_with_and_without_advertising(types: dict[str, Page]) -> None:
    page = get(f"{ISOLATED}?order=editorial")
    assert names(page) == names(types["an isolated list"])
    assert "Isolated list: no payment can reach order or score" in types["an isolated list"].text
    assert types["an isolated list"].all(".moved, .paid-part, .row-paid") == []


def test_an_influenced_list_is_headed_as_an_advertisement(types: dict[str, Page]) -> None:
    page = types["an influenced list"]
    heading, h1, first = page.order(".money-tag-large", "h1", "li.row")
    assert -1 < heading < first
    assert heading < h1
    assert "Advertisement: order influenced by payment" in page.text
    assert [match[0] for text in (page.text, page.one("title").get_text()) for match in CLAIMS.finditer(text)] == []
    assert page.all("[data-rank-item]") == [], "no editorial ranking"


def test_each_row_says_what_payment_did(types: dict[str, Page]) -> None:
    page = types["an influenced list"]
    for text in (visible(tag) for tag in page.all("li.row-paid")):
        assert re.search(r"Shown place \d=? · Editorial place \d=?", text), text
        assert "Editorial score" in text
    assert "Place booked by Tovemark Oy" in row(page, "Tovemark Cork Ball")
    assert re.search(r"until \d{1,2} \w{3} \d{4}", row(page, "Tovemark Cork Ball"))
    paid = row(page, "Emberlow Heat Pack")
    assert "Paid by Emberlow ApS" in paid
    match = re.search(r"([\d.]+) editorial \+ ([\d.]+) paid = ([\d.]+) shown", paid)
    assert match, paid
    assert Decimal(match[1]) + Decimal(match[2]) == Decimal(match[3])
    assert "Not paid" in row(page, "Arborstep Slant Board")


def test_a_row_says_from_when_to_when_and_how_much_in_either_direction() -> None:
    booked = Placement._base_manager.filter(slug="emberlow-adjustment")
    said = row(get(INFLUENCED), "Emberlow Heat Pack")
    day = r"\d{1,2} \w{3} \d{4}"
    assert re.search(rf"Paid by Emberlow ApS from {day} until {day}", said), said
    booked.update(adjustment=Decimal("-0.3"))
    said = row(get(INFLUENCED), "Emberlow Heat Pack")
    match = re.search(r"([\d.]+) editorial, (-[\d.]+) paid = ([\d.]+) shown", said)
    assert match, said
    assert Decimal(match[1]) + Decimal(match[2]) == Decimal(match[3])


def test_the_large_number_is_the_editorial_one(types: dict[str, Page]) -> None:
    shown, editorial = types["an influenced list"], types["an influenced list without advertising"]
    for product in names(editorial):
        numbers = [
            visible(tag.select("[data-score]")[0])
            for page in (shown, editorial)
            for tag in page.all("[data-ranking] li.row")
            if product in visible(tag)
        ]
        assert numbers[0] == numbers[1], product


def test_one_plain_link_takes_payment_away(types: dict[str, Page]) -> None:
    shown, editorial = types["an influenced list"], types["an influenced list without advertising"]
    ways = [link for link in shown.all("a") if name_of(link) == "Order without advertising"]
    assert {urljoin(INFLUENCED, str(link["href"])) for link in ways} == {WITHOUT}
    assert any(link.find_parent(attrs={"data-disclosure": "top"}) for link in ways), "in the strip, too"
    assert names(shown) != names(editorial)
    standing = lists.load(Ranking.objects.get(slug="accessories")).standing
    assert names(editorial) == [standing.entries[placed.key].name for placed in standing.placed]
    assert "Shown without advertising" in editorial.text
    assert editorial.all(".moved, .paid-part, .slope") == []
    back = [link for link in editorial.all("a") if name_of(link) == "Order as shown with advertising"]
    assert [str(link["href"]) for link in back] == [INFLUENCED]


def test_the_way_without_points_search_engines_to_the_list(types: dict[str, Page]) -> None:
    """SEO-TECH-02."""
    page = types["an influenced list without advertising"]
    assert page.one("link[rel=canonical]")["href"] == f"{settings.SITE_URL}{INFLUENCED}"
    assert page.is_noindex
    assert "noindex" in str(page.one("meta[name=robots]")["content"])


@pytest.mark.parametrize("query", ["order=EDITORIAL", "order=", "order=price", "order[]=editorial", "ORDER=editorial"])
def test_an_order_we_do_not_know_is_the_one_shown(query: str, types: dict[str, Page]) -> None:
    assert names(get(f"{INFLUENCED}?{query}")) == names(types["an influenced list"])


def test_an_ended_placement_is_gone_at_once() -> None:
    before = get(INFLUENCED)
    assert "Emberlow ApS" in before.text
    Placement._base_manager.filter(slug="emberlow-adjustment").update(ends_at=timezone.now() - timedelta(seconds=1))
    after = get(INFLUENCED)
    assert "Emberlow ApS" not in after.text
    assert "Tovemark Oy" in after.text
    assert "editorial, nothing added" in row(after, "Emberlow Heat Pack")


def test_a_placement_cut_short_is_gone_at_once() -> None:
    moment = timezone.now() - timedelta(seconds=1)
    Placement._base_manager.filter(slug="sennholt-band").update(ended_early_at=moment, ended_reason="The seller asked.")
    page = get(ISOLATED)
    assert page.all("[data-ad-slot]") == []
    assert "Sennholt GmbH" not in page.text
    ended = get("/transparency/").one("section[aria-labelledby=past]")
    assert "The seller asked." in visible(ended), "it stays on record"


def test_a_placement_that_nobody_approved_or_that_starts_later_is_not_there() -> None:
    band = Placement._base_manager.filter(slug="sennholt-band")
    band.update(approved_at=None)
    assert get(ISOLATED).all("[data-ad-slot]") == []
    band.update(approved_at=timezone.now(), starts_at=timezone.now() + timedelta(hours=1))
    assert get(ISOLATED).all("[data-ad-slot]") == []


def test_an_advert_ends_with_its_offer() -> None:
    """Its button would lead to a page that says so."""
    offer = Placement.objects.get(slug="sennholt-band").offer
    type(offer)._base_manager.filter(pk=offer.pk).update(is_paused=True)
    assert get(ISOLATED).all("[data-ad-slot]") == []


def test_a_list_that_cannot_be_computed_does_not_pretend_to_be_missing() -> None:
    """A missing score is an error, never a zero and never "no such page"."""
    entry = RankingEntry.objects.filter(ranking__slug="magnesium-supplements").select_related("product__review").first()
    assert entry is not None
    entry.product.review.scores.all()._raw_delete("default")
    with pytest.raises(MissingScore):
        get(ISOLATED)


def test_without_any_placement_an_influenced_list_shows_the_editorial_order(types: dict[str, Page]) -> None:
    Placement._base_manager.update(ends_at=F("starts_at") + timedelta(seconds=1))
    page = get(INFLUENCED)
    assert names(page) == names(types["an influenced list without advertising"])
    assert "Advertisement: order influenced by payment" in page.text, "that is still what may happen here"
    assert "Order without advertising" not in page.text


def test_influenced_lists_exist_only_where_the_site_allows_them(settings: object) -> None:
    settings.ALLOW_INFLUENCED_LISTS = False  # type: ignore[attr-defined]
    assert get(INFLUENCED).status == 404
    assert "Accessories for stretching" not in get("/lists/").text
    assert get("/methodology/accessories/").status == 404
    assert INFLUENCED not in get("/reviews/tovemark-cork-ball/").html


def test_long_lists_go_on_after_a_product(monkeypatch: pytest.MonkeyPatch, types: dict[str, Page]) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 4)
    whole, seen, path = names(types["an isolated list"]), [], ISOLATED
    for _ in range(4):
        page = get(path)
        seen += names(page)
        more = page.all("a[rel=next]")
        if not more:
            break
        path = str(more[0]["href"])
        assert path.startswith(f"{ISOLATED}?after=")
    assert seen == whole
    assert page.is_noindex, "only the first page is indexed"
    assert page.one("link[rel=canonical]")["href"] == f"{settings.SITE_URL}{ISOLATED}"
    assert page.all(".row-none") == [], "the free row stands on the first page"


def test_the_way_without_survives_paging(monkeypatch: pytest.MonkeyPatch, types: dict[str, Page]) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 3)
    first = get(WITHOUT)
    second = get(str(first.all("a[rel=next]")[0]["href"]))
    assert names(first) + names(second) == names(types["an influenced list without advertising"])


def test_an_entry_without_a_published_review_is_left_out() -> None:
    entry = RankingEntry.objects.filter(ranking__slug="magnesium-supplements").select_related("product__review").first()
    assert entry is not None
    assert entry.product.name in names(get(ISOLATED))
    Review._base_manager.filter(product=entry.product).update(retire_at=timezone.now())
    assert entry.product.name not in names(get(ISOLATED))


def test_the_home_page_and_the_index_count_paid_rows(types: dict[str, Page]) -> None:
    paid = len(types["an isolated list"].all("[data-rank-item] [data-aff]"))
    total = len(names(types["an isolated list"]))
    for name in ("home", "lists"):
        labels = [str(tag["aria-label"]) for tag in types[name].all(".squares")]
        assert f"{paid} of {total} rows have a paid link" in labels, name
        assert "Advertisement" in types[name].text
