"""Prices: what a day and 100 mg of elemental magnesium cost, and whether a price is still true."""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

MAX_AMOUNT = Decimal(100_000)
# Clocks of shops and ours differ a little; a price from further ahead than this is a mistake.
CLOCK_SKEW = timedelta(minutes=5)
_CENT = Decimal("0.01")


def days_per_pack(servings: Decimal | int, per_day: Decimal | int) -> Decimal:
    """Days a pack lasts, unrounded = servings a pack / servings a day. Zero or less is a ValueError."""
    return _positive("Servings a pack", servings) / _positive("Servings a day", per_day)


def price_per_day(price: Decimal, servings: Decimal | int, per_day: Decimal | int) -> Decimal:
    """Price of a day's servings in the price's currency, unrounded = price x servings a day / servings a pack.

    Zero or less anywhere is a ValueError.
    """
    daily = _positive("The price", price) * _positive("Servings a day", per_day)
    return daily / _positive("Servings a pack", servings)


def cost_per_100_mg(price: Decimal, servings: Decimal | int, elemental_mg_per_serving: Decimal) -> Decimal:
    """Price of 100 mg of elemental magnesium in the price's currency, unrounded (product.md, The formulas).

    = price / servings a pack / elemental mg a serving x 100. Zero or less anywhere is a ValueError.
    """
    pack_mg = _positive("Servings a pack", servings) * _positive("Elemental mg a serving", elemental_mg_per_serving)
    return _positive("The price", price) * 100 / pack_mg


def to_cents(amount: Decimal) -> Decimal:
    """The amount to print, with two decimals, half-up."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def is_fresh(as_of: datetime, max_age: timedelta, now: datetime) -> bool:
    """Whether a price seen at as_of may be shown now: not older than max_age, not over 5 minutes in the future.

    A naive datetime or a negative max_age is a ValueError.
    """
    if as_of.utcoffset() is None or now.utcoffset() is None:
        raise ValueError("The time of a price needs a time zone.")
    if max_age < timedelta(0):
        raise ValueError("The greatest age of a price can't be negative.")
    return -CLOCK_SKEW <= now - as_of <= max_age


def validate_amount(amount: Decimal, currency: str) -> None:
    """Refuse, with a ValueError an editor understands, an amount or currency that can't be a shop's price.

    The amount is above 0, at most 100000, with at most two decimals (12.500 is 12.5); the currency is three capital
    letters, such as EUR.
    """
    if not amount.is_finite():
        raise ValueError(f"A price must be a number, not {amount}.")
    if amount == 0:
        raise ValueError("A price of 0 is not a price: leave it out instead.")
    if amount < 0:
        raise ValueError(f"A price can't be negative: {amount}.")
    if amount > MAX_AMOUNT:
        raise ValueError(f"A price above {MAX_AMOUNT} is taken for a mistake: {amount}.")
    if amount != to_cents(amount):
        raise ValueError(f"A price has at most two decimals: {amount}.")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError(f"A currency is three capital letters, such as EUR, not “{currency}”.")


def _positive(what: str, value: Decimal | int) -> Decimal:
    number = Decimal(value)
    if not number.is_finite() or number <= 0:
        raise ValueError(f"{what} must be above 0, not {number}.")
    return number
