"""What the publish gate asks of everything that is published: leftovers, claims, bylines, marks in texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from crampinfo.editorial import claims, figures, gate, leftovers, links, passages, phrasebook, revisions
from crampinfo.editorial.citations import MARK
from crampinfo.editorial.findings import Finding, Severity
from crampinfo.editorial.gate import Step
from crampinfo.editorial.links import Leads
from crampinfo.editorial.models import Design, Publishable
from crampinfo.editorial.passages import Passage
from crampinfo.lib import lettering

# Sources that can carry "proven" (HC-07): people, a comparison, chance ruled out.
TRIALS = frozenset({Design.COCHRANE, Design.REVIEW, Design.RCT})
_BLOCK_EDGE = re.compile(r"</?(?:p|li|h[2-4]|td|th|blockquote|dd|dt|figcaption|aside)\b[^>]*>|\n", re.I)

Grant = Callable[[Any, Passage, claims.Hit], bool]
_grants: dict[str, list[tuple[type[Any], Grant]]] = {}


def grants(name: str, model: type[Any] = Publishable) -> Callable[[Grant], Grant]:
    """Register when an object has what makes words fair ("test_record" lets a review say "we tested")."""

    def register(function: Grant) -> Grant:
        _grants.setdefault(name, []).append((model, function))
        return function

    return register


def _granted(instance: Publishable, passage: Passage, hit: claims.Hit) -> bool:
    known = _grants.get(hit.granted_by, ())
    return any(isinstance(instance, model) and function(instance, passage, hit) for model, function in known)


@gate.rule(Publishable, Step.LEFTOVERS)
def placeholders(instance: Publishable) -> Iterator[Finding]:
    """P1-P6: nothing that somebody meant to replace reaches a reader (PUB-01)."""
    year = timezone.localdate().year
    for passage in passages.of(instance):
        for found in leftovers.find(passage.field, passage.text, year):
            yield Finding(
                found.code,
                Severity(found.severity),
                passage.field,
                found.words,
                _("Placeholder or leftover (%(rule)s):") % {"rule": found.rule},
                found.remedy,
                rule=found.rule,
                start=found.start,
                end=found.end,
            )


@gate.rule(Publishable, Step.LEFTOVERS)
def reversed_text(instance: Publishable) -> Iterator[Finding]:
    """Marks that turn the direction of writing make readers see other words than the gate (PUB-01)."""
    for passage in passages.of(instance):
        mark = lettering.REVERSING.search(passage.text)
        if mark:
            yield Finding(
                "PUB-01",
                Severity.BLOCK,
                passage.field,
                passage.text[mark.start() + 1 : mark.start() + 40],
                _("An invisible mark turns the direction of these words:"),
                _("Delete the words and type them again."),
                start=mark.start(),
                end=mark.end(),
            )


@gate.rule(Publishable, Step.CLAIMS)
def claims_made(instance: Publishable) -> Iterator[Finding]:
    """What a health site that earns from products may not say (rules.md section 12), in every text of the page."""
    names = _names(instance)
    for passage in filter(passages.spoken, passages.of(instance)):
        yield from lint(instance, passage, names)


def lint(instance: Publishable, passage: Passage, names: tuple[str, ...] = ()) -> Iterator[Finding]:
    """The findings of the claims linter on one passage; words that only look like a claim come as notes."""
    # A slug is read as words; one that asks ("does-magnesium-stop-cramps") asks without its question mark.
    text = f"{passage.text.replace('-', ' ')}?" if passage.field.endswith("slug") else passage.text
    hits = claims.linter().lint(
        text,
        about=passage.about,
        paid=passage.paid,
        markup=passage.markup,
        label=passage.label,
        markets=settings.MARKETS,
        names=names,
    )
    for hit in hits:
        granted = bool(hit.granted_by) and not hit.skipped and _granted(instance, passage, hit)
        severity = Severity.NOTE if hit.skipped or granted else Severity(hit.severity)
        yield Finding(
            hit.code,
            severity,
            passage.field,
            hit.words,
            hit.why,
            _("Let pass: %(reason)s.") % {"reason": hit.skipped or hit.granted_by}
            if severity is Severity.NOTE
            else hit.remedy,
            rule=hit.rule,
            start=hit.start,
            end=hit.end,
            sentence=hit.sentence,
        )


def _names(instance: Publishable) -> tuple[str, ...]:
    """Names of products that a text says it speaks of: a sentence with one of them speaks of a product."""
    products = getattr(instance, "products", None) if instance.pk else None
    return tuple(str(product) for product in products.all()) if products is not None else ()


@gate.rule(Publishable, Step.CLAIMS)
def language_known(instance: Publishable) -> Iterator[Finding]:
    """Claims in a language without patterns are read by Compliance, each time the text changes (HC-01)."""
    if not phrasebook.knows(instance.language):
        yield Finding(
            "LANGUAGE",
            Severity.BLOCK,
            "language",
            f"{instance.language}, {revisions.content_hash(instance)[:12]}",
            _("Nothing here can read this language for claims:"),
            _("Compliance reads the text and signs it, again after every change."),
            rule="PUB-06",
        )


@grants("trial_cited")
def cites_a_trial(instance: Any, passage: Passage, hit: claims.Hit) -> bool:
    """A randomised trial or a review of them is cited in the same paragraph (HC-07)."""
    return bool(TRIALS.intersection(_designs(instance, passage, hit)))


@grants("comparison_cited")
def cites_a_comparison(instance: Any, passage: Passage, hit: claims.Hit) -> bool:
    """A trial in people that compared two forms is cited in the same paragraph (HC-23)."""
    cited = _cited_in(instance, passage, hit)
    return any(one.design in TRIALS and one.comparator and "placebo" not in one.comparator.lower() for one in cited)


@grants("source")
def cites_a_source(instance: Any, passage: Passage, hit: claims.Hit) -> bool:
    """Any source is cited in the same paragraph."""
    return bool(_cited_in(instance, passage, hit))


def _designs(instance: Any, passage: Passage, hit: claims.Hit) -> set[str]:
    return {reference.design for reference in _cited_in(instance, passage, hit)}


def _cited_in(instance: Any, passage: Passage, hit: claims.Hit) -> list[Any]:
    """The references cited in the paragraph of a hit."""
    around = paragraph(passage.text, hit.start, hit.end)
    slugs = {match[1] for match in MARK.finditer(around)}
    return [one for one in references(instance) if one.slug in slugs] if slugs else []


def paragraph(text: str, start: int, end: int) -> str:
    """The text between the nearest edges of blocks around a place."""
    low, high = 0, len(text)
    for match in _BLOCK_EDGE.finditer(text):
        if match.end() <= start:
            low = match.end()
        elif match.start() >= end:
            high = match.start()
            break
    return text[low:high]


def references(instance: Any) -> list[Any]:
    """What a text cites, in the order of its list."""
    citations = getattr(instance, "citations", None) if instance.pk else None
    if citations is None:
        return []
    return passages.once(
        instance, "references", lambda: [row.reference for row in citations.select_related("reference")]
    )


@gate.rule(Publishable)
def byline(instance: Publishable) -> Iterator[Finding]:
    """Whoever wrote it is a person with a role (SEO-YMYL-01); models without an author are the site's own pages."""
    if not hasattr(instance, "author_id"):
        return
    author = getattr(instance, "author", None) if getattr(instance, "author_id", None) else None
    if author is None:
        yield Finding("PUB-02", Severity.BLOCK, "author", "", _("It has no author."), _("Choose who wrote it."))
    elif not author.role.strip():
        yield Finding(
            "SEO-YMYL-01",
            Severity.BLOCK,
            "author",
            author.name,
            _("The author has no role:"),
            _("Say what this person does here."),
        )


