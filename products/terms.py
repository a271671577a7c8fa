"""What a programme agrees by country and by category, as managers type it: a line each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from crampinfo.lib import urls

_HOST = re.compile(r"(?!www\.)(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,}")
_COUNTRY = re.compile(r"[A-Z]{2}")
MOST = 40


@dataclass(frozen=True, slots=True)
class Marketplace:
    """A shop's site for a country: its host, and the partner code that counts there ('': none)."""

    country: str
    host: str
    code: str

    def words(self) -> str:
        """As it is typed."""
        return " ".join(filter(None, (self.country, self.host, self.code)))


def read_marketplaces(text: str) -> list[Marketplace]:
    """Lines such as "DE shop.example tag-21". Raises ValueError with the line and what to do."""
    found: list[Marketplace] = []
    for line in filter(None, (part.strip() for part in text.splitlines())):
        parts = line.split()
        country, host, code = (*parts, "", "", "")[:3]
        if len(parts) > 3 or not _COUNTRY.fullmatch(country) or not _HOST.fullmatch(host):
            sentence = _("“%(line)s”: write country, host and partner code, such as DE shop.example tag-21.")
            raise ValueError(sentence % {"line": line})
        if any(host == one.host or country == one.country for one in found):
            raise ValueError(_("“%(line)s”: this country or host stands in another line already.") % {"line": line})
        found.append(Marketplace(country, host, code))
    if len(found) > MOST:
        raise ValueError(_("At most %(most)s marketplaces.") % {"most": MOST})
    return found


def stored(marketplaces: Iterable[Marketplace]) -> list[list[str]]:
    """As the database keeps them."""
    return [[one.country, one.host, one.code] for one in marketplaces]


def marketplaces_of(value: object) -> tuple[Marketplace, ...]:
    """What the database kept. Raises ValueError where it is none of that."""
    if not isinstance(value, list) or not all(
        isinstance(row, list) and len(row) == 3 and all(isinstance(cell, str) for cell in row) for row in value
    ):
        raise ValueError(_("Marketplaces are rows of country, host and partner code."))
    return tuple(Marketplace(*row) for row in value)


def at(marketplaces: Iterable[Marketplace], address: str) -> Marketplace | None:
    """The marketplace that an address belongs to."""
    host = (urlsplit(address).hostname or "").lower()
    return next((one for one in marketplaces if urls.belongs_to(host, one.host)), None)


def read_commissions(text: str, categories: Iterable[str]) -> dict[str, str]:
    """Lines such as "supplement 4.5", per cent by category. Raises ValueError with the line and what to do."""
    known, found = list(categories), dict[str, str]()
    for line in filter(None, (part.strip() for part in text.splitlines())):
        category, _space, percent = line.rpartition(" ")
        category = category.strip().casefold()
        if category not in known or category in found:
            sentence = _("“%(line)s”: begin with one of %(known)s, each once, and then write per cent, such as 4.5.")
            raise ValueError(sentence % {"line": line, "known": ", ".join(known)})
        found[category] = str(_percent(percent.replace(",", ".").rstrip("%"), line))
    return found


def _percent(text: str, line: str) -> Decimal:
    try:
        percent = Decimal(text)
    except InvalidOperation:
        percent = Decimal(-1)
    if not (percent.is_finite() and 0 <= percent <= 100 and percent == round(percent, 2)):
        raise ValueError(_("“%(line)s”: per cent are a number from 0 to 100.") % {"line": line})
    return percent


def commission_lines(value: Mapping[str, str]) -> str:
    """As it is typed."""
    return "\n".join(f"{category} {percent}" for category, percent in sorted(value.items()))
