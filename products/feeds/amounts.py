"""Prices as shops write them. What could be read in two ways is refused, never guessed."""

from __future__ import annotations

import re
from decimal import Decimal

from products import pricing

_SIGNS = {"€": "EUR", "£": "GBP", "zł": "PLN", "CHF": "CHF", "kr": "", "¥": ""}
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD"})
_PARTS = re.compile(
    r"(?P<before>[A-Z]{2,3}\s?\$|[A-Z]{3}|[€£$¥]|zł|kr)?\s*(?P<number>[0-9][0-9.,'’\s]*)\s*(?P<after>[A-Z]{3}|[€£$¥]|zł|kr)?"
)
_GROUPS = {".": r"[0-9]{1,3}(?:\.[0-9]{3})+", ",": r"[0-9]{1,3}(?:,[0-9]{3})+"}


def read(text: str, currency: str = "") -> tuple[Decimal, str]:
    """The amount and currency a feed's price means; currency is the feed's, for prices that name none.

    1.234,56 € and €1,234.56 are both read. Raises ValueError, in words for whoever maps the feed, for ranges, packs
    ($12.99/2pk), words (from 9.99), a lone 1.234 (a thousand, or one and a bit?), negative or missing amounts, a
    currency that is missing, unknown or not the one its sign says, and a $ where nothing tells which dollar.
    """
    said = text.replace("\u00a0", " ").replace("\u202f", " ").strip()
    if not said:
        raise ValueError("There is no price.")
    if said.startswith(("-", "−")):
        raise ValueError("A price can't be negative.")
    match = _PARTS.fullmatch(said) if len(said) < 40 else None
    if match is None:
        raise ValueError("This is no single price: write a number and a currency, such as 12.99 EUR.")
    amount = _number(match["number"])
    code = _currency(match["before"], match["after"], currency)
    pricing.validate_amount(amount, code)
    return amount, code


def _number(text: str) -> Decimal:
    digits = re.sub(r"[\s'’]", "", text)
    if re.search(r"[0-9]\s[0-9]", text.strip()) and not re.fullmatch(
        r"[0-9]{1,3}(?:[\s'’][0-9]{3})+(?:[.,][0-9]{1,2})?", text.strip()
    ):
        raise ValueError("The number has gaps in odd places.")
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        point = max(".", ",", key=digits.rfind)
        group = "," if point == "." else "."
        whole, _, rest = digits.rpartition(point)
        if point in whole or not re.fullmatch(_GROUPS[group], whole):
            raise ValueError("Points and commas stand in odd places.")
        return Decimal(f"{whole.replace(group, '')}.{rest or '0'}")
    mark = "." if dots else "," if commas else ""
    if not mark:
        return Decimal(digits)
    if digits.count(mark) > 1:
        if not re.fullmatch(_GROUPS[mark], digits):
            raise ValueError("Points and commas stand in odd places.")
        return Decimal(digits.replace(mark, ""))
    whole, _, rest = digits.partition(mark)
    if len(rest) == 3 and whole != "0" and len(whole) <= 3:
        raise ValueError(f"{digits} may mean a thousand or a fraction: write two decimals.")
    return Decimal(f"{whole}.{rest or '0'}")


def _currency(before: str | None, after: str | None, default: str) -> str:
    found = {_code(sign.strip(), default) for sign in (before, after) if sign}
    if len(found) > 1:
        raise ValueError("It names two currencies.")
    code = found.pop() if found else default
    if not code:
        raise ValueError("The currency is missing: give the feed one, or map its column.")
    if default and code != default:
        raise ValueError(f"It is in {code}, but this row's currency is {default}.")
    return code


def _code(sign: str, default: str) -> str:
    if sign.endswith("$"):
        named = sign[:-1].strip()
        code = {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD"}.get(named, "") if named else default
        if code not in _DOLLARS:
            raise ValueError("It says $, but not which dollar: give the feed its currency.")
        return code
    code = _SIGNS.get(sign, sign)
    if not code:
        raise ValueError(f"{sign} stands for several currencies: write its three letters.")
    return code
