"""Products side by side: the order of the address, what differs in words, shops without a placement."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings

from crampinfo.editorial.models import Topic
from products.models import Product
from reviews.models import Review
from tests.pages.reading import Page, get, name_of, visible

ADDRESS = "/compare/"
A, B, C, D, E = (
    *("vintermark-bisglycinate-50", "harrowbeck-lactate-60", "brambeck-oxide-225", "calderwick-citrate-powder"),
    "ostrelle-malate-sachets",
)
FAILED, STRAP = "lunavesper-night-blend", "hollowbrook-stretch-strap"


def compare(*slugs: str) -> Page:
    return get(f"{ADDRESS}?{'&'.join(f'p={slug}' for slug in slugs)}")


def heads(page: Page) -> list[str]:
    return [visible(tag) for tag in page.all("thead th > a")]


def line(page: Page, label: str) -> list[str]:
    (row,) = [
        row
        for row in page.all("tbody tr")
        if row.th and visible(row.th).removesuffix(" differs").removesuffix(" same") == label
    ]
    return [visible(cell) for cell in row.select("td")]


def notices(page: Page) -> list[str]:
    return [visible(tag) for tag in page.all(".notice:not(.care)")]


def test_it_works() -> None:
    page = compare(A, B)
    assert heads(page) == ["Vintermark Bisglycinate 50", "Harrowbeck Lactate 60"]
    assert line(page, "Magnesium a day") == ["100 mg", "120 mg"]
    assert visible(page.one("h1")) == "Two products, side by side"


def test_the_order_is_that_of_the_address() -> None:
    assert heads(compare(B, A, C)) == heads(compare(A, B, C))[1::-1] + heads(compare(C))[:0] + ["Brambeck Oxide 225"]


def test_scores_and_places_are_those_of_review_and_list(types: dict[str, Page]) -> None:
    page = types["two products compared"]
    score = visible(types["a review"].one(".review-score [data-score]")).partition("of")[0].strip()
    assert line(page, "Editorial score, of 10")[0] == score
    row = next(row for row in types["an isolated list"].all("li.row") if "Vintermark Bisglycinate 50" in visible(row))
    place = visible(row.select(".row-place")[0]).removeprefix("Place ").partition(",")[0]
    assert line(page, "Editorial place in: Magnesium supplements")[0] == place


def test_what_differs_is_said_in_words_and_marked() -> None:
    page = compare(A, B)
    for row in page.all("tbody tr:not(.compare-group):not(.compare-buy)"):
        cells = [visible(cell) for cell in row.select("td")]
        assert visible(row.th).endswith(" differs" if len(set(cells)) > 1 else " same"), visible(row)
        assert ("differs" in row["class"]) is (len(set(cells)) > 1)
    said = {visible(row.th).rsplit(" ", 1)[1] for row in page.all("tbody tr:not(.compare-group):not(.compare-buy)")}
    assert said == {"differs", "same"}, "both occur, so the test means something"


def test_it_is_a_table_with_scoped_heads() -> None:
    page = compare(A, B, C, D)
    assert len(page.all("thead th[scope=col]")) == 4
    for row in page.all("tbody tr:not(.compare-group)"):
        assert row.th["scope"] == "row"
        cells = row.select("td")
        assert [str(cell["data-label"]) for cell in cells] == heads(page), "on a phone a line is a card with names"
    assert all(row.th["scope"] == "rowgroup" for row in page.all("tr.compare-group"))


def test_a_failed_gate_says_so() -> None:
    page = compare(A, FAILED)
    assert line(page, "Not recommended")[0] == "–"
    assert "label" in line(page, "Not recommended")[1]
    assert line(page, "Editorial place in: Magnesium supplements")[1] == "no place: a gate keeps it out"


def test_scores_of_two_methodologies_are_not_set_against_each_other() -> None:
    page = compare(A, STRAP)
    assert any("scored by different methodologies" in notice for notice in notices(page))
    labels = [visible(head) for head in page.all(".compare-group th")]
    assert "Score, criterion by criterion" not in labels
    assert "Score, criterion by criterion" in [visible(head) for head in compare(A, B).all(".compare-group th")]
    assert line(page, "Editorial place in: Accessories")[0] == "not on this list"


def test_the_evidence_of_their_list_stands_first() -> None:
    page = compare(A, B)
    assert "little or no effect" in visible(page.one(".dek"))
    first, table = page.order(".dek", "table")
    assert first < table


# --- money ---


def test_paid_links_stand_under_a_disclosure_and_nothing_is_placed() -> None:
    page = compare(B, D)
    strip, link = page.order("[data-disclosure=top]", "a[data-aff]")
    assert -1 < strip < link
    assert page.all("[data-ad-slot]") == []
    assert "No placement is on this page." in page.text
    assert all(link["href"].startswith(("/go/", "http", "/demo-shop/")) for link in page.all("a[data-aff]"))


def test_without_a_paid_link_nothing_is_disclosed() -> None:
    assert compare(A, C).all("[data-disclosure=top]") == []


def test_beside_a_product_on_a_sensitive_topic_nothing_is_sold() -> None:
    sensitive = Topic.objects.filter(sensitive=True).first()
    assert sensitive is not None
    Product.objects.get(slug=A).topics.add(sensitive)
    page = compare(A, B)
    assert not page.is_commercial
    assert "Price a day" not in page.text


# --- addresses ---


@pytest.mark.parametrize(
    ("slugs", "shown", "words"),
    [
        ((A, "no-such-product", B), 2, "The address names a product that has no review here: it was left out."),
        ((A, B, C, D, E), 4, "Four products fit side by side: these are the first four."),
        ((A,), 0, "That is one product: choose another to set beside it."),
        ((A, A), 0, "That is one product: choose another to set beside it."),
        (("<script>",), 0, "The address names a product that has no review here: it was left out."),
    ],
)
def test_addresses_that_name_too_few_too_many_or_nobody(slugs: tuple[str, ...], shown: int, words: str) -> None:
    page = compare(*slugs)
    assert page.status == 200
    assert notices(page) == [words]
    assert len(heads(page)) == shown
    kept = "no-store" not in page.headers.get("Cache-Control", "")
    assert kept is (slugs == (A,)), "only an address that was taken as it stands makes a page to keep"


def test_a_product_named_twice_stands_once() -> None:
    page = compare(A, B, A, B)
    assert heads(page) == heads(compare(A, B))
    assert notices(page) == []


def test_hundreds_of_names_are_no_burden() -> None:
    page = compare(*(f"p{number}" for number in range(900)), A, B)
    assert page.status in (200, 400, 414)
    page = compare(*(f"p{number}" for number in range(80)), A, B)
    assert heads(page) == heads(compare(A, B))
    assert len(page.queries) <= 8


def test_a_review_that_is_not_live_is_not_compared() -> None:
    Review._base_manager.filter(product__slug=A).update(state="draft")
    assert heads(compare(A, B, C)) == ["Harrowbeck Lactate 60", "Brambeck Oxide 225"]


def test_nothing_chosen_leads_to_the_lists(types: dict[str, Page]) -> None:
    page = types["nothing to compare"]
    assert page.all("table") == []
    assert {"/lists/magnesium-supplements/", "/lists/accessories/"} <= {
        str(link["href"]) for link in page.all("main a")
    }


def test_comparisons_are_not_indexed_and_have_one_canonical_address(types: dict[str, Page]) -> None:
    for name in ("two products compared", "four products compared", "nothing to compare"):
        assert types[name].is_noindex
        assert types[name].one("link[rel=canonical]")["href"] == f"{settings.SITE_URL}{ADDRESS}"


# --- ways in and out ---


@pytest.mark.parametrize("view", ["an isolated list", "an influenced list", "a list by own weights", "a filtered list"])
def test_every_row_of_a_list_can_be_ticked(view: str, types: dict[str, Page]) -> None:
    page = types[view]
    form = page.one("form#compare")
    assert (form["action"], form["method"]) == (ADDRESS, "get")
    rows = page.all("[data-ranking] li.row:not(.row-none)")
    boxes = page.all("input[type=checkbox][name=p][form=compare]")
    assert len(boxes) == len(rows) > 0
    for box, row in zip(boxes, rows, strict=True):
        assert visible(row.select("h3")[0]) in visible(box.find_parent("label")), "each tick has a name of its own"
    assert len(heads(compare(*(str(box["value"]) for box in boxes[:3])))) == 3


def test_a_review_leads_to_a_comparison_with_its_alternatives(types: dict[str, Page]) -> None:
    page = types["a review"]
    form = page.one("form#compare")
    hidden = [str(field["value"]) for field in form.select("input[type=hidden][name=p]")]
    others = [str(box["value"]) for box in page.all("input[type=checkbox][name=p][form=compare]")]
    assert hidden == [A]
    assert others == ["harrowbeck-lactate-60", "quillhaven-taurate-45"], "by name"
    assert len(heads(compare(*hidden, *others))) == 3
    assert compare(*hidden).one("select[name=p]")


def test_another_can_be_added_and_one_taken_away() -> None:
    page = compare(A, B, C)
    options = [str(option["value"]) for option in page.all("select[name=p] option")]
    assert D in options
    assert {A, B, C}.isdisjoint(options)
    assert STRAP not in options, "it is scored by another methodology"
    away = [link for link in page.all("thead a") if name_of(link).startswith("remove")]
    assert [parse_qsl(urlsplit(str(link["href"])).query) for link in away] == [
        [("p", B), ("p", C)], [("p", A), ("p", C)], [("p", A), ("p", B)],
    ]  # fmt: skip
    assert compare(A, B, C, D).all("select[name=p]") == [], "four are enough"


def test_supplements_say_what_to_know_before_their_buttons() -> None:
    """HC-10: and accessories, which nobody swallows, do not."""
    safety, *money = compare(A, B).order("[data-safety]", "a.button[href^='/go/']", "a.button[href^='/demo-shop/']")
    assert 0 <= safety < min(place for place in money if place != -1)
    assert compare(STRAP, "kestermoor-foam-roller").all("[data-safety]") == []