_LINKS = {
    Leads.NOWHERE: (Severity.BLOCK, _lazy("This link leads to no page of ours:"), _lazy("Mend it, or take it out.")),
    Leads.MOVED: (Severity.WARN, _lazy("This page has moved:"), _lazy("Link to where it is now.")),
    Leads.NOT_PUBLIC: (
        Severity.WARN,
        _lazy("Readers can't see the page this link leads to:"),
        _lazy("Publish that page first, or take the link out."),
    ),
}


@gate.rule(Publishable, Step.RELATIONS)
def internal_links(instance: Publishable) -> Iterator[Finding]:
    """A link inside the site leads to a page that readers can see (SEO-TECH-01)."""
    found = [
        (passage, path, match)
        for passage in passages.of(instance)
        if passage.markup or passage.field in links.PATH_FIELDS
        for path, match in links.in_text(passage.text)
    ]
    leads = links.check({path for _passage, path, _match in found})
    for passage, path, match in found:
        end = leads[path]
        if end is not Leads.THERE:
            weight, why, remedy = _LINKS[end]
            yield Finding(
                "SEO-TECH-01",
                weight,
                passage.field,
                match[1] or match[0],
                str(why),
                str(remedy),
                start=match.start(),
                end=match.end(),
            )


@gate.rule(Publishable, Step.EVIDENCE)
def marks(instance: Publishable) -> Iterator[Finding]:
    """Every citation mark has its reference (HC-04), every figure its drawing: readers never see a raw mark."""
    cited = {reference.slug for reference in references(instance)}
    for field, text in gate.texts(instance):
        for match in MARK.finditer(text):
            if field.rpartition(".")[2] not in ("key_answer", "body", "answer"):
                why, remedy = _("Citations are read in texts and answers alone:"), _("Move the mark there.")
            elif match[1] not in cited:
                why, remedy = (
                    _("This mark has no reference in the list:"),
                    _("Add the reference, or take the mark out."),
                )
            else:
                continue
            yield _mark("HC-04", field, match, why, remedy)
        for match in figures.MARK.finditer(text):
            if field != "body" or not figures.exists(match[1]):
                why, remedy = _("No drawing of ours is drawn here:"), _("Choose one we have, or take the mark out.")
                yield _mark("PUB-01", field, match, why, remedy)


def _mark(code: str, field: str, match: re.Match[str], why: str, remedy: str) -> Finding:
    return Finding(code, Severity.BLOCK, field, match[0].strip(), why, remedy, start=match.start(), end=match.end())
