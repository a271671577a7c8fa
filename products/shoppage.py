"""Reading a shop's page: is it about this product, and does it say that the product is out of stock?

Only what a page says to machines counts for stock (schema.org in JSON-LD or microdata, Open Graph): a sentence such as
"out of stock in our Leeds branch" must not cry wolf. A page that can't be read either way is taken to be right.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

_GONE_WORDS = frozenset({"outofstock", "soldout", "discontinued", "oos"})
_WORD = re.compile(r"[a-z0-9]+")
_LEAST_WORDS = 15  # different ones: with fewer the page is built by scripts, and says nothing to us


@dataclass(frozen=True, slots=True)
class ShopPage:
    """What a page says: its plain words, and every availability and GTIN it names for machines."""

    words: str
    availability: tuple[str, ...]
    gtins: tuple[str, ...]

    @property
    def is_out_of_stock(self) -> bool:
        """Whether it names availabilities, and all of them mean that nothing can be bought."""
        return bool(self.availability) and all(word in _GONE_WORDS for word in self.availability)

    def is_about(self, name: str, brand: str, gtin: str) -> bool | None:
        """Whether it is about this product; None where it can't be told.

        Its GTIN decides where the page names any; else at least half of the telling words of name and brand must occur.
        """
        if gtin and self.gtins:
            return gtin.lstrip("0") in {number.lstrip("0") for number in self.gtins}
        wanted = {word for word in _WORD.findall(folded(f"{name} {brand}")) if len(word) > 2 or word.isdigit()}
        have = set(_WORD.findall(self.words))
        if len(have) < _LEAST_WORDS or not wanted:
            return None
        return len(wanted & have) * 2 >= len(wanted)


def read(body: bytes, content_type: str) -> ShopPage:
    """The page in a body; what can't be decoded is replaced, never an error."""
    match = re.search(r"charset=[\"']?([-\w]+)", content_type) or re.search(
        r"<meta[^>]+charset=[\"']?([-\w]+)", body[:2048].decode("ascii", "replace"), re.I
    )
    try:
        text = body.decode(match[1] if match else "utf-8", "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return ShopPage(folded(" ".join(reader.words)), tuple(reader.availability), tuple(reader.gtins))


def folded(text: str) -> str:
    """Small letters without accents."""
    return "".join(ch for ch in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(ch))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.availability: list[str] = []
        self.gtins: list[str] = []
        self._inside = ""
        self._script: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "noscript"):
            self._inside = "json" if "ld+json" in found.get("type", "") else tag
            self._script = []
        name = (found.get("itemprop") or found.get("property") or found.get("name") or "").lower()
        value = found.get("content") or found.get("href") or ""
        if name in ("availability", "product:availability", "og:availability") and value:
            self.availability.append(_availability(value))
        elif name in ("og:title", "twitter:title", "description"):
            self.words.append(value)
        elif name.startswith("gtin") and value:
            self.gtins.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._inside == "json":
            self._read_json("".join(self._script))
        if tag in ("script", "style", "noscript"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "json":
            self._script.append(data)
        elif not self._inside and data.strip():
            self.words.append(data)

    def _read_json(self, text: str) -> None:
        try:
            nodes = list(_nodes(json.loads(text), 0))
        except (ValueError, RecursionError):
            return
        for node in nodes:
            if isinstance(node.get("availability"), str):
                self.availability.append(_availability(node["availability"]))
            self.gtins += [str(value) for name, value in node.items() if name.startswith("gtin") and value]
            if isinstance(node.get("name"), str):
                self.words.append(node["name"])


def _availability(value: str) -> str:
    return re.sub(r"[^a-z]", "", value.rstrip("/").rpartition("/")[2].lower())


def _nodes(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 12:
        return
    if isinstance(data, dict):
        yield data
    for child in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _nodes(child, depth + 1)
