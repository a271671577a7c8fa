"""JSON-LD that can't break out of its script element (rules.md LD-SEC-01)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.safestring import SafeString

from crampinfo.lib.markup import trusted

Node = Mapping[str, object]
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def script(nodes: Sequence[Node]) -> SafeString:
    """One script element holding all nodes as a graph, or nothing when there are none.

    Empty values (None, '', [], {}) are left out: markup says only what the page shows.
    """
    cleaned = [_clean(node) for node in nodes]
    if not cleaned:
        return trusted("")
    text = json.dumps({"@context": "https://schema.org", "@graph": cleaned}, ensure_ascii=False, separators=(",", ":"))
    return trusted(f'<script type="application/ld+json">{text.translate(_ESCAPES)}</script>')


def breadcrumbs(trail: Sequence[tuple[str, str | None]], base: str) -> Node:
    """A BreadcrumbList of (label, path) pairs in visible order; the last may have no path (rules.md LD-BC-01)."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": label, "item": f"{base}{path}" if path else None}
            for number, (label, path) in enumerate(trail, 1)
        ],
    }


def iso(moment: datetime | None) -> str | None:
    """A date with its time zone, as structured data wants it."""
    return moment.isoformat(timespec="seconds") if moment else None


def _clean(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in value.items() if item not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
