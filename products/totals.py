"""Running totals of clicks: each finished day is summed once by offer, page and slot; reports read those sums.

Today and yesterday are read row by row: a click may still be on its way into them. A day that gets clicks later (a
database was away for days) is summed again in the transaction that adds them, so that totals and rows never differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Max, Min, Sum
from django.db.models.functions import Cast
from django.utils import timezone

from products.models import ClickCount, ClickTotal, Dimension

_COLUMNS = {Dimension.OFFER: "offer", Dimension.PAGE: "page", Dimension.SLOT: "slot"}
_OPEN_DAYS = 2  # today and yesterday


def summed_until() -> date | None:
    """The last day that is summed; every day up to it is."""
    found: date | None = ClickTotal.objects.filter(dimension=Dimension.ALL).aggregate(last=Max("day"))["last"]
    return found


def roll() -> int:
    """Sum every finished day that is not yet; how many days that were. Stops and goes on where it stopped."""
    done = summed_until()
    first = done + timedelta(days=1) if done else ClickCount.objects.aggregate(first=Min("day"))["first"]
    last = timezone.localdate() - timedelta(days=_OPEN_DAYS)
    days = list(_days(first, last)) if first is not None else []
    for day in days:
        _sum(day)
    return len(days)


def roll_again(days: Iterable[date]) -> None:
    """Sum these days once more, those of them that were summed. Call it in the transaction that changed them."""
    done = summed_until()
    for day in sorted(days):
        if done is not None and day <= done:
            _sum(day)


def by_key(dimension: Dimension, first: date, last: date) -> dict[str, int]:
    """Clicks from first to last, both included, by the keys of a dimension; an offer's key is its number."""
    done = summed_until() or date.min
    found: dict[str, int] = {}
    sums = ClickTotal.objects.filter(dimension=dimension, day__gte=first, day__lte=min(done, last))
    rows = _rows(dimension, max(first, _after(done)), last)
    for key, number in [*sums.order_by().values_list("key").annotate(n=Sum("count")), *rows]:
        found[key] = found.get(key, 0) + number
    return found


def by_day(first: date, last: date) -> dict[date, int]:
    """Clicks of each day from first to last that had any."""
    done = summed_until() or date.min
    sums = ClickTotal.objects.filter(dimension=Dimension.ALL, day__gte=first, day__lte=min(done, last), count__gt=0)
    found = dict(sums.order_by().values_list("day", "count"))
    rows = ClickCount.objects.filter(day__gte=max(first, _after(done)), day__lte=last).order_by()
    return found | dict(rows.values_list("day").annotate(n=Sum("count")))


def by_key_and_day(dimension: Dimension, first: date, last: date, keys: Iterable[str]) -> dict[tuple[str, date], int]:
    """Clicks of each day by some keys of a dimension."""
    done = summed_until() or date.min
    wanted = list(keys)
    sums = ClickTotal.objects.filter(dimension=dimension, day__gte=first, day__lte=min(done, last), key__in=wanted)
    found = {(key, day): number for key, day, number in sums.order_by().values_list("key", "day", "count")}
    column = _COLUMNS[dimension]
    rows = ClickCount.objects.filter(day__gte=max(first, _after(done)), day__lte=last, **{f"{column}__in": wanted})
    for key, day, number in rows.order_by().values_list(column, "day").annotate(n=Sum("count")):
        found[str(key), day] = number
    return found


def _rows(dimension: Dimension, first: date, last: date) -> list[tuple[str, int]]:
    rows = ClickCount.objects.filter(day__gte=first, day__lte=last).order_by()
    return [(str(key), number) for key, number in rows.values_list(_COLUMNS[dimension]).annotate(n=Sum("count"))]


@transaction.atomic
def _sum(day: date) -> None:
    old = ClickTotal.objects.filter(day=day)
    old._raw_delete(old.db)  # nobody hears of it: no page shows these numbers
    rows: Any = ClickCount.objects.filter(day=day).order_by()
    made = [ClickTotal(day=day, dimension=Dimension.ALL, key="", count=rows.aggregate(n=Sum("count"))["n"] or 0)]
    for dimension, column in _COLUMNS.items():
        keyed = rows.annotate(which=Cast(column, CharField())).values_list("which").annotate(n=Sum("count"))
        made += [ClickTotal(day=day, dimension=dimension, key=key, count=number) for key, number in keyed]
    ClickTotal.objects.bulk_create(made, batch_size=200)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _after(day: date) -> date:
    return day + timedelta(days=1)
