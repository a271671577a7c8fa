"""A day's dose as pages print it: mg, compounds, and its share of each served market's limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from crampinfo.lib.prepared import Prepared
from products import dose
from products.dose import Market
from products.models import Ingredient
from reviews import standing


@dataclass(frozen=True, slots=True)
class MarketShare:
    """A day's dose as a percentage of one market's limit."""

    market: str
    limit_mg: Decimal
    percent: int


@dataclass(frozen=True, slots=True)
class DoseFacts:
    """What a day's servings contain: mg of magnesium, from which compounds, against each market's limit."""

    mg: Decimal
    compounds: tuple[tuple[str, Decimal], ...]
    shares: tuple[MarketShare, ...]


def dose_facts(mg_per_day: Decimal | None, ingredients: Sequence[Ingredient]) -> DoseFacts | None:
    """A day's dose against the limits of the markets served; None where no dose is known."""
    if mg_per_day is None:
        return None
    return DoseFacts(
        mg=dose.round_mg(mg_per_day),
        compounds=tuple((item.compound.name, item.compound_mg) for item in ingredients),
        shares=tuple(
            MarketShare(_(market.value), dose.LIMITS[market].mg, dose.percent_of_limit(mg_per_day, market))
            for market in sorted_markets()
        ),
    )


def sorted_markets() -> list[Market]:
    """The served markets, strictest first."""
    return sorted(standing.markets(), key=lambda market: dose.LIMITS[market].mg)


_held = Prepared(lambda products: Ingredient.objects.filter(product__in=products).select_related("compound"))


def ingredients_of(products: Iterable[int]) -> dict[int, list[Ingredient]]:
    """What a serving of each product holds, by product id, in one query."""
    found: dict[int, list[Ingredient]] = defaultdict(list)
    for item in _held.rows(products=list(products)):
        found[item.product_id].append(item)
    return found


def per_serving(ingredients: Sequence[Ingredient]) -> Decimal | None:
    """mg of magnesium a serving; None where no ingredient is recorded."""
    return sum((item.elemental_mg for item in ingredients), Decimal(0)) if ingredients else None
