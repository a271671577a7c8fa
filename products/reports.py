"""Clicks and earnings by offer, product, page, slot, place in a list, shop and programme; days and weeks.

Nothing here reads history row by row: sums come from products.totals, details of one offer or page by an index.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from products import totals
from products.models import ClickCount, Conversion, ConversionStatus, Dimension, Offer

_ROW = re.compile(r"-([0-9]+)\Z")
_CENT = Decimal("0.01")


class By(StrEnum):
    """What a report's lines stand for."""

    OFFER = "offer"
    PRODUCT = "product"
    MERCHANT = "merchant"
    PROGRAMME = "programme"
    PAGE = "page"
    SLOT = "slot"
    POSITION = "position"
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: clicks in the period and in the one before, commissions by currency, and what that is a click."""

    key: str
    label: str
    clicks: int
    before: int
    earned: Mapping[str, Decimal]

    @property
    def a_click(self) -> dict[str, Decimal]:
        """Earnings per click by currency, to the cent; empty without clicks."""
        return {code: (amount / self.clicks).quantize(_CENT) for code, amount in self.earned.items() if self.clicks}

    @property
    def change(self) -> int | None:
        """Clicks against the period before, in per cent; None where that had none."""
        return round((self.clicks - self.before) * 100 / self.before) if self.before else None


def lines(by: By, first: date, last: date) -> list[Line]:
    """A report from first to last, both included: most clicked first, then by label; days and weeks in their order.

    At most seven queries.
    """
    span = (last - first).days + 1
    names = _Names()
    clicks = _clicks(by, first, last, names)
    in_time = by in (By.DAY, By.WEEK)
    before = {} if in_time else _clicks(by, first - timedelta(days=span), first - timedelta(days=1), names)
    earned = _earned(by, first, last, names)
    keys = clicks.keys() | earned.keys()
    found = [
        Line(key, names.label(by, key), clicks.get(key, 0), before.get(key, 0), earned.get(key, {})) for key in keys
    ]
    if in_time:
        return sorted(found, key=lambda line: line.key)
    return sorted(found, key=lambda line: (-line.clicks, -sum(line.earned.values(), Decimal(0)), line.label))


class _Names:
    """Offers with what they belong to, read once."""

    def __init__(self) -> None:
        rows = Offer.objects.values_list(
            "pk", "product__name", "product", "merchant__name", "merchant", "programme__name", "programme"
        )
        self.offers = {str(row[0]): row for row in rows}
        self._labels = {
            by: {str(row[column]): str(row[name]) for row in self.offers.values()}
            for by, column, name in ((By.PRODUCT, 2, 1), (By.MERCHANT, 4, 3), (By.PROGRAMME, 6, 5))
        }

    def of(self, by: By, offer: str) -> str:
        """The key under which an offer's numbers go."""
        row = self.offers.get(offer)
        if by is By.OFFER or row is None:
            return offer if row is not None else ""
        return str({By.PRODUCT: row[2], By.MERCHANT: row[4], By.PROGRAMME: row[6] or ""}[by])

    def label(self, by: By, key: str) -> str:
        """What a line is called."""
        if by in (By.PAGE, By.SLOT, By.DAY, By.WEEK):
            return key
        if by is By.POSITION:
            return _("Place %(number)s") % {"number": key} if key else _("outside lists")
        if not key:
            return _("no programme") if by is By.PROGRAMME else _("offers that were deleted")
        if by is By.OFFER:
            row = self.offers[key]
            return f"{row[1]} / {row[3]}"
        return self._labels[by][key]


def _clicks(by: By, first: date, last: date, names: _Names) -> dict[str, int]:
    if by in (By.DAY, By.WEEK):
        counts = days(first, last) if by is By.DAY else weeks(first, last)
        return {day.isoformat(): number for day, number in counts}
    dimension = {By.PAGE: Dimension.PAGE, By.SLOT: Dimension.SLOT, By.POSITION: Dimension.SLOT}.get(by, Dimension.OFFER)
    found: dict[str, int] = defaultdict(int)
    for key, number in totals.by_key(dimension, first, last).items():
        found[_fold(by, key, names)] += number
    return found


def _fold(by: By, key: str, names: _Names) -> str:
    if by in (By.PAGE, By.DAY):
        return key
    if by is By.WEEK:
        return _monday(date.fromisoformat(key)).isoformat()
    if by is By.SLOT:
        return _ROW.sub("", key)
    if by is By.POSITION:
        match = _ROW.search(key)
        return match[1] if match else ""
    return names.of(by, key)


def _earned(by: By, first: date, last: date, names: _Names) -> dict[str, dict[str, Decimal]]:
    in_time = dict.fromkeys((By.DAY, By.WEEK), "happened_on")
    column = {By.PAGE: "page", By.SLOT: "slot", By.POSITION: "slot", **in_time}.get(by, "offer")
    rows = Conversion.objects.filter(happened_on__gte=first, happened_on__lte=last).exclude(
        status=ConversionStatus.REVERSED
    )
    found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for key, code, amount in rows.order_by().values_list(column, "currency").annotate(n=Sum("commission")):
        found[_fold(by, str(key or ""), names)][code] += amount
    return found


def days(first: date, last: date) -> list[tuple[date, int]]:
    """Clicks of every day of the period, days without one included."""
    found = totals.by_day(first, last)
    return [(day, found.get(day, 0)) for day in _every(first, last)]


def weeks(first: date, last: date) -> list[tuple[date, int]]:
    """Clicks of every week that begins in the period or holds its first day, by its Monday; only days of the period."""
    found: dict[date, int] = {}
    for day, number in days(first, last):
        monday = _monday(day)
        found[monday] = found.get(monday, 0) + number
    return sorted(found.items())


def inside(by: By, key: str, first: date, last: date) -> list[tuple[str, str, int]]:
    """What an offer's clicks came from (page, slot), or which offers a page's clicks went to (offer, slot)."""
    rows = ClickCount.objects.filter(day__gte=first, day__lte=last).order_by()
    if by is By.OFFER and key.isdecimal():
        found = rows.filter(offer=int(key)).values_list("page", "slot").annotate(n=Sum("count"))
    elif by is By.PAGE:
        found = rows.filter(page=key).values_list("offer", "slot").annotate(n=Sum("count"))
    else:
        return []
    names = _Names()
    label: Callable[[object], str] = str if by is By.OFFER else lambda offer: names.label(By.OFFER, str(offer))
    told = [(label(one), slot, number) for one, slot, number in found]
    return sorted(told, key=lambda row: (-row[2], row[0], row[1]))


def earned_inside(programme: str, first: date, last: date) -> list[tuple[str, str, int, dict[str, Decimal]]]:
    """What a programme's commissions came from: page, slot, how many, and how much by currency; the most first."""
    if not programme.isdecimal():
        return []
    rows = Conversion.objects.filter(programme=int(programme), happened_on__gte=first, happened_on__lte=last)
    told = rows.exclude(status=ConversionStatus.REVERSED).order_by().values_list("page", "slot", "currency")
    found: dict[tuple[str, str], tuple[int, dict[str, Decimal]]] = {}
    for page, slot, code, number, amount in told.annotate(n=Count("pk"), sum=Sum("commission")):
        count, amounts = found.get((page, slot), (0, {}))
        found[page, slot] = (count + number, amounts | {code: amount})
    lines = [(page, slot, count, amounts) for (page, slot), (count, amounts) in found.items()]
    return sorted(lines, key=lambda line: (-sum(line[3].values(), Decimal(0)), line[0], line[1]))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _every(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
