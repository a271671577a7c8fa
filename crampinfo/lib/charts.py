"""Positions for our drawings, in per cent of their box: intervals, dose rulers, slopes, score histories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.utils.formats import get_format, number_format


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

    x: float
    label: str
    is_null: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """An effect with its 95 % interval on an axis. null is where "no difference" stands, if the axis holds it."""

    effect: float
    low: float
    high: float
    null: float | None
    ticks: tuple[Tick, ...]
    value: str
    unit: str
    low_label: str
    high_label: str
    summary: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A limit on a dose ruler."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Ruler:
    """A dose up to value, hatched from over_from to over_to where it passes the lowest limit."""

    value: float
    over_from: float | None
    over_to: float | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class SlopeLine:
    """One product's way from its place without payment to its place with it, in a box 100 wide and 10 a row."""

    path: str
    paid: bool


@dataclass(frozen=True, slots=True)
class Slope:
    """Two orders side by side."""

    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    lines: tuple[SlopeLine, ...]
    height: int


@dataclass(frozen=True, slots=True)
class Point:
    """A score at a moment; anchor is the text's anchor class."""

    x: float
    y: float
    label: str
    date: str
    anchor: str


@dataclass(frozen=True, slots=True)
class ScoreTick:
    """A line of the score axis."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class History:
    """A score, or a price, over time as a step line."""

    path: str
    points: tuple[Point, ...]
    ticks: tuple[ScoreTick, ...]
    summary: str


def signed(value: Decimal) -> str:
    """A number as the page's language writes it: true minus sign, its own decimal mark, no trailing zeros."""
    # + 0: there is no minus zero in print.
    text = f"{value.normalize() + 0:f}".replace(".", str(get_format("DECIMAL_SEPARATOR")))
    return f"−{text[1:]}" if text.startswith("-") else text


def place_on(value: Decimal, low: Decimal, high: Decimal) -> float:
    """Where a value stands between low and high, in per cent, held inside the box."""
    share = (value - low) / (high - low) * 100
    return float(round(min(max(share, Decimal(0)), Decimal(100)), 2))


def interval(
    effect: Decimal, low: Decimal, high: Decimal, axis: tuple[Decimal, Decimal], null: Decimal, words: Mapping[str, str]
) -> Interval:
    """An effect on its axis; words holds value, unit, low_label, high_label and summary."""
    start, end = axis
    step = _tick_step(end - start)
    first = (start / step).to_integral_value(ROUND_CEILING) * step
    values = [first + step * number for number in range(int((end - first) / step) + 1)]
    return Interval(
        effect=place_on(effect, start, end),
        low=place_on(low, start, end),
        high=place_on(high, start, end),
        null=place_on(null, start, end) if start <= null <= end else None,
        ticks=tuple(Tick(place_on(value, start, end), signed(value), value == null) for value in values),
        value=words["value"],
        unit=words["unit"],
        low_label=words["low_label"],
        high_label=words["high_label"],
        summary=words["summary"],
    )


def _tick_step(span: Decimal) -> Decimal:
    """The smallest of 1, 2, 5 (times a power of ten) that needs at most six ticks."""
    step = Decimal("0.01")
    while True:
        for factor in (1, 2, 5):
            if span / (step * factor) <= 5:
                return step * factor
        step *= 10


def ruler(mg: Decimal, limits: Sequence[tuple[str, Decimal]]) -> Ruler:
    """A day's dose in mg against (market, limit) pairs; the ruler ends 15 % beyond the largest of them."""
    end = max([mg, *(limit for _, limit in limits)]) * Decimal("1.15")
    lowest = min(limit for _, limit in limits)
    over = mg > lowest
    return Ruler(
        value=place_on(min(mg, lowest) if over else mg, Decimal(0), end),
        over_from=place_on(lowest, Decimal(0), end) if over else None,
        over_to=place_on(mg, Decimal(0), end) if over else None,
        marks=tuple(Mark(place_on(limit, Decimal(0), end), f"{market} {signed(limit)}") for market, limit in limits),
    )


