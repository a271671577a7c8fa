"""A list of 200 products with 500 past placements and 5,000 entries in the ledger keeps to every list's budgets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crampinfo.editorial import publications
from crampinfo.editorial.models import LedgerEntry
from crampinfo.lib import chain
from products import onrecord as products_onrecord
from products.models import Placement, PlacementKind, Slot
from reviews import lists, onrecord
from reviews.models import Ranking, RankingEntry, Review, Score
from tests.pages import growth, reading
from tests.pages.reading import Page
from tests.standing import rolled_back

ISOLATED, INFLUENCED = "/lists/magnesium-supplements/", "/lists/accessories/"
OWN = "w-price-per-100-mg=10&w-exact-label=2&w-dose-limits=2&w-label-warnings=2&w-load-additives=2"
VIEWS = {
    "as it stands": ISOLATED,
    "the last page": f"{ISOLATED}?after=harrowbeck-lactate-60-x19",
    "by own weights": f"{ISOLATED}?{OWN}",
    "filtered": f"{ISOLATED}?vegan=yes&dose=100&dose=200&form=tablet&form=capsule",
    "both": f"{ISOLATED}?{OWN}&vegan=yes",
    "influenced": INFLUENCED,
    "influenced, without advertising": f"{INFLUENCED}?order=editorial",
    "compared": "/compare/?p=vintermark-bisglycinate-50&p=brambeck-oxide-225-x7&p=harrowbeck-lactate-60-x19",
    "how it is scored": "/methodology/magnesium-supplements/",
    "how we make money": "/transparency/",
    "as of another day": f"{ISOLATED}?as_of={timezone.localdate() - timedelta(days=30)}",
    "influenced, as of another day": f"{INFLUENCED}?as_of={timezone.localdate() - timedelta(days=100)}",
    "its changes": f"{ISOLATED}changes.atom",
    "as data": f"{ISOLATED}list.json",
}
AS_OF = ("as of another day", "influenced, as of another day")
FILES = ("its changes", "as data")
QUERIES, HTML = 8, 15_000  # product.md; with as_of 10; a file is no page and has no budget of bytes


@pytest.fixture(scope="module")
def measured(site: None) -> Iterator[dict[str, Page]]:
    with rolled_back():
        growth.grow(1, 19)
        _past_placements(500)
        _ledger(5000)
        assert Ranking.objects.get(slug="magnesium-supplements").entries.count() == 200
        yield {name: reading.get(path) for name, path in VIEWS.items()}


def _past_placements(number: int) -> None:
    now = timezone.now()
    slot = Slot.objects.get(kind=PlacementKind.ADJUSTMENT, slug="accessories-adjustment")
    products = list(RankingEntry.objects.filter(ranking__slug="accessories").values_list("product", flat=True))
    Placement._base_manager.bulk_create(
        Placement(
            slug=f"past-{turn}", slot=slot, kind=slot.kind, product_id=products[turn % len(products)], advertiser="A",
            approved_by="X", approved_at=now, adjustment="0.1",
            starts_at=now - timedelta(days=turn + 3), ends_at=now - timedelta(days=turn + 2),
        )
        for turn in range(number)
    )  # fmt: skip


def _ledger(number: int) -> None:
    """Everything the lists rest on, then years of scores given again, up to so many entries."""
    made = list(_rests_on())
    products = list(
        RankingEntry.objects.filter(ranking__slug="magnesium-supplements").values_list("product", flat=True)
    )
    weighed = LedgerEntry.objects.filter(kind="methodology", payload__slug="magnesium-supplements").latest("number")
    criteria = sorted(weighed.payload["weights"])
    for turn in range(number - LedgerEntry.objects.count() - len(made)):
        given = {"score": 10**9 + turn, "criterion": criteria[turn % len(criteria)], "value": Decimal(turn % 90) / 10}
        when = {"scored_at": timezone.now(), "evidence": ["label"], "evidence_note": "A pack."}
        made.append(_entry("score", f"product:{products[turn % len(products)]}", given | when))
    LedgerEntry.objects.bulk_create(made)
    assert LedgerEntry.objects.count() == number


def _entry(kind: str, subject: str, facts: dict[str, Any]) -> LedgerEntry:
    return LedgerEntry(kind=kind, subject=subject, payload=chain.plain(facts), reason="The label was read again.")


def _rests_on() -> Iterator[LedgerEntry]:
    """What would have been noted of the copied rows, which were written past every rule."""
    for ranking in Ranking.objects.filter(slug__in=("magnesium-supplements", "accessories")):
        keys = list(ranking.entries.values_list("product", flat=True))
        for key in keys:
            yield _entry("product", f"product:{key}", products_onrecord.product_facts(key) or {})
            yield _entry("listing", f"ranking:{ranking.pk}", {"product": f"product:{key}", "listed": True})
        for score in Score.objects.filter(review__product__in=keys).select_related("criterion", "review"):
            yield _entry("score", f"product:{score.review.product_id}", onrecord.score_facts(score))
        for review in Review.objects.filter(product__in=keys):
            yield _entry("review", f"product:{review.product_id}", publications.dates(review))
        for key in Placement.objects.filter(slot__rankings=ranking).values_list("pk", flat=True):
            yield _entry("placement", f"placement:{key}", products_onrecord.placement_facts(key) or {})


def test_it_works(measured: dict[str, Page]) -> None:
    assert {name: page.status for name, page in measured.items()} == dict.fromkeys(VIEWS, 200)
    rows = measured["by own weights"].all("[data-own-score]")
    assert len(rows) == lists.PAGE_SIZE
    assert "of 160 ranked products" in measured["filtered"].text


def _budget(name: str) -> int:
    return 10 if name in AS_OF else 12 if name == "as data" else QUERIES


def test_queries(measured: dict[str, Page]) -> None:
    assert {name: len(page.queries) for name, page in measured.items() if len(page.queries) > _budget(name)} == {}


def test_weight(measured: dict[str, Page]) -> None:
    assert {name: page.weight for name, page in measured.items() if page.weight > HTML and name not in FILES} == {}


def test_counts_hold_for_all_its_pages(measured: dict[str, Page]) -> None:
    page = measured["as it stands"]
    assert page.all(".tally dd")[0].get_text() == "160"
    assert len(page.one(".squares-large").select("i")) == 160


def test_every_past_placement_can_be_reached(measured: dict[str, Page]) -> None:
    """Fifty a page, none twice, none left out."""
    found: list[str] = []
    page = measured["how we make money"]
    while True:
        rows = page.all("section[aria-labelledby=past] tbody tr")
        assert 0 < len(rows) <= 50
        found += [row.get_text(" ") for row in rows]
        following = page.all("a[rel=next]")
        if not following:
            break
        page = reading.get(str(following[0]["href"]).partition("#")[0])
        assert page.is_noindex
    approved = Placement.objects.filter(approved_at__isnull=False)
    assert len(found) == sum(placement.until <= timezone.now() for placement in approved)
    assert len(found) > 500


@pytest.mark.parametrize("after", ["x", "0", "99999999999", "-1", "٣"])
def test_a_page_of_placements_that_is_none(measured: dict[str, Page], after: str) -> None:
    assert reading.get(f"/transparency/?after={after}").status == 404


def test_changes_are_told_for_thirty_days_at_most(measured: dict[str, Page]) -> None:
    assert 1 <= measured["its changes"].html.count("<entry>") <= 30
