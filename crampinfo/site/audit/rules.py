"""What the audit asks that no single page's gate can: hashes, links, twins, prices' age, strangers in the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from crampinfo.editorial import revisions
from crampinfo.editorial.findings import Finding, Severity
from crampinfo.editorial.models import Publishable
from crampinfo.lib import shingles
from crampinfo.lib.dom import Page
from crampinfo.site.audit.crawl import Parsed, Visit

PAGE = "page"
OLDEST_PRICE = timedelta(hours=73)  # three days, as offers are asked for at most, and an hour of caches
OLDEST_TEXT = timedelta(days=548)
FRESH_OFFER = timedelta(hours=25)
NEAR = 0.8  # two pages that share four runs of words in five are one (SEO-SPAM-02)


def _found(code: str, why: str, remedy: str, excerpt: str = "", severity: Severity = Severity.BLOCK) -> Finding:
    return Finding(code, severity, PAGE, excerpt[:120], why, remedy)


def answered(visit: Visit) -> Iterator[Finding]:
    """It is there, and asks nothing of the reader's device (SEO-TECH-01, PRIV-03)."""
    if visit.status == 500:
        yield _found("SEO-TECH-01", "The page fails.", "The log says why.")
    elif visit.status != 200:
        severity = Severity.WARN if visit.status in (301, 302) else Severity.BLOCK
        said = f"linked from {visit.linked_from}" if visit.linked_from else "published, and readers don't find it"
        yield _found("SEO-TECH-01", f"This address answers {visit.status}:", "Mend the link.", said, severity)
    if visit.cookies:
        yield _found("PRIV-03", "The page sets a cookie:", "Take it out.", ", ".join(visit.cookies))


def hashes(thing: Publishable) -> Iterator[Finding]:
    """What readers see is what the gate saw: the content's hash, the approved one and the passed one agree (PUB-03)."""
    fresh = revisions.content_hash(thing)
    if not thing.gate_hash or thing.gate_passed_at is None:
        yield _found("PUB-06", "It is published, and no gate has passed it.", "Retire it, then publish it.")
    elif not fresh == thing.gate_hash == thing.content_hash:
        said = f"{fresh[:12]} is shown, {thing.gate_hash[:12]} passed"
        yield _found("PUB-03", "It was changed behind the gate's back:", "Publish it again.", said)


def stale(thing: Publishable, now: datetime | None = None) -> Iterator[Finding]:
    """A health text that nobody has touched for eighteen months is due again (SEO-YMYL-02; the limit is ours)."""
    touched = thing.content_changed_at or thing.first_published_at
    if hasattr(thing, "citations") and touched is not None and (now or timezone.now()) - touched > OLDEST_TEXT:
        why = "Its content has not changed for eighteen months:"
        yield _found("SEO-YMYL-02", why, "Read it against its sources.", f"{touched:%Y-%m-%d}", Severity.WARN)


def strangers(page: Page) -> Iterator[Finding]:
    """Nothing on a page is fetched from anybody else (PRIV-05)."""
    own = urlsplit(settings.SITE_URL).netloc
    for node in page.select("script[src], img[src], link[href], iframe[src], source[src], video[src]"):
        if node.tag == "link" and not {"stylesheet", "preload", "icon", "modulepreload"} & set(node.get("rel").split()):
            continue
        address = node.get("src") or node.get("href")
        if urlsplit(urljoin(f"{settings.SITE_URL}/", address)).netloc != own:
            yield _found("PRIV-05", "The page fetches something from elsewhere:", "Serve it from here.", address)


def prices(page: Page, now: datetime | None = None) -> Iterator[Finding]:
    """No price is older than we may show, and none is offered to machines after a day (AFF-02, LD-PROD-03)."""
    moment = now or timezone.now()
    read = [parse_datetime(node.get("data-as-of")) for node in page.select("[data-price][data-as-of]")]
    known = [one if timezone.is_aware(one) else timezone.make_aware(one) for one in read if one is not None]
    for one in known:
        if moment - one > OLDEST_PRICE:
            yield _found("AFF-02", "A price is too old to be shown:", "It hides itself: look for a cache.", str(one))
    offered = any("offers" in node for node in page.structured_data())
    if offered and not any(moment - one <= FRESH_OFFER for one in known):
        yield _found("LD-PROD-03", "The data offer a price that no fresh one on the page shows.", "Leave it out.")


@dataclass(frozen=True, slots=True)
class Head:
    """What pages are compared by."""

    path: str
    status: int
    indexed: bool
    title: str
    description: str


def head(one: Parsed) -> Head:
    """The head of a page."""
    title, described = one.page.first("title"), one.page.first('meta[name="description"]')
    return Head(
        one.visit.path,
        one.visit.status,
        "noindex" not in one.visit.headers.get("X-Robots-Tag", ""),
        title.text() if title is not None else "",
        described.get("content").strip() if described is not None else "",
    )


def twins(heads: Iterable[Head]) -> Iterator[tuple[str, Finding]]:
    """Titles and descriptions that two pages share (SEO-TECH-01), by path."""
    shown = [one for one in heads if one.status == 200]
    for what in ("title", "description"):
        first: dict[str, str] = {}
        for one in shown:
            words = str(getattr(one, what))
            if words and first.setdefault(words, one.path) != one.path:
                why = f"{first[words]} has the same {what}:"
                yield one.path, _found("SEO-TECH-01", why, "Say what is particular to this page.", words)


def near_twins(texts: Mapping[str, str]) -> Iterator[tuple[str, Finding]]:
    """Pages that say nearly the same (SEO-SPAM-02), by path; texts are their words. Estimated from sketches."""
    by_hash: dict[int, list[str]] = defaultdict(list)
    sketches = {path: shingles.sketch(text) for path, text in texts.items()}
    for path, sketch in sketches.items():
        candidates = {other for number in sketch[:8] for other in by_hash[number]}
        like = (other for other in sorted(candidates) if shingles.alike(sketch, sketches[other]) > NEAR)
        twin = next(like, "")
        if twin:
            why = "Another page says nearly the same:"
            yield path, _found("SEO-SPAM-02", why, "Make one of two, or say more.", twin, Severity.WARN)
        for number in sketch[:8]:
            by_hash[number].append(path)


def sitemap(listed: set[str], heads: Iterable[Head]) -> Iterator[tuple[str, Finding]]:
    """What the sitemap names can be indexed (SEO-TECH-01), by path."""
    for one in heads:
        if one.path in listed and not (one.indexed and one.status == 200):
            yield one.path, _found("SEO-TECH-01", "The sitemap names a page that is not indexed.", "Mend it.")
