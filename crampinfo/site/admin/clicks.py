"""Clicks on counted links by day and slot, as a chart that is drawn with whole numbers and a table behind it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum
from django.utils import timezone

from products.models import ClickCount

WIDTH, HEIGHT, LEFT, TOP, BASE = 660, 236, 36, 40, 196
_ROW = re.compile(r"-[0-9]+\Z")  # row-3 is the third row of a list
_STEPS = (1, 2, 5, 10, 20, 25, 50)


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: its column in the drawing and its number."""

    day: date
    count: int
    x: float
    y: float
    width: float
    height: float
    middle: float
    labelled: bool
    extreme: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A grid line with its number."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Slot:
    """What one slot brought."""

    name: str
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class Clicks:
    """The chart and its tables."""

    days: int
    total: int
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    slots: tuple[Slot, ...]
    lowest: Bar | None
    highest: Bar | None


def last_days(days: int) -> Clicks:
    """The last days up to today, days without a click included."""
    last = timezone.localdate()
    first = last - timedelta(days=days - 1)
    rows = ClickCount.objects.filter(day__gte=first, day__lte=last).order_by()
    by_day = dict(rows.values_list("day").annotate(n=Sum("count")))
    by_slot: Counter[str] = Counter()
    for name, count in rows.values_list("slot").annotate(n=Sum("count")):
        by_slot[_ROW.sub("", name)] += count
    counts = [(first + timedelta(days=number), by_day.get(first + timedelta(days=number), 0)) for number in range(days)]
    return chart(counts, by_slot)


def chart(counts: list[tuple[date, int]], by_slot: Mapping[str, int]) -> Clicks:
    """The drawing of some days or weeks (at least one), and the table of what each slot brought."""
    total = sum(count for _day, count in counts)
    top = scale(max(count for _day, count in counts))
    bars = _bars(counts, top)
    slots = tuple(
        Slot(name, count, round(count * 100 / total) if total else 0)
        for name, count in sorted(by_slot.items(), key=lambda item: -item[1])[:6]
    )
    lines = tuple(Line(_height(top * part // 4, top), str(top * part // 4)) for part in range(5)) if total else ()
    extremes = [bar for bar in bars if bar.extreme]
    lowest = min(extremes, key=lambda bar: bar.count, default=None)
    highest = max(extremes, key=lambda bar: bar.count, default=None)
    return Clicks(len(counts), total, bars, lines, slots, lowest, highest)


def scale(most: int) -> int:
    """A round number above most that four steps divide."""
    size = 1
    while True:
        for step in _STEPS:
            if 4 * step * size >= most:
                return 4 * step * size
        size *= 100


def _height(count: int, top: int) -> float:
    return round(BASE - (BASE - TOP) * count / top, 1)


def _bars(counts: list[tuple[date, int]], top: int) -> tuple[Bar, ...]:
    column = (WIDTH - LEFT - 8) / len(counts)
    numbers = [count for _day, count in counts]
    high, low = max(numbers), min(numbers)
    shown = {numbers.index(high), numbers.index(low)} if high != low else set()
    return tuple(
        Bar(
            day=day,
            count=count,
            x=round(LEFT + column * place + column * 0.16, 1),
            y=_height(count, top),
            width=round(column * 0.68, 1),
            height=round(BASE - _height(count, top), 1),
            middle=round(LEFT + column * (place + 0.5), 1),
            labelled=(len(counts) - 1 - place) % max(5, -(-len(counts) // 12)) == 0,
            extreme=place in shown,
        )
        for place, (day, count) in enumerate(counts)
    )
