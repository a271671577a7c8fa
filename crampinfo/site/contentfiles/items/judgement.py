"""Kinds of content that judge: methodologies, reviews with their scores, rankings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from crampinfo.site.contentfiles.fields import As, Choice, Many, Numbers, Ref, Slug, When, Whole
from crampinfo.site.contentfiles.items.common import (
    LANGUAGES,
    Day,
    Demo,
    Language,
    Line,
    Name,
    Points,
    Products,
    Prose,
    Published,
    References,
    Topics,
    Value,
    YesNo,
)
from crampinfo.site.contentfiles.markdown import Body
from crampinfo.site.contentfiles.moments import Moment
from crampinfo.site.contentfiles.reading import Item, One, Parts
from reviews.models import Acquisition, Compensation, EvidenceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Item):
    """One set of weights of a methodology."""

    number: Annotated[int, Whole()]
    effective_from: Day
    margin: Value = Decimal("0.2")
    tie_breaker: Annotated[str, Slug()]
    changes: Prose = ""
    weights: Annotated[dict[str, Decimal], Numbers()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Item):
    """One thing that is scored."""

    slug: Name
    name: Line
    description: Prose
    is_price: YesNo = False
    preset: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Methodology(Item):
    """A way of scoring."""

    slug: Name
    title: Line
    description: Prose = ""
    versions: Annotated[tuple[Version, ...], Parts(Version)]
    criteria: Annotated[tuple[Criterion, ...], Parts(Criterion)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller(Item):
    """One price that a reference price was taken from."""

    seller: Line
    amount: Value
    programme: YesNo


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePrice(Item):
    """What a price criterion was judged by."""

    amount: Value
    currency: Line
    taken_on: Day
    sources: Annotated[tuple[Seller, ...], Parts(Seller)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Item):
    """A criterion's value from a day on."""

    criterion: Annotated[str, Slug()]
    value: Value
    on: Annotated[Moment, When(), As("scored_at")]
    reason: Line
    evidence: Annotated[tuple[str, ...], Many(Choice(tuple(EvidenceKind.values)), at_least=1)]
    evidence_note: Line = ""
    reference_price: Annotated[ReferencePrice | None, One(ReferencePrice)] = None
    changed_because: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRecord(Item):
    """That somebody tried it."""

    __test__ = False  # not a test case, whatever its name says to pytest

    on: Annotated[Moment, When(), As("tested_on")]
    tester: Annotated[str, Ref("author")]
    method: Line
    result: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge(Item):
    """A short distinction; it is earned against at least three products."""

    name: Line
    reason: Line
    awarded_on: Day
    compared: Annotated[tuple[str, ...], Many(Ref("product"), at_least=3)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Item):
    """One product judged; its slug is its product's."""

    product: Annotated[str, Ref("product")]
    author: Annotated[str, Ref("author")]
    methodology: Annotated[str, Ref("methodology")]
    language: Annotated[str, Choice(LANGUAGES)] = LANGUAGES[0]
    published: Published = None
    acquisition: Annotated[str, Choice(tuple(Acquisition.values))]
    acquisition_note: Line = ""
    verdict: Line
    summary: Line
    dek: Prose
    pros: Points = ()
    cons: Points = ()
    not_for: Points = ()
    maker_text: Prose = ""
    evidence: Annotated[str, Ref("evidence")] = ""
    alternatives: Products = ()
    references: References = ()
    scores: Annotated[tuple[Score, ...], Parts(Score)]
    tests: Annotated[tuple[TestRecord, ...], Parts(TestRecord)] = ()
    badges: Annotated[tuple[Badge, ...], Parts(Badge)] = ()
    topics: Topics = ()
    demo: Demo = False
    body: Body

    @property
    def key(self) -> str:
        """The product's slug."""
        return self.product


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Item):
    """A product in a list."""

    product: Annotated[str, Ref("product")]
    added: Annotated[Moment, When(), As("added_on")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection(Item):
    """A product left out of a list, with the reason."""

    name: Line
    product: Annotated[str, Ref("product")] = ""
    reason: Line
    considered_on: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Item):
    """A list of reviewed products."""

    slug: Name
    title: Line
    short_title: Line
    summary: Line
    dek: Prose
    language: Language
    compensation: Annotated[str, Choice(tuple(Compensation.values))] = Compensation.ISOLATED
    methodology: Annotated[str, Ref("methodology")]
    topic: Annotated[str, Ref("topic")]
    evidence: Annotated[str, Ref("evidence")]
    author: Annotated[str, Ref("author")]
    published: Published = None
    slots: Annotated[tuple[str, ...], Many(Ref("slot"))] = ()
    none_title: Line = "You may need none of these"
    none_text: Prose
    none_detail: Line = ""
    none_source: Line = ""
    none_link: Line = ""
    none_link_text: Line = ""
    entries: Annotated[tuple[Entry, ...], Parts(Entry)]
    rejected: Annotated[tuple[Rejection, ...], Parts(Rejection)] = ()
    demo: Demo = False
