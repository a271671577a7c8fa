"""What a product cost in the past: the lowest price that was read in each week, for readers and for the desk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import CharField, F, Max, Min, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, Now, TruncWeek

from crampinfo.lib import unions
from products.models import Offer, Price

WEEKS = 53
FEWEST = 3  # weeks with a price: fewer are no history
KIND = "price"


@dataclass(frozen=True, slots=True)
class Week:
    """A week by its Monday, with the lowest price that was read in it."""

    monday: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Month:
    """A month with the lowest of its weeks' prices and the highest."""

    first: date
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """The weeks of a year that had a price, oldest first, all in one currency."""

    currency: str
    weeks: tuple[Week, ...]

    @property
    def months(self) -> list[Month]:
        """The same by months, newest first."""
        found: dict[date, list[Decimal]] = defaultdict(list)
        for week in self.weeks:
            found[week.monday.replace(day=1)].append(week.amount)
        return [Month(first, min(found[first]), max(found[first])) for first in sorted(found, reverse=True)]


def columns(product: int) -> QuerySet[Any, dict[str, Any]]:
    """A year of a product's open offers in the columns of crampinfo.lib.unions: a row a week, currency and country.

    Offers of programmes that take their prices from an interface alone are left out: their terms let nobody keep them.
    """
    text = CharField()
    keeps = Q(offer__programme__isnull=True) | Q(offer__programme__manual_prices=True)
    rows: QuerySet[Any, dict[str, Any]] = (
        Price.objects.filter(keeps, offer__in=Offer.objects.active().filter(product=product).values("pk"))
        .filter(as_of__gt=Now() - timedelta(weeks=WEEKS), as_of__lte=Now())
        .order_by()
        .annotate(
            kind=Value(KIND, output_field=text),
            key=Cast(TruncWeek("as_of"), text),
            about=Concat(F("currency"), Value("|"), F("offer__country"), output_field=text),
        )
        .values("kind", "key", "about")
        .annotate(label=Cast(Min("amount"), text))
        .values(*unions.COLUMNS)
    )
    return rows


def read(rows: Iterable[dict[str, Any]], country: str, currency: str) -> PriceHistory | None:
    """The history that rows of columns() tell, for where the reader shops ('' is everywhere); None where it is short.

    Without a chosen currency it is the one that most weeks have.
    """
    by_currency: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for row in rows:
        code, _bar, where = row["about"].partition("|")
        if (country and where not in ("", country)) or (currency and code != currency):
            continue
        monday, amount = date.fromisoformat(row["key"][:10]), Decimal(row["label"]).quantize(Decimal("0.01"))
        weeks = by_currency[code]
        weeks[monday] = min(amount, weeks.get(monday, amount))
    spread = Counter({code: len(weeks) for code, weeks in by_currency.items()})
    code = min(spread, key=lambda one: (-spread[one], one), default="")
    if spread[code] < FEWEST:
        return None
    return PriceHistory(code, tuple(Week(monday, amount) for monday, amount in sorted(by_currency[code].items())))


def of_offer(offer: Offer) -> PriceHistory | None:
    """One offer's history, for the desk: every week that has a price, whatever its programme says."""
    rows = Price.objects.filter(offer=offer, as_of__gt=Now() - timedelta(weeks=WEEKS), as_of__lte=Now()).order_by()
    weeks: Any = rows.annotate(week=TruncWeek("as_of")).values("week")
    found = sorted(weeks.annotate(low=Min("amount"), code=Max("currency")), key=lambda row: row["week"])
    if len(found) < FEWEST:
        return None
    return PriceHistory(found[-1]["code"], tuple(Week(row["week"].date(), row["low"]) for row in found))
