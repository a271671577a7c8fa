"""Elemental magnesium: from a compound's mg, against each market's limit, as it is printed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType

# From this share of the label's figure on, label and calculation disagree (rules.md 13.2, last line).
LABEL_TOLERANCE = Decimal("0.15")
_WHOLE_FROM = Decimal(10)


class Market(StrEnum):
    """A market the site can serve. Each has its own limit for magnesium from supplements."""

    US = "US"
    EU = "EU"
    GB = "GB"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most elemental magnesium from supplements, in mg a day for adults, that a market's source allows for."""

    market: Market
    mg: Decimal
    name: str
    source: str


LIMITS: Mapping[Market, Limit] = MappingProxyType(
    {
        limit.market: limit
        for limit in (
            Limit(Market.US, Decimal(350), "US upper limit", "Institute of Medicine 1997, as given by NIH ODS"),
            Limit(Market.EU, Decimal(250), "EU upper limit", "Scientific Committee on Food 2001"),
            Limit(Market.GB, Decimal(400), "UK guidance level", "Expert Group on Vitamins and Minerals 2003"),
        )
    }
)
"""The limits by market. US and EU are from rules.md 13.1.

GB is the guidance level of the Expert Group on Vitamins and Minerals (2003): general knowledge, not in rules.md,
to be confirmed by a person. It is the mildest of the three, so it decides nothing where another market is served.
"""


def elemental_mg(compound_mg: Decimal, fraction: Decimal) -> Decimal:
    """Elemental magnesium in mg, unrounded = compound mg x fraction of that exact compound (rules.md 13.2).

    compound_mg is 0 or more; fraction is above 0 and at most 1 (0.603 for oxide). Anything else is a ValueError.
    """
    if not compound_mg.is_finite() or compound_mg < 0:
        raise ValueError(f"The amount of a compound must be 0 mg or more, not {compound_mg}.")
    if not fraction.is_finite() or not 0 < fraction <= 1:
        raise ValueError(f"The fraction of magnesium must be above 0 and at most 1, not {fraction}.")
    return compound_mg * fraction


def daily_elemental_mg(parts: Iterable[tuple[Decimal, Decimal]], servings_per_day: Decimal) -> Decimal:
    """Elemental magnesium in mg a day, unrounded: the sum over (compound mg a serving, fraction) x servings a day.

    No parts make 0 mg. Servings a day that are not above 0 are a ValueError, as is any wrong part.
    """
    if not servings_per_day.is_finite() or servings_per_day <= 0:
        raise ValueError(f"Servings a day must be above 0, not {servings_per_day}.")
    per_serving = sum((elemental_mg(compound_mg, fraction) for compound_mg, fraction in parts), Decimal(0))
    return per_serving * servings_per_day


def strictest(markets: Iterable[Market]) -> Limit:
    """The lowest limit of the served markets; no market at all is a ValueError."""
    limits = _limits(markets)
    if not limits:
        raise ValueError("Name at least one market: without one there is no limit.")
    return limits[0]


def percent_of_limit(mg: Decimal, market: Market) -> int:
    """How much of a market's limit mg a day are, in whole per cent, half-up; negative mg are a ValueError."""
    _refuse_negative(mg)
    return int((mg * 100 / LIMITS[market].mg).quantize(Decimal(1), ROUND_HALF_UP))


def exceeds(mg: Decimal, markets: Iterable[Market]) -> tuple[Limit, ...]:
    """The limits that mg a day are over, strictest first; mg equal to a limit are not over it.

    The figure compared is the printed one (round_mg): the fractions have three digits, so 415 mg of oxide compute
    to 250.245 mg, and a row must not say that 250 mg are over 250 mg. Negative mg are a ValueError.
    """
    printed = round_mg(mg)
    return tuple(limit for limit in _limits(markets) if printed > limit.mg)


def label_differs(stated_mg: Decimal, computed_mg: Decimal) -> bool:
    """Whether calculation and label disagree by 15 % of the label's elemental mg or more (rules.md 13.2).

    A label of 0 mg differs from anything above 0. Negative mg are a ValueError.
    """
    _refuse_negative(stated_mg)
    _refuse_negative(computed_mg)
    gap = abs(stated_mg - computed_mg)
    return gap > 0 and gap >= LABEL_TOLERANCE * stated_mg


def round_mg(mg: Decimal) -> Decimal:
    """The mg to print, half-up: whole from 10 mg up, one decimal below. Negative mg are a ValueError."""
    _refuse_negative(mg)
    fine = mg.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return mg.quantize(Decimal(1), ROUND_HALF_UP) if fine >= _WHOLE_FROM else fine


def _limits(markets: Iterable[Market]) -> list[Limit]:
    return sorted((LIMITS[market] for market in set(markets)), key=lambda limit: limit.mg)


def _refuse_negative(mg: Decimal) -> None:
    if not mg.is_finite() or mg < 0:
        raise ValueError(f"An amount of magnesium must be 0 mg or more, not {mg}.")