def slope(before: Sequence[tuple[str, str, str]], after: Sequence[tuple[str, str, str]], paid: set[str]) -> Slope:
    """Two orders as (key, label, name); lines of the keys in paid were bought."""
    seat = {key: number for number, (key, _, _) in enumerate(after)}
    lines = []
    for number, (key, _, _) in enumerate(before):
        start, end = number * 10 + 5, seat[key] * 10 + 5
        lines.append(SlopeLine(f"M0 {start}C40 {start} 60 {end} 100 {end}", key in paid))
    return Slope(
        tuple((label, name) for _, label, name in before),
        tuple((label, name) for _, label, name in after),
        tuple(lines),
        len(before) * 10,
    )


def history(steps: Sequence[tuple[datetime, Decimal, str]], until: datetime, summary: str) -> History:
    """Scores as (moment, score, date in words) up to until; the axis holds whole points around them, two at least."""
    scores = [score for _, score, _ in steps]
    low = max((min(scores) - Decimal("0.3")).to_integral_value(ROUND_FLOOR), Decimal(0))
    high = min(max((max(scores) + Decimal("0.3")).to_integral_value(ROUND_CEILING), low + 2), Decimal(10))
    span = max((until - steps[0][0]).total_seconds(), 1.0)
    points: list[Point] = []
    path = ""
    for moment, score, words in steps:
        x = round((moment - steps[0][0]).total_seconds() / span * 100, 1)
        y = round(100 - place_on(score, low, high), 1)
        path += f"M{x} {y}" if not path else f"H{x}V{y}"
        # Labels of neighbours closer than a sixth of the width would overlap: the later one keeps its words.
        if points and x - points[-1].x < 16:
            points[-1] = Point(points[-1].x, points[-1].y, points[-1].label, "", points[-1].anchor)
        anchor = "start" if x < 10 else "end" if x > 90 else "middle"
        points.append(Point(x, y, number_format(score, 1), words, anchor))
    ticks = tuple(
        ScoreTick(100 - place_on(Decimal(value), low, high), str(value)) for value in range(int(low), int(high) + 1)
    )
    return History(f"{path}H100", tuple(points), ticks, summary)


_DOTS = 16  # points that can be told apart


def prices(
    weeks: Sequence[tuple[date, Decimal]], say: Callable[[Decimal], str], when: Callable[[date], str], summary: str
) -> History:
    """The price of some weeks (by their Mondays, in order) as a step line: each holds until the next one that was read.

    say and when write an amount and a day. The last, the lowest and the highest price are named, the earlier of these
    where two names would overlap; the weeks that were read are dots while there are few.
    """
    amounts = [amount for _, amount in weeks]
    step = _tick_step((max(amounts) - min(amounts)) or max(max(amounts) / 10, Decimal("0.5")))
    low = (min(amounts) / step).to_integral_value(ROUND_FLOOR) * step
    high = max((max(amounts) / step).to_integral_value(ROUND_CEILING) * step, low + step)
    days = (weeks[-1][0] - weeks[0][0]).days + 7
    spots = [
        (round((monday - weeks[0][0]).days / days * 100, 1), round(100 - place_on(amount, low, high), 1))
        for monday, amount in weeks
    ]
    path = "".join(f"H{x}V{y}" if place else f"M{x} {y}" for place, (x, y) in enumerate(spots))
    named = _apart(spots, [len(weeks) - 1, amounts.index(min(amounts)), amounts.index(max(amounts))])
    dated = _apart(spots, [0, len(weeks) - 1])
    shown = range(len(weeks)) if len(weeks) <= _DOTS else sorted({*named, *dated})
    points = tuple(
        Point(
            *spots[place],
            say(amounts[place]) if place in named else "",
            when(weeks[place][0]) if place in dated else "",
            "start" if spots[place][0] < 10 else "end" if spots[place][0] > 90 else "middle",
        )
        for place in shown
    )
    ticks = tuple(
        ScoreTick(round(100 - place_on(low + step * number, low, high), 1), say(low + step * number))
        for number in range(int((high - low) / step) + 1)
    )
    return History(f"{path}H100", points, ticks, summary)


def _apart(spots: Sequence[tuple[float, float]], wanted: Sequence[int]) -> list[int]:
    """Those whose words don't overlap with an earlier one's: a sixth of the width lies between them."""
    found: list[int] = []
    for place in wanted:
        if all(abs(spots[place][0] - spots[other][0]) >= 16 for other in found):
            found.append(place)
    return found
