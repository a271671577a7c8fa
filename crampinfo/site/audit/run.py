"""One audit: crawl, ask every rule of every page, and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.utils import timezone

from crampinfo.editorial import acknowledgements, gate, rendered
from crampinfo.editorial.findings import Finding
from crampinfo.editorial.models import Publishable
from crampinfo.site.audit import crawl, rules
from crampinfo.site.audit.crawl import Parsed
from crampinfo.site.sitemaps import SITEMAPS


@dataclass(frozen=True, slots=True)
class Said:
    """A finding, and the page it is about."""

    path: str
    finding: Finding

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same finding in two runs."""
        return self.path, self.finding.rule_id, self.finding.place, self.finding.excerpt

    def as_dict(self) -> dict[str, Any]:
        """As the run keeps it and --format json prints it."""
        found = self.finding
        return {
            "path": self.path,
            "rule": found.rule_id,
            "code": found.code,
            "severity": str(found.severity),
            "field": found.field,
            "excerpt": found.excerpt,
            "why": found.why,
            "remedy": found.remedy,
            "signed": found.signed.name if found.signed else "",
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found. seconds is wall time."""

    at: datetime
    seconds: float
    pages: int
    links: int
    said: tuple[Said, ...]

    @property
    def blocking(self) -> list[Said]:
        """What would have stopped a page from being published, and nobody answers for."""
        return [one for one in self.said if one.finding.stops]

    @property
    def warnings(self) -> list[Said]:
        """What wants a reason that nobody has written."""
        return [one for one in self.said if one.finding.asks]

    def by_rule(self) -> Counter[str]:
        """How often each rule is broken."""
        return Counter(one.finding.rule_id for one in self.said)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 1),
            "pages": self.pages,
            "links": self.links,
            "blocking": len(self.blocking),
            "warnings": len(self.warnings),
            "by_rule": dict(sorted(self.by_rule().items())),
            "findings": [one.as_dict() for one in self.said],
        }


@dataclass(frozen=True, slots=True)
class _Plain:
    """What the rules for all pages read of a page that belongs to no publishable thing."""

    path: str
    language: str
    is_demo: bool
    known: str
    author: None = None
    pk: None = None
    content_fields: tuple[str, ...] = ()
    shown_with: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    corrections: tuple[dict[str, str], ...] = ()

    def get_absolute_url(self) -> str:
        return self.path


def audit(step: Callable[[str], None] = lambda path: None) -> Report:
    """Read the whole site once. Changes nothing; a page that fails is a finding, not an end."""
    began, at = time.perf_counter(), timezone.now()
    said: list[Said] = []
    heads: list[rules.Head] = []
    texts: dict[str, str] = {}
    links = 0
    owners = crawl.live()
    known = " ".join(text for thing in owners.values() for text in _headlines(thing))
    for one in crawl.visits(owners, step):
        path = one.visit.path
        said += [Said(path, finding) for finding in _of(one, known)]
        heads.append(rules.head(one))
        links += len(crawl.inside(one.page, path))
        if one.visit.owner is not None and one.page.main is not None:
            texts[path] = one.page.main.text(".references", "nav", "form")
    together = (*rules.twins(heads), *rules.near_twins(texts), *rules.sitemap(_listed(), heads))
    said += [Said(path, finding) for path, finding in together]
    ordered = tuple(sorted(said, key=lambda one: (one.finding.severity, one.finding.rule_id, one.path)))
    return Report(at, time.perf_counter() - began, sum(head.status == 200 for head in heads), links, ordered)


def _of(one: Parsed, known: str) -> Iterator[Finding]:
    """Everything wrong with one page; what is signed stays, marked."""
    yield from rules.answered(one.visit)
    if not one.visit.html:
        return
    yield from rules.strangers(one.page)
    yield from rules.prices(one.page)
    owner = one.visit.owner
    if owner is None:
        yield from rendered.inspect_plain(_plain(one, known), one.page)
        return
    yield from rules.hashes(owner)
    yield from rules.stale(owner)
    yield from acknowledgements.applied(owner, [*gate.inspect(owner), *rendered.inspect_page(owner, one.page)])


def _headlines(thing: Publishable) -> Iterator[str]:
    """What other pages print of it, and its own gate has read."""
    for name in ("title", "short_title", "summary", "verdict", "dek", "none_title"):
        yield str(getattr(thing, name, ""))


def _plain(one: Parsed, known: str) -> Any:
    root = one.page.first("html")
    closed = "noindex" in one.visit.headers.get("X-Robots-Tag", "")
    return _Plain(one.visit.path, root.get("lang") if root is not None else "", closed, known)


def _listed() -> set[str]:
    """The paths that the sitemap names."""
    return {path for name in SITEMAPS for path in _paths(SITEMAPS[name])}


def _paths(found: Sitemap) -> Iterator[str]:
    for item in found.items():
        yield str(found.location(item))
