"""What the publish gate asks of evidence: the strongest source beside every good word, and nothing withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crampinfo.editorial import effects, evidence, gate, passages, rules
from crampinfo.editorial.citations import MARK
from crampinfo.editorial.findings import Finding, Severity
from crampinfo.editorial.gate import Step
from crampinfo.editorial.models import Direction, Evidence, Publishable, Reference
from crampinfo.editorial.passages import Passage

# A heading of this level begins a section; smaller ones belong to it.
_SECTION = re.compile(r"<h2\b")
# Where citation marks are read; elsewhere the page as a whole answers for a good word.
_ROW = "none_"  # the fields of a list's first row, "you may need none of these"
CITING = ("key_answer", "body", "answer")


@dataclass(frozen=True, slots=True)
class _Good:
    """A place that speaks for a treatment: in words, or by citing a source that found a benefit."""

    treatment: str
    words: str
    start: int
    end: int


def sections(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each section of a text: what stands before the first heading of level two, then each."""
    starts = [0, *(match.start() for match in _SECTION.finditer(text)), len(text)]
    return ((low, high) for low, high in zip(starts, starts[1:], strict=False) if high > low)


@gate.rule(Publishable, Step.EVIDENCE)
def strongest_beside(instance: Publishable) -> Iterator[Finding]:
    """A good word for a treatment stands in one section with the strongest review of it (HC-04, HC-05, HC-06)."""
    cited = {one.slug: one for one in rules.references(instance)}
    spoken = [passage for passage in passages.of(instance) if passages.spoken(passage)]
    said = [(passage, good) for passage in spoken for good in _good(passage, cited, _meant(instance))]
    if not said:
        return
    deciding = _deciding(instance, said)
    shown = {one.slug for one in cited.values()} | {box.reference.slug for box in _box(instance)}
    told: set[tuple[str, int, str]] = set()
    for passage, good in said:
        finding, key = _judged(passage, good, deciding.get(good.treatment), shown, _beside(instance, passage))
        if finding is not None and key not in told:
            told.add(key)
            yield finding


def _deciding(instance: Any, said: list[tuple[Passage, _Good]]) -> Mapping[str, Reference]:
    """The sources that decide on everything the page speaks for, and on what its box is about."""
    treatments = {good.treatment for _passage, good in said} | {box.reference.treatment for box in _box(instance)}
    return passages.once(instance, "deciding", lambda: evidence.strongest(treatments))


def _meant(instance: Any) -> str:
    """The treatment that a text about a product means without naming it: what its evidence box is about."""
    return next((box.reference.treatment for box in _box(instance)), "")


def _good(passage: Passage, cited: Mapping[str, Reference], meant: str) -> Iterator[_Good]:
    for said in effects.told(passage.text, markup=passage.markup, about=passage.about):
        if said.treatment:
            treatment = meant if said.treatment == effects.PRODUCT else said.treatment
            yield _Good(treatment, said.words, said.start, said.end)
    for match in MARK.finditer(passage.text):
        reference = cited.get(match[1])
        if reference is not None and reference.treatment and reference.direction == Direction.BENEFIT:
            yield _Good(reference.treatment, match[0].strip(), match.start(), match.end())


def _judged(
    passage: Passage, good: _Good, decides: Reference | None, shown: set[str], beside: str
) -> tuple[Finding | None, tuple[str, int, str]]:
    """What is wrong with a good word, if anything, and the section it stands in: one finding a section is enough."""
    low, high = 0, len(passage.text)
    if passage.field.rpartition(".")[2] in CITING:
        low, high = next((low, high) for low, high in sections(passage.text) if low <= good.start < high)
        here = {match[1] for match in MARK.finditer(passage.text, low, high)}
    else:
        here = shown | ({decides.slug} if decides is not None and _named(decides, beside) else set())
    key = (passage.field, low, good.treatment)
    if not good.treatment:
        why = _("This says that the product helps, and no evidence box says what is known of that:")
        remedy = _("Take it out, or choose the evidence box of what the product is.")
        return _finding("HC-06", passage, good, why, remedy), key
    if decides is None or decides.design not in evidence.CARRYING:
        why, remedy = _unsupported(good)
        return _finding("HC-05", passage, good, why, remedy), key
    if decides.slug in here:
        return None, key
    why = _("This speaks for a treatment without the strongest review of it, %(review)s:") % {"review": decides}
    remedy = _("Cite it in the same section, [@%(slug)s], and say what it found.") % {"slug": decides.slug}
    return _finding("HC-06", passage, good, why, remedy), key


