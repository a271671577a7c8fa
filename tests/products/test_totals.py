"""Running totals: what reports read instead of history says exactly what history says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from products import tallies, totals
from products.models import ClickCount, ClickTotal, Dimension, Offer
from products.tallies import Place
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def offers() -> list[Offer]:
    return [factories.offer(factories.product(f"p-{number}")) for number in range(3)]


@pytest.fixture
def history(offers: list[Offer]) -> date:
    """Forty days up to today, one of them without a click; gives the first."""
    today = timezone.localdate()
    for back in range(40):
        if back == 20:
            continue
        for number, offer in enumerate(offers):
            for page, slot in (("list-a", "row-1"), ("review-b", "offers")):
                ClickCount.objects.create(
                    offer=offer, page=page, slot=slot, day=today - timedelta(days=back), count=back + number + 1
                )
    return today - timedelta(days=39)


def from_rows(column: str, first: date, last: date) -> dict[str, int]:
    rows = ClickCount.objects.filter(day__gte=first, day__lte=last).order_by().values_list(column)
    return {str(key): number for key, number in rows.annotate(n=Sum("count"))}


def test_it_works(history: date) -> None:
    assert totals.roll() == 38
    assert totals.summed_until() == timezone.localdate() - timedelta(days=2)
    assert totals.roll() == 0


@pytest.mark.parametrize("rolled", [False, True])
@pytest.mark.parametrize(("back", "until"), [(39, 0), (39, 5), (10, 0), (1, 0), (0, 0), (30, 20), (100, 50)])
def test_they_say_what_the_rows_say(history: date, rolled: bool, back: int, until: int) -> None:
    if rolled:
        totals.roll()
    first, last = timezone.localdate() - timedelta(days=back), timezone.localdate() - timedelta(days=until)
    for dimension, column in ((Dimension.OFFER, "offer"), (Dimension.PAGE, "page"), (Dimension.SLOT, "slot")):
        assert totals.by_key(dimension, first, last) == from_rows(column, first, last)
    by_day = totals.by_day(first, last)
    assert {str(day): number for day, number in by_day.items()} == from_rows("day", first, last)
    found = totals.by_key_and_day(Dimension.PAGE, first, last, ["list-a"])
    assert sum(found.values()) == from_rows("page", first, last).get("list-a", 0)


def test_clicks_that_come_late_are_in_both(offers: list[Offer], history: date) -> None:
    totals.roll()
    day = timezone.localdate() - timedelta(days=20)
    place = Place(offers[0].pk, "list-a", "row-1", day)
    tallies._store("late", {place: 7})
    assert totals.by_day(day, day) == {day: 7}
    assert totals.by_key(Dimension.OFFER, day, day) == {str(offers[0].pk): 7}


def test_a_batch_is_added_once(offers: list[Offer]) -> None:
    place = Place(offers[0].pk, "list-a", "row-1", timezone.localdate())
    assert [tallies._store("b", {place: 7}) for _ in range(2)] == [7, 0]
    assert ClickCount.objects.get().count == 7


def test_a_day_without_clicks_is_summed_too(history: date) -> None:
    totals.roll()
    empty = ClickTotal.objects.filter(day=timezone.localdate() - timedelta(days=20))
    assert [(row.dimension, row.count) for row in empty] == [("all", 0)]


def test_reports_read_no_finished_day_row_by_row(history: date, django_assert_num_queries: Any) -> None:
    totals.roll()
    ClickCount.objects.filter(day__lt=timezone.localdate() - timedelta(days=1))._raw_delete("default")
    assert len(totals.by_day(history, timezone.localdate())) == 39
    with django_assert_num_queries(3):
        totals.by_key(Dimension.PAGE, history, timezone.localdate())
