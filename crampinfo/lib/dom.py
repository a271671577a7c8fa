"""A rendered page as a tree, asked the way its rules speak: what stands before what, what is hidden, what is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

_UNREAD = frozenset({"script", "style", "template", "noscript"})
# Ends a line when a page's text is read; everything else runs on.
_BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "br",
            "caption",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
            "figcaption",
        ),
        *("figure", "footer", "h1", "h2", "h3", "h4", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"),
        *("summary", "table", "tbody", "td", "text", "th", "thead", "title", "tr", "ul"),
    }
)


class Node:
    """An element of a page."""

    __slots__ = ("_node", "page")

    def __init__(self, node: LexborNode, page: Page) -> None:
        self._node = node
        self.page = page

    @property
    def tag(self) -> str:
        """Its name."""
        return str(self._node.tag)

    @property
    def place(self) -> int:
        """Where its start stands in the page: a smaller number comes before."""
        return self.page.places[self._node.mem_id]

    def get(self, name: str) -> str:
        """An attribute, '' where it is missing or empty; see has."""
        return self._node.attributes.get(name) or ""

    def has(self, name: str) -> bool:
        """Whether it has an attribute, with a value or without."""
        return name in self._node.attributes

    def select(self, selector: str) -> list[Node]:
        """Elements inside it, in order."""
        return [Node(found, self.page) for found in self._node.css(selector) if found.mem_id != self._node.mem_id]

    def ancestors(self) -> Iterator[Node]:
        """Its parent, that one's parent, and so on."""
        parent = self._node.parent
        while parent is not None:
            yield Node(parent, self.page)
            parent = parent.parent

    def within(self, *selectors: str) -> bool:
        """Whether it, or an element around it, matches."""
        marked = {found.mem_id for selector in selectors for found in self.page.tree.css(selector)}
        return self._node.mem_id in marked or any(one._node.mem_id in marked for one in self.ancestors())

    @property
    def avoidable(self) -> bool:
        """Whether a reader can miss it without doing anything: hidden, folded, in a dialogue or at the page's foot."""
        return any(_avoidable(one) for one in (self, *self.ancestors()))

    def text(self, *without: str) -> str:
        """The words in it on one line, without those inside elements that match."""
        return " ".join(self.lines(*without).split())

    def lines(self, *without: str) -> str:
        """The words in it, a line a block."""
        skipped = {found.mem_id for selector in without for found in self.page.tree.css(selector)}
        return "".join(_words(self._node, skipped))


def _avoidable(node: Node) -> bool:
    folded = node.tag == "details" and not node.has("open")
    away = node.has("hidden") or node.get("aria-hidden") == "true" or node.has("popover")
    return folded or away or node.tag in ("dialog", "footer", "template")


def _words(node: LexborNode, skipped: set[int]) -> Iterator[str]:
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            yield child.text_content or ""
        elif child.tag not in _UNREAD and child.mem_id not in skipped:
            edge = "\n" if child.tag in _BLOCKS else ""
            yield edge
            yield from _words(child, skipped)
            yield edge


class Page:
    """A whole page, parsed as a browser does."""

    def __init__(self, html: str) -> None:
        self.tree = LexborHTMLParser(html)
        root = self.tree.root
        nodes = root.traverse(include_text=False) if root is not None else ()
        self.places = {node.mem_id: place for place, node in enumerate(nodes)}

    def select(self, selector: str) -> list[Node]:
        """Every element that matches, in the order of the page."""
        return [Node(found, self) for found in self.tree.css(selector)]

    def first(self, selector: str) -> Node | None:
        """The first of them."""
        found = self.tree.css_first(selector)
        return Node(found, self) if found is not None else None

    @property
    def main(self) -> Node | None:
        """The content, without the site's chrome around it."""
        return self.first("main")

    def structured_data(self) -> list[dict[str, Any]]:
        """Every node of its JSON-LD. Raises ValueError for a script that is no JSON."""
        found: list[dict[str, Any]] = []
        for script in self.select('script[type="application/ld+json"]'):
            data = json.loads(script._node.text() or "null")
            graph = data.get("@graph", [data]) if isinstance(data, dict) else data
            found += [node for node in graph or () if isinstance(node, dict)]
        return found


def strings(value: object, path: str = "") -> Iterable[tuple[str, str]]:
    """Every string in a piece of JSON with its path ("review.author.name")."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, path)
    elif isinstance(value, str):
        yield path, value