def _named(reference: Reference, text: str) -> bool:
    """Whether words without citation marks name a source, by its first author and year."""
    surname, plain = reference.authors.split(" ")[0].lower(), text.lower()
    return bool(surname) and surname in plain and str(reference.year) in plain


def _beside(instance: Publishable, passage: Passage) -> str:
    """What is read together with a text that has no marks: its own words, or the whole first row of a list."""
    if not passage.field.startswith(_ROW):
        return passage.text
    return " ".join(one.text for one in passages.of(instance) if one.field.startswith(_ROW))


def _unsupported(good: _Good) -> tuple[str, str]:
    why = _("No trial in people on record supports this:")
    return why, _("Take it out, or add the source on %(treatment)s as a reference.") % {"treatment": good.treatment}


def _finding(code: str, passage: Passage, good: _Good, why: str, remedy: str) -> Finding:
    return Finding(
        code, Severity.BLOCK, passage.field, good.words, why, remedy, rule=code, start=good.start, end=good.end
    )


def _box(instance: Any) -> list[Evidence]:
    """The evidence box of a page that has one."""
    if getattr(instance, "evidence_id", None) is None:
        return []
    box: Evidence = instance.evidence
    return [box]


@gate.rule(Publishable, Step.EVIDENCE)
def nothing_for_no_trials(instance: Publishable) -> Iterator[Finding]:
    """Where a review looked and found no trials, nobody may read “no effect” (rules.md 13.3, HC-06)."""
    said = [
        (passage, one)
        for passage in passages.of(instance)
        if passages.spoken(passage)
        for one in effects.told(passage.text, markup=passage.markup, about=passage.about)
        if one.group
    ]
    if not said:
        return
    groups = {name for one in Reference.objects.exclude(no_trials_in="") for name in one.groups_without_trials}
    for passage, one in said:
        if one.group in groups:
            yield Finding(
                "HC-06",
                Severity.BLOCK,
                passage.field,
                one.words,
                _("Where nobody looked, nothing was found: “no trials” is not “no effect”:"),
                _("Say that there are no trials there."),
                start=one.start,
                end=one.end,
                sentence=one.sentence,
            )


@gate.rule(Publishable, Step.EVIDENCE)
def box_rests_on_the_strongest(instance: Publishable) -> Iterator[Finding]:
    """An evidence box gives the verdict of the source that decides (HC-06)."""
    for box in _box(instance):
        treatment = box.reference.treatment
        decides = _deciding(instance, []).get(treatment)
        if decides is not None and decides != box.reference:
            yield Finding(
                "HC-06",
                Severity.BLOCK,
                "evidence",
                str(box.reference),
                _("The evidence box rests on a weaker source than %(review)s:") % {"review": decides},
                _("Let the box give the verdict of the stronger one."),
            )


@gate.rule(Publishable, Step.EVIDENCE)
def nothing_withdrawn(instance: Publishable) -> Iterator[Finding]:
    """A retracted source stops a page; a superseded one is cited only beside its successor (PUB-07)."""
    cited = rules.references(instance)
    places = [("citations", one) for one in cited] + [("evidence", box.reference) for box in _box(instance)]
    for field, reference in places:
        if reference.retracted:
            yield _withdrawn(
                Severity.BLOCK,
                field,
                reference,
                _("This source was retracted:"),
                _("Take it out, and what rests on it."),
            )
        elif reference.superseded_by_id and not any(one.pk == reference.superseded_by_id for one in cited):
            yield _withdrawn(
                Severity.WARN,
                field,
                reference,
                _("A newer version has taken this source's place:"),
                _("Read the newer one, and cite it."),
            )


def _withdrawn(severity: Severity, field: str, reference: Reference, why: str, remedy: str) -> Finding:
    return Finding("PUB-07", severity, field, str(reference), why, remedy)
