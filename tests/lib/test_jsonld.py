"""Structured data: one script that nothing can break out of, saying only what is there."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from crampinfo.lib import jsonld

OPEN, CLOSE = '<script type="application/ld+json">', "</script>"


def graph(*nodes: jsonld.Node) -> list[dict[str, object]]:
    text = jsonld.script(nodes)
    assert text.startswith(OPEN)
    assert text.endswith(CLOSE)
    data = json.loads(text.removeprefix(OPEN).removesuffix(CLOSE))
    assert data["@context"] == "https://schema.org"
    found: list[dict[str, object]] = data["@graph"]
    return found


def test_it_works() -> None:
    assert graph({"@type": "Article", "headline": "Why at night?"}) == [
        {"@type": "Article", "headline": "Why at night?"}
    ]


def test_no_nodes_make_no_script() -> None:
    assert jsonld.script([]) == ""


def test_a_text_cannot_end_the_script() -> None:
    evil = "</script><script>alert(1)</script><!-- & \u2028 \u2029"
    text = jsonld.script([{"name": evil}])
    assert text.count("<") == 2  # the element's own two tags
    assert not {"&", "\u2028", "\u2029"} & set(text)
    assert graph({"name": evil}) == [{"name": evil}]


def test_what_is_empty_is_left_out() -> None:
    assert graph({"a": None, "b": "", "c": [], "d": {}, "e": 0, "f": False, "g": {"h": None, "i": 1}}) == [
        {"e": 0, "f": False, "g": {"i": 1}}
    ]


def test_breadcrumbs_stand_in_visible_order() -> None:
    found = graph(
        jsonld.breadcrumbs([("Home", "/"), ("Guides", "/guides/"), ("Causes", None)], "https://crampinfo.example")
    )
    assert found == [
        {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": 1, "name": "Home", "item": "https://crampinfo.example/"},
                {"@type": "ListItem", "position": 2, "name": "Guides", "item": "https://crampinfo.example/guides/"},
                {"@type": "ListItem", "position": 3, "name": "Causes"},
            ],
        }
    ]


def test_a_date_carries_its_time_zone() -> None:
    assert jsonld.iso(datetime(2026, 2, 9, 12, 30, 15, 999, tzinfo=UTC)) == "2026-02-09T12:30:15+00:00"
    assert jsonld.iso(None) is None
