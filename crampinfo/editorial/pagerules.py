"""What the gate asks of every rendered page: its frame, its headings, its pictures, and words no field holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crampinfo.editorial import claims, leftovers, passages, rendered
from crampinfo.editorial.citations import without_marks
from crampinfo.editorial.findings import Finding, Severity
from crampinfo.editorial.models import Publishable
from crampinfo.lib.dom import Node, Page

# What stands on a page without being said by it: the site's chrome, sources, advertisements (read on their own), what
# other pages say of themselves.
CHROME = (
    *("header", "footer", "nav", "form", "[data-disclosure]", "[data-ad-slot]", ".references", "cite", ".cite"),
    *("[aria-labelledby=related]", "[data-warning]", ".comment", "time"),
)


def finding(code: str, why: str, remedy: str, excerpt: str = "", severity: Severity = Severity.BLOCK) -> Finding:
    """A finding about a page as a whole; what is wrong there is mostly a template's fault, and said so."""
    return Finding(code, severity, rendered.PAGE, excerpt[:120], why, remedy)


@rendered.rule(Publishable)
def frame(instance: Any, page: Page) -> Iterator[Finding]:
    """One title, description, address and h1, and the text's language in page and chrome (SEO-TECH-01, A11Y-09)."""
    title, described = page.first("title"), page.first('meta[name="description"]')
    if title is None or not title.text():
        yield finding("SEO-TECH-01", _("The page has no title."), _("Give it a title."))
    if described is None or not described.get("content").strip():
        yield finding("SEO-TECH-01", _("The page has no description."), _("Write the summary."))
    addresses = [link.get("href") for link in page.select('link[rel="canonical"]')]
    if addresses != [f"{settings.SITE_URL}{instance.get_absolute_url()}"]:
        yield finding(
            "SEO-TECH-01", _("The page does not name its own address:"), _("Mend the template."), ", ".join(addresses)
        )
    if len(page.select("h1")) != 1:
        yield finding("A11Y-09", _("A page has one main heading."), _("Mend the template."))
    root, skip = page.first("html"), page.first("a.skip")
    with translation.override(instance.language):
        said = _("Skip to content")
    if root is None or root.get("lang") != instance.language or skip is None or skip.text() != said:
        yield finding(
            "A11Y-09",
            _("The page around the text is in another language than the text:"),
            _("Check the text's language; a missing translation is the template's."),
            instance.language,
        )


@rendered.rule(Publishable)
def headings(instance: Any, page: Page) -> Iterator[Finding]:
    """No heading is more than one level below the one before it (A11Y-09)."""
    level = 0
    for heading in page.main.select("h1, h2, h3, h4, h5, h6") if page.main else ():
        now = int(heading.tag[1])
        if now > level + 1:
            yield finding(
                "A11Y-09",
                _("A heading of level %(now)s follows one of level %(level)s:") % {"now": now, "level": level},
                _("Choose the level that follows."),
                heading.text(),
            )
        level = now


@rendered.rule(Publishable)
def pictures(instance: Any, page: Page) -> Iterator[Finding]:
    """Whoever can't see a picture is told what it shows; a byline's portrait is named after its author."""
    author = getattr(instance, "author", None)
    for picture in page.main.select("img") if page.main else ():
        alt = picture.get("alt").strip()
        if not alt and not _beside_its_name(picture):
            yield finding(
                "A11Y-03",
                _("A picture has no words for those who can't see it:"),
                _("Describe it where it stands."),
                picture.get("src"),
            )
        elif alt and picture.within(".byline") and author is not None and alt != author.name:
            yield finding(
                "SEO-YMYL-01",
                _("The portrait beside the byline is not its author's:"),
                _("Choose the right picture on the author's page."),
                alt,
            )


def _beside_its_name(picture: Node) -> bool:
    """Whether a picture says by an empty alt that the words of its own card or link say it all."""
    return picture.has("alt") and any(around.tag in ("li", "a") and around.text() for around in picture.ancestors())


@rendered.rule(Publishable)
def anchors(instance: Any, page: Page) -> Iterator[Finding]:
    """A link inside the page has somewhere to go."""
    known = {node.get("id") for node in page.select("[id]")}
    for link in page.select('a[href^="#"]'):
        if link.get("href")[1:] not in known:
            yield finding(
                "SEO-TECH-01", _("A link on the page leads to nothing on it:"), _("Mend the link."), link.get("href")
            )


@rendered.rule(Publishable)
def words(instance: Any, page: Page) -> Iterator[Finding]:
    """Leftovers and claims in words that stand on the page and in no field of its text (section 14, step 7)."""
    if page.main is None:
        return
    said = _known(instance)
    # "None" is a fair answer in a cell; anywhere else it is a value nobody filled in.
    answers = {"None"} if any(cell.text() == "None" for cell in page.main.select("td, dd")) else set()
    lines = (line for line in page.main.lines(*CHROME).split("\n") if line.strip() not in answers)
    text = "\n".join(line for line in lines if (plain := _plain(line)) and plain not in said)
    for left in leftovers.find(rendered.PAGE, text, timezone.localdate().year):
        if instance.is_demo and left.words.lower() == "sample text":
            continue  # every invented page says that of itself
        yield _worded(left.code, left.severity, left.words, _("Placeholder or leftover on the page:"), left.remedy)
    for hit in claims.lint(text, about=passages.subject(instance), markets=settings.MARKETS):
        if not hit.granted_by and _plain(hit.sentence) not in said:
            yield _worded(hit.code, hit.severity, hit.words, hit.why, hit.remedy, rule=hit.rule, sentence=hit.sentence)


def _worded(code: str, severity: str, excerpt: str, why: str, remedy: str, **more: Any) -> Finding:
    return Finding(code, Severity(severity), rendered.PAGE, excerpt, why, remedy, **more)


def _known(instance: Publishable) -> str:
    """All words that the gate has read in fields already, as the page prints them; known adds those of other pages."""
    texts = (without_marks(passage.text) for passage in passages.of(instance))
    read = " ".join(claims.read(text, markup="<" in text).folded.text for text in texts)
    return _plain(f"{read} {getattr(instance, 'known', '')}")


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", claims.read(text, markup=False).folded.text).strip().lower()


def disclosed(node: Node) -> str:
    """The words of a disclosure without its links: a link to a disclosure is none (US-DISC-04)."""
    return node.text("a")
