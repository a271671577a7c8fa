"""Every public page, rendered in this process: what is published, what names it, and whatever those pages link to."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import Http404
from django.urls import reverse as address_of

from crampinfo.editorial import ahead, links, showing
from crampinfo.editorial.models import Publishable
from crampinfo.lib.dom import Page

# Where a reader's browser goes and a crawl does not: redirects to shops, files, the admin, forms of accounts.
OUTSIDE = ("/go/", "/demo-shop/", "/admin/", "/accounts/", "/static/", "/media/")
_INDEXES = ("home", "transparency")
_LISTS = ("/guides/", "/questions/", "/reviews/", "/lists/", "/methodology/", "/brands/", "/topics/", "/authors/")
_HTML = re.compile(r"text/html\b")


@dataclass(slots=True)
class Visit:
    """One address and what it answered. owner is the publishable thing it belongs to; linked_from names one page."""

    path: str
    status: int
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
    owner: Publishable | None = None
    linked_from: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A visit with its page, parsed once."""

    visit: Visit
    page: Page


def live() -> dict[str, Publishable]:
    """Every publishable thing readers can see, by its address."""
    return {
        thing.get_absolute_url(): thing  # type: ignore[attr-defined]  # every publishable thing has a page
        for kind in showing.publishables()
        for thing in _whole(kind)
    }


def _whole(kind: type[Publishable]) -> Iterator[Publishable]:
    """Live rows with the rows that a page and its rules ask for anyway."""
    names = {one.name for one in kind._meta.fields}
    beside = [name for name in ("author", "topic", "evidence", "product", "methodology") if name in names]
    return iter(kind._default_manager.published().select_related(*beside).order_by("pk"))


def visits(owners: Mapping[str, Publishable], step: Callable[[str], None] = lambda path: None) -> Iterator[Parsed]:
    """Every page, each once, with the links they were found by; owners are what is live. Files are no pages."""
    further = {path for thing in owners.values() for path in getattr(thing, "further_addresses", ())}
    seen = dict.fromkeys([*(address_of(name) for name in _INDEXES), *_LISTS, *owners, *sorted(further)], "")
    waiting = deque(seen)
    with ahead.plain_static_names():
        while waiting:
            path = waiting.popleft()
            step(path)
            visit = _visit(path, owners.get(path), seen[path])
            page = Page(visit.html)
            for target in inside(page, path):
                if target not in seen:
                    seen[target] = path
                    waiting.append(target)
            yield Parsed(visit, page)


def inside(page: Page, path: str) -> list[str]:
    """The addresses of this site that a page links to, without what follows a question mark or a hash."""
    found: dict[str, None] = {}
    for link in page.select("a[href]"):
        target = links.path_of(urldefrag(urljoin(f"{settings.SITE_URL}{path}", link.get("href"))).url)
        if target and not target.startswith(OUTSIDE) and "." not in urlsplit(target).path.rpartition("/")[2]:
            found[target] = None
    return list(found)


# A page that falls over is reported and the crawl goes on: Django's own frame makes an answer of every exception.
_answer = convert_exception_to_response(ahead.answer)


def _visit(path: str, owner: Publishable | None, linked_from: str) -> Visit:
    try:
        asked = ahead.as_reader({}, path)
    except Http404:
        return Visit(path, 404, owner=owner, linked_from=linked_from)
    answer: Any = _answer(asked)
    shown = _HTML.match(answer.get("Content-Type", "")) and answer.status_code == 200 and not answer.streaming
    return Visit(
        path,
        answer.status_code,
        answer.content.decode(answer.charset) if shown else "",
        dict(answer.items()),
        tuple(answer.cookies),
        owner,
        linked_from,
    )
