"""Links of ThirstyAffiliates and Pretty Links: their CSV exports come in, and their old addresses lead on.

Each row names an old address of this site and a shop's address. Where one of our offers has that address, the old one
becomes a redirect to our counted link; a row without an offer is reported, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO
from urllib.parse import unquote, urlsplit

from django.contrib.redirects.models import Redirect
from django.db import transaction
from django.urls import Resolver404, resolve, reverse

from crampinfo.editorial import redirects
from crampinfo.lib import urls
from products.clicks import Source
from products.feeds import reading
from products.feeds.reading import FeedError, Raw
from products.models import Offer
from products.models.programme import all_hosts

# What the two exports call their columns, the likeliest first.
_TARGET = ("destination url", "destination_url", "target_url", "target url", "url", "link destination")
_OLD = ("cloaked url", "cloaked_url", "pretty link", "pretty_link", "link", "slug", "permalink")
_NAME = ("name", "link name", "title", "post_title")
PREFIXES = ("", "go", "recommends", "refer", "out", "link")
_PAGE = "old"
_GO = re.compile(r"/go/([0-9]{1,18})/")
COLUMNS = ("link name", "cloaked url", "destination url", "country")
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: lead (to which offer), kept (it led there already), or why not."""

    row: int
    name: str
    old: str
    target: str
    offer: Offer | None = None
    kept: bool = False
    reason: str = ""


def read(file: IO[bytes], prefix: str, *, trial: bool) -> list[Outcome]:
    """Take an export in; a dry run stores nothing. prefix is the folder of old addresses where rows hold slugs alone.

    Raises FeedError where the file can't be read, or has no such columns.
    """
    shops, offers = all_hosts(), _offers()
    found: list[Outcome] = []
    with transaction.atomic():
        for raw in reading.read(file, "csv"):
            if raw.number == 1 and not raw.trouble:
                _check(raw)
            if raw.number > MOST_ROWS:
                raise FeedError(f"The file has more than {MOST_ROWS} rows: split it.")
            found.append(_take(raw, prefix, shops, offers))
        if trial:
            transaction.set_rollback(True)
    return found


def kept() -> list[tuple[str, str, str, str]]:
    """Old addresses that lead to our counted links, as read() takes them: name, old address, destination, country."""
    rows = Redirect.objects.filter(new_path__startswith="/go/", new_path__contains=f"/{_PAGE}.").order_by("old_path")
    led = [(row.old_path, match) for row in rows if (match := _GO.match(row.new_path))]
    numbers = {int(match[1]) for _old, match in led}
    offers = Offer.objects.select_related("product", "merchant").in_bulk(numbers)
    found = [(old, offers[int(match[1])]) for old, match in led if int(match[1]) in offers]
    return [(f"{offer.product.name} / {offer.merchant.name}", old, offer.url, offer.country) for old, offer in found]


def _check(raw: Raw) -> None:
    if not _first(raw.columns, _TARGET) or not _first(raw.columns, _OLD):
        raise FeedError("This is neither export: it needs a column of old links and one of destinations.")


def _take(raw: Raw, prefix: str, shops: list[str], offers: Mapping[str, Offer]) -> Outcome:
    said = raw.columns
    name, target = said.get(_first(said, _NAME), ""), said.get(_first(said, _TARGET), "")
    old = _old_path(said.get(_first(said, _OLD), ""), prefix)
    outcome = Outcome(raw.number, name[:120], old, target[:300])
    problem = raw.trouble or _problem(old) or urls.problem_with(target)
    if problem:
        return _refused(outcome, problem)
    offer = offers.get(target) or offers.get(_bare(target))
    if offer is None:
        known = any(urls.belongs_to(urls.host_of(target), shop) for shop in shops)
        why = "We have the shop, but no offer with this address." if known else "We have no such shop."
        return _refused(outcome, f"{why} Make the offer, then read the file again.")
    new = reverse("go", args=[offer.pk, str(Source(_PAGE, "link"))])
    if Redirect.objects.filter(old_path=old, new_path=new).exists():
        return Outcome(raw.number, outcome.name, old, outcome.target, offer, kept=True)
    redirects.leave(old, new)
    return Outcome(raw.number, outcome.name, old, outcome.target, offer)


def _refused(outcome: Outcome, reason: str) -> Outcome:
    return Outcome(outcome.row, outcome.name, outcome.old, outcome.target, reason=reason)


def _first(columns: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((name for name in names if name in columns), "")


def _old_path(text: str, prefix: str) -> str:
    """The path of an old address, or of a slug inside the folder; with a slash at both ends."""
    path = unquote(urlsplit(text).path) if "//" in text or text.startswith("/") else f"{prefix}/{text}"
    return f"/{path.strip('/')}/" if path.strip("/") else ""


def _problem(old: str) -> str:
    if not old:
        return "The old address is missing."
    if len(old) > 200:
        return "The old address has over 200 characters."
    if any(ord(ch) < 33 for ch in old) or "\\" in old:
        return "The old address has white space or a backslash."
    if old.startswith(("/admin/", "/accounts/", "/static/", "/media/")):
        return "The old address is one that the site itself needs."
    try:
        found = resolve(old)
    except Resolver404:
        return ""
    return "A page of this site has this address." if found.url_name == "go" else ""


def _offers() -> dict[str, Offer]:
    """Offers by their whole address, and by it without what follows a question mark; none where two share one."""
    found: dict[str, Offer | None] = {}
    for offer in Offer.objects.select_related("product", "merchant").order_by("pk"):
        found.setdefault(offer.url, offer)
        bare = _bare(offer.url)
        found[bare] = None if bare in found else offer
    return {address: offer for address, offer in found.items() if offer is not None}


def _bare(address: str) -> str:
    parts = urlsplit(address)
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}"
