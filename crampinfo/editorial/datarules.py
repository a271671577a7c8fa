"""What the gate asks of a page's structured data: only what the page shows, and nothing it may not say (LD-*)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from crampinfo.editorial import rendered
from crampinfo.editorial.findings import Finding, Severity
from crampinfo.editorial.models import Publishable
from crampinfo.editorial.pagerules import finding
from crampinfo.lib import dom
from crampinfo.lib.dom import Page

# Keys whose strings a reader must be able to read on the page (LD-00); addresses, types and codes are not words.
_WORDS = frozenset({"name", "headline", "reviewBody", "description", "ratingValue", "price", "text", "jobTitle"})
# Of organisations and sites, and of things that only name what they belong to.
_NAMED_ELSEWHERE = ("publisher", "isPartOf", "seller")
FORBIDDEN = {
    "QAPage": "LD-QA-01",
    "FAQPage": "LD-FAQ-01",
    "HowTo": "LD-HOW-01",
    "ClaimReview": "LD-HOW-01",
    "AggregateRating": "LD-REV-02",
}


@rendered.rule(Publishable)
def visible(instance: Any, page: Page) -> Iterator[Finding]:
    """Every string of the structured data stands on the page (LD-00)."""
    shown = _squeezed(page.first("body"))
    for node in page.structured_data():
        if node.get("@type") in ("Organization", "WebSite"):
            continue
        for path, text in dom.strings(node):
            keys = path.split(".")
            if keys[-1] not in _WORDS or any(key in _NAMED_ELSEWHERE for key in keys[:-1]):
                continue
            if _squeeze(text) not in shown and _squeeze(text.replace(".", ",")) not in shown:
                yield finding(
                    "LD-00",
                    _("The structured data say what the page does not show (%(path)s):") % {"path": path},
                    _("Build both from the same field."),
                    text,
                )


@rendered.rule(Publishable)
def allowed(instance: Any, page: Page) -> Iterator[Finding]:
    """Types that promise what this site is not, ratings of ourselves, and anything at all on invented pages."""
    nodes = page.structured_data()
    types = [str(value) for node in nodes for key, value in _typed(node)]
    for name in types:
        if name in FORBIDDEN:
            yield finding(FORBIDDEN[name], _("This kind of structured data is not true here:"), _("Take it out."), name)
    for node in nodes:
        if node.get("@type") in ("Organization", "WebSite") and {"review", "aggregateRating"} & node.keys():
            yield finding("LD-REV-04", _("The site rates itself:"), _("Take it out."), str(node["@type"]))
    if nodes and page.first('meta[name="robots"][content*="noindex"]') is not None:
        yield finding("DEMO-01", _("A page that is not indexed carries structured data."), _("Take it out."))


@rendered.rule(Publishable)
def breadcrumbs(instance: Any, page: Page) -> Iterator[Finding]:
    """The trail in the data is the trail on the page (LD-BC-01)."""
    shown = [item.text() for item in page.select(".breadcrumb li")]
    for node in page.structured_data():
        if node.get("@type") != "BreadcrumbList":
            continue
        items = node.get("itemListElement", [])
        named = [str(item.get("name")) for item in items]
        numbered = [item.get("position") for item in items] == list(range(1, len(items) + 1))
        if len(items) < 2 or named != shown or not numbered:
            yield finding(
                "LD-BC-01",
                _("The trail in the data is not the trail on the page:"),
                _("Build both from the same list."),
                " / ".join(named),
                Severity.WARN,
            )


def _typed(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        if "@type" in value:
            yield "@type", value["@type"]
        for inner in value.values():
            yield from _typed(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _typed(inner)


def _squeezed(node: dom.Node | None) -> str:
    return _squeeze(node.text(".cite")) if node is not None else ""


def _squeeze(text: str) -> str:
    """Letters and figures alone: line breaks, dashes and quotation marks are the page's own business."""
    return re.sub(r"[^\w.,]+", "", text)
