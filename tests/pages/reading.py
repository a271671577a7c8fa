"""Reading a page as a reader, a crawler or a regulator would: what it says, in which order, and where it leads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import brotli
from bs4 import BeautifulSoup, Tag
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

# Where a crawler does not go: redirects, shops, files, and the admin.
OUTSIDE = ("/go/", "/demo-shop/", "/admin/", "/static/", "/media/")
FILES = (".json", ".jsonl", ".csv", ".atom", ".py")
COMMERCIAL = "[data-aff], [data-ad-slot], a[href^='/go/'], a[href^='/demo-shop/']"
HIDDEN = ("script", "style", "template", "head", "title")


@dataclass(eq=False, repr=False)
class Page:
    """An answer, and what it says."""

    path: str
    status: int
    headers: dict[str, str]
    cookies: list[str]
    content: bytes
    queries: list[str]

    def __repr__(self) -> str:
        return f"<{self.status} {self.path}>"

    @cached_property
    def html(self) -> str:
        return self.content.decode()

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.html, "html.parser")

    @cached_property
    def text(self) -> str:
        """What can be read or heard, on one line."""
        return visible(self.soup.body) if self.soup.body else ""

    @cached_property
    def weight(self) -> int:
        """Its bytes as a browser gets them."""
        return len(brotli.compress(self.content, quality=6))

    @property
    def is_noindex(self) -> bool:
        return "noindex" in self.headers.get("X-Robots-Tag", "")

    def one(self, selector: str) -> Tag:
        """The only element that a selector finds."""
        found = self.soup.select(selector)
        assert len(found) == 1, f"{self.path}: {len(found)} × {selector}"
        return found[0]

    def all(self, selector: str) -> list[Tag]:
        return list(self.soup.select(selector))

    def order(self, *selectors: str) -> list[int]:
        """The place in reading order of the first element of each selector; -1 where there is none."""
        tags = list(self.soup.find_all(True))
        return [next((tags.index(tag) for tag in self.soup.select(selector)[:1]), -1) for selector in selectors]

    @cached_property
    def graph(self) -> list[dict[str, Any]]:
        """The nodes of its structured data."""
        scripts = self.all('script[type="application/ld+json"]')
        assert len(scripts) <= 1, self.path
        return list(json.loads(str(scripts[0].string))["@graph"]) if scripts else []

    def nodes(self, *types: str) -> list[dict[str, Any]]:
        """Every node of these types, however deep."""
        return [node for node in walk(self.graph) if node.get("@type") in types]

    @property
    def is_commercial(self) -> bool:
        return bool(self.soup.select(COMMERCIAL))


def get(path: str, client: Client | None = None, **headers: str) -> Page:
    """Ask for a page."""
    with CaptureQueriesContext(connection) as queries:
        response = (client or Client()).get(path, headers=headers)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    said = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))]
    return Page(path, response.status_code, dict(response.headers), list(response.cookies), content, said)


def crawl(start: str = "/") -> dict[str, Page]:
    """Every page that can be reached, by its address."""
    found: dict[str, Page] = {}
    waiting = [start]
    client = Client()
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        found[path] = page = get(path, client)
        waiting += [target for target in internal(page) if target not in found]
    return found


def internal(page: Page) -> list[str]:
    """The addresses of this site that a page links to, without fragments."""
    targets = (urldefrag(urljoin(page.path, str(link["href"])))[0] for link in page.all("a[href]"))
    ours = (target.removeprefix(settings.SITE_URL) for target in targets)
    inside = (target for target in ours if target.startswith("/") and not target.startswith(OUTSIDE))
    return list(dict.fromkeys(target for target in inside if not target.endswith(FILES)))


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in nested structured data."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def visible(tag: Tag) -> str:
    """The text of an element on one line, without scripts and styles."""
    pieces = (text for text in tag.strings if not any(parent.name in HIDDEN for parent in text.parents if parent))
    return squeeze(pieces)


def squeeze(pieces: Iterable[str]) -> str:
    """Pieces of text, joined, with white space as single spaces."""
    return " ".join("".join(pieces).split())


def name_of(link: Tag) -> str:
    """The accessible name of a link or button, near enough: its label, or its text with the alt of pictures."""
    if link.get("aria-label"):
        return str(link["aria-label"])
    alts = [str(image.get("alt", "")) for image in link.select("img")]
    return squeeze([visible(link), *alts])


def host_of(address: str) -> str:
    """The host of an address, '' for one of this site."""
    return urlsplit(address).netloc
