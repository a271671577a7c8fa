"""Counting paid links: a number for (offer, page, slot, day), nothing about the visitor.

Embedded, a click is one upsert. With Redis it is one increment there, and the worker carries the counters into the
database (products.tallies): a redirect never waits for it, and a click that was answered is kept.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from crawlerdetect import CrawlerDetect
from django.core.signing import Signer
from django.db import DatabaseError, transaction
from django.http.request import HttpHeaders
from django.utils import timezone

from products import tallies
from products.tallies import Place

logger = logging.getLogger(__name__)

_SOURCE = re.compile(r"(?P<page>[a-z]+(?:-[-\w]{1,80})?)\.(?P<slot>[a-z-]{1,30}(?:-[0-9]{1,3})?)~(?P<mark>[-\w]{8})")
_PREFETCHES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


@dataclass(frozen=True, slots=True)
class Source:
    """Where on the site a link stands: page is kind-slug, slot the place on it (in a list with the row: row-3)."""

    page: str
    slot: str

    def __str__(self) -> str:
        return f"{self.page}.{self.slot}~{_mark(self.page, self.slot)}"


def parse(text: str) -> Source | None:
    """The source written in a /go/ address, or None if this site never wrote it.

    The eight characters after ~ are a keyed mark of page and slot: without it anyone could fill the table of counts
    with invented pages. It is the same for every visitor.
    """
    match = _SOURCE.fullmatch(text)
    if match is None or match["mark"] != _mark(match["page"], match["slot"]):
        return None
    return Source(match["page"], match["slot"])


@lru_cache(maxsize=4096)
def _mark(page: str, slot: str) -> str:
    return Signer(salt="products.clicks").signature(f"{page}.{slot}")[:8]


def count(offer_id: int, source: Source) -> None:
    """Add one to today's number of (offer, page, slot): in Redis where there is one, else in one upsert.

    What can't be counted is logged: nobody is kept from a shop by a figure of ours.
    """
    place = Place(offer_id, source.page, source.slot, timezone.localdate())
    try:
        if tallies.add(place):
            return
        with transaction.atomic():
            tallies.upsert({place: 1})
    except DatabaseError:
        logger.exception("A click could not be counted.")


def flush() -> int:
    """Carry what waits in Redis into the database; how many clicks that were (0 without Redis)."""
    return tallies.flush()


def is_machine(headers: HttpHeaders | Mapping[str, str]) -> bool:
    """Whether a request is a browser's prefetch or names a known crawler. Read in memory, never stored."""
    if any("prefetch" in headers.get(name, "") or "preview" in headers.get(name, "") for name in _PREFETCHES):
        return True
    return is_crawler(headers.get("User-Agent", ""))


@lru_cache(maxsize=2048)
def is_crawler(user_agent: str) -> bool:
    """Whether a user agent names a known crawler. Kept in this process's memory only, for speed, never stored."""
    return not user_agent or bool(CrawlerDetect().isCrawler(user_agent[:512]))
