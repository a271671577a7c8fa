"""The slots' calendar: what is booked when, what is free, and bookings that would stand in each other's way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from products.models import Placement, PlacementKind, Slot


@dataclass(frozen=True, slots=True)
class Cell:
    """Some days of a lane: a booking, or a free day (placement None). clashes says that another stands in its way."""

    first: date
    days: int
    placement: Placement | None = None
    clashes: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of a slot: bookings that overlap stand in lanes of their own."""

    slot: Slot
    number: int
    of: int
    cells: tuple[Cell, ...]


def of_month(first: date, days: int) -> list[Lane]:
    """Every slot's lanes for some days from first on, in two queries; bookings by the site's time zone."""
    slots = list(Slot.objects.select_related("topic"))
    booked = list(overlapping(_start(first), _start(first + timedelta(days=days))))
    lanes: list[Lane] = []
    for slot in slots:
        mine = [placement for placement in booked if placement.slot_id == slot.pk]
        rows = _side_by_side(mine, first, days)
        for number, row in enumerate(rows, 1):
            lanes.append(Lane(slot, number, len(rows), tuple(_cells(row, mine, first, days))))
    return lanes


def overlapping(start: datetime, end: datetime) -> QuerySet[Placement]:
    """Bookings that run at any moment from start to before end; an early end counts."""
    rows: QuerySet[Placement] = (
        Placement.objects.annotate(stops=Coalesce("ended_early_at", "ends_at"))
        .filter(starts_at__lt=end, stops__gt=start)
        .select_related("slot", "product")
        .order_by("starts_at", "pk")
    )
    return rows


def clashes(placement: Placement) -> list[Placement]:
    """Bookings in the same slot that overlap with this one: for a button, or a place, one of them stays unseen."""
    if not (placement.slot_id and placement.starts_at and placement.ends_at):
        return []
    others = overlapping(placement.starts_at, placement.until).exclude(pk=placement.pk)
    return [other for other in others.filter(slot=placement.slot_id) if stand_in_the_way(placement, other)]


def stand_in_the_way(one: Placement, other: Placement) -> bool:
    """Whether two overlapping bookings of a slot can't both have what they paid for.

    A call-out shows one ad; of two for one place only one can have it; one product can't be adjusted twice. An ad band
    shows all its ads, one below the other.
    """
    kind = one.slot.kind
    if kind == PlacementKind.BUTTON:
        return True
    if kind == PlacementKind.ORDER:
        return one.target_place == other.target_place or one.product_id == other.product_id
    return kind == PlacementKind.ADJUSTMENT and one.product_id == other.product_id


def last_day(placement: Placement) -> date:
    """The last day on which it runs."""
    return timezone.localdate(placement.until - timedelta(microseconds=1))


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock.min))


def _side_by_side(placements: Iterable[Placement], first: date, days: int) -> list[list[Placement]]:
    """Bookings in as few lines as hold them without touching; one empty line where there is none."""
    lines: list[list[Placement]] = []
    for placement in placements:
        begins = timezone.localdate(placement.starts_at)
        line = next((line for line in lines if last_day(line[-1]) < begins), None)
        if line is None:
            lines.append([placement])
        else:
            line.append(placement)
    return lines or [[]]


def _cells(line: Sequence[Placement], mine: Sequence[Placement], first: date, days: int) -> Iterable[Cell]:
    end = first + timedelta(days=days)
    day = first
    for placement in line:
        begins = max(timezone.localdate(placement.starts_at), first)
        until = min(last_day(placement) + timedelta(days=1), end)
        while day < begins:
            yield Cell(day, 1)
            day += timedelta(days=1)
        clash = any(other.pk != placement.pk and _overlap(placement, other) for other in mine)
        yield Cell(begins, max(1, (until - begins).days), placement, clash)
        day = max(until, begins + timedelta(days=1))
    while day < end:
        yield Cell(day, 1)
        day += timedelta(days=1)


def _overlap(one: Placement, other: Placement) -> bool:
    meets = one.starts_at < other.until and other.starts_at < one.until
    return meets and stand_in_the_way(one, other)
