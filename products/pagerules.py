"""What the gate asks of money on a rendered page: disclosed first, labelled, marked for machines, never on care."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from crampinfo.editorial import claims, rendered
from crampinfo.editorial.findings import Finding, Severity
from crampinfo.editorial.models import Publishable
from crampinfo.editorial.pagerules import disclosed, finding
from crampinfo.editorial.phrasebook import About
from crampinfo.lib.dom import Node, Page

PAID = "a[data-aff]"
SLOT = "[data-ad-slot]"
TOP = '[data-disclosure="top"]'
ROW = "[data-rank-item]"
# The nature of the connection, in a word (US-DISC-04); English and Spanish.
_NATURE = re.compile(
    r"\b(?:earn|commission|paid|pay|pays|compensat\w+|comisi[oó]n\w*|pag\w+|cobra\w*|anunciante)\b", re.I
)
_LABELS = re.compile(r"(?:Ad|Advertisement|Paid advertisement|Anuncio|Publicidad)\b")
_NEAR = re.compile(r"\(?(?:Paid link|Ad|Enlace pagado|Anuncio)\b", re.I)


@rendered.rule(Publishable)
def disclosed_first(instance: Any, page: Page) -> Iterator[Finding]:
    """One disclosure that says what is paid, in plain sight, before everything commercial (US-DISC-01 to 04)."""
    commercial = page.select(f"{PAID}, {SLOT}")
    if not commercial:
        return
    found = page.select(TOP)
    if len(found) != 1 or not found[0].text():
        yield finding("US-DISC-01", _("Paid links stand here without a disclosure."), _("Ask Compliance for its text."))
        return
    notice = found[0]
    first = min(node.place for node in (*commercial, *page.select(ROW)))
    if notice.place > first:
        yield finding("US-DISC-02", _("The disclosure comes after what it is about."), _("Mend the template."))
    if notice.avoidable:
        yield finding("US-DISC-03", _("The disclosure can be missed."), _("Mend the template."))
    if not _NATURE.search(disclosed(notice)):
        yield finding("US-DISC-04", _("The disclosure does not say what is paid:"), _("Reword it."), disclosed(notice))


@rendered.rule(Publishable)
def every_link_says_so(instance: Any, page: Page) -> Iterator[Finding]:
    """Each paid link has its word and its mark; nothing leads to a shop without (US-DISC-06, SEO-LINK-01)."""
    for link in page.select(PAID):
        if "sponsored" not in link.get("rel").split():
            yield finding(
                "SEO-LINK-01", _("A paid link is not marked for machines:"), _("Mend the template."), link.text()
            )
        if not _near(link):
            yield finding("US-DISC-06", _("A paid link has no word beside it:"), _("Mend the template."), link.text())
    for link in page.select('a[href^="/go/"]'):
        if not link.has("data-aff"):
            yield finding(
                "SEO-LINK-01", _("A link to a shop goes round the paid-link tag:"), _("Mend it."), link.text()
            )


def _near(link: Node) -> bool:
    """Whether the word that says who pays stands in the same card, or right after a link in running text."""
    for around in (*link.ancestors(),):
        words = around.select('[data-disclosure="near"]')
        if words:
            return any(_NEAR.match(word.text()) for word in words)
        if around.tag in ("li", "aside", "section", "main"):
            return False
    return False


@rendered.rule(Publishable)
def advertisements(instance: Any, page: Page) -> Iterator[Finding]:
    """An ad begins with a plain label, names who paid, and stays out of the ranking (US-NAT-01 to 04, EU-ADV-03)."""
    for slot in page.select(SLOT):
        labels = slot.select("[data-ad-label]")
        words = labels[0].text() if labels else ""
        if not labels or not _LABELS.match(words) or labels[0].place > min(node.place for node in slot.select("*")):
            yield finding("US-NAT-01", _("An advertisement does not begin with its label:"), _("Mend it."), slot.text())
        elif len(words.split()) < 2:
            yield finding("EU-ADV-03", _("An advertisement does not say who paid:"), _("Mend it."), slot.text())
        if slot.within("[data-ranking]") or slot.select(ROW):
            yield finding("US-NAT-04", _("An advertisement stands inside the ranking:"), _("Mend it."), slot.text())
        yield from _claimed(slot)


def _claimed(slot: Node) -> Iterator[Finding]:
    """An advertiser's words are ours to answer for too (HC-02, CAP 15)."""
    for hit in claims.lint(slot.lines(), about=About.PRODUCT, markets=settings.MARKETS):
        weight = Severity(hit.severity)
        yield Finding(hit.code, weight, rendered.PAGE, hit.words, hit.why, hit.remedy, hit.rule, sentence=hit.sentence)


@rendered.rule(Publishable)
def prices(instance: Any, page: Page) -> Iterator[Finding]:
    """Every price has the time it was read, on the page and for machines (AFF-02, AMZ-04)."""
    for price in page.select("[data-price]"):
        if not price.get("data-as-of"):
            yield finding("AFF-02", _("A price has no time:"), _("Mend the template."), price.text())


def sold_with_care(page: Page) -> Iterator[Finding]:
    """What one must know before taking magnesium stands above the first button that sells it (HC-10)."""
    notices = page.select("aside[data-safety]")
    for link in page.select(PAID)[:1]:
        if not notices or notices[0].place > link.place:
            yield finding("HC-10", _("A supplement is sold above what one must know of it."), _("Mend the template."))


@rendered.rule(Publishable)
def care_before_sale(instance: Any, page: Page) -> Iterator[Finding]:
    """Red flags stand above anything sold (HC-25)."""
    flags = page.first("[data-red-flags]")
    for link in page.select(f"{PAID}, {SLOT}")[:1]:
        if flags is not None and flags.place > link.place:
            yield finding("HC-25", _("Something is sold above the signs that need help."), _("Mend the template."))
