"""Where products stand: scores, gates and editorial order of one list, read from the database in two queries.

Nothing here reads a commercial table; listing.py alone puts placements beside this order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateTimeField,
    DecimalField,
    Exists,
    F,
    Field,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Now

from crampinfo.editorial.models import State
from crampinfo.lib.prepared import Prepared
from products.dose import Market
from products.models import Category, Certification, daily_dose_expression
from reviews import ranking as order
from reviews import scoring
from reviews.models import Ranking, RankingEntry, Score, Weight


@dataclass(frozen=True, slots=True)
class CriterionWeight:
    """A criterion as the current methodology version weighs it; share is its part of the whole in percent.

    preset is what a link says that orders the list mostly by it, '' where there is none.
    """

    slug: str
    name: str
    weight: Decimal
    share: Decimal = Decimal(0)
    preset: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A score that replaced an earlier one, and why."""

    product: str
    slug: str
    criterion: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A product of a list: its review, what it is, its daily dose (mg of magnesium), its scores, the gates it fails.

    vegan is None where the label does not say.
    """

    product_id: int
    slug: str
    name: str
    review_id: int
    form: str
    vegan: bool | None
    certified: bool
    elemental_per_day: Decimal | None
    keeps_place: Decimal | None
    scores: Mapping[str, Decimal]
    score: Decimal
    failures: tuple[scoring.GateFailure, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The editorial state of a list. ranked passed every gate; failed stand unnumbered below it."""

    criteria: tuple[CriterionWeight, ...]
    margin: Decimal
    candidates: tuple[order.Candidate, ...]
    placed: tuple[order.Placed, ...]
    entries: Mapping[str, Entry]
    failed: tuple[Entry, ...]
    changes: tuple[Change, ...]

    @property
    def weights(self) -> dict[str, Decimal]:
        """Weights by criterion slug."""
        return {criterion.slug: criterion.weight for criterion in self.criteria}


def markets() -> tuple[Market, ...]:
    """The markets this site serves."""
    return tuple(Market(code) for code in settings.MARKETS)


@dataclass(frozen=True, slots=True)
class _Record:
    """A current score of a review, or, where review is None, a criterion's weight."""

    review: int | None
    criterion: int
    slug: str
    name: str
    preset: str
    position: int
    value: Decimal | None
    weight: Decimal | None
    at: datetime | None
    because: str


def load(ranking: Ranking) -> Standing:
    """The standing of a list under its methodology's current version.

    Raises scoring.MissingScore when a listed review lacks a score: a missing criterion is an error, never a zero.
    """
    version = ranking.methodology.current_version
    if version is None:
        return Standing((), Decimal(0), (), (), {}, (), ())
    facts = _facts.rows(ranking=ranking.pk)
    scored = _kept.rows(reviews=[fact["review_id"] for fact in facts], version=version.pk)
    records = [_Record(*row) for row in scored]
    criteria = _criteria(records)
    by_review: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for record in records:
        if record.review is not None and record.value is not None:
            by_review[record.review][record.slug] = record.value
    weights = {criterion.slug: criterion.weight for criterion in criteria}
    entries = [_entry(fact, by_review[fact["review_id"]], weights) for fact in facts]
    ties = [record.slug for record in records if record.criterion == version.tie_breaker_id]  # its weight at least
    candidates = tuple(
        order.Candidate(entry.slug, entry.name, entry.score, entry.scores[ties[0]])
        for entry in entries
        if not entry.failures
    )
    return Standing(
        criteria=criteria,
        margin=version.margin,
        candidates=candidates,
        placed=order.rank(candidates, version.margin),
        entries={entry.slug: entry for entry in entries},
        failed=tuple(entry for entry in entries if entry.failures),
        changes=_changes(records, {entry.review_id: entry for entry in entries}),
    )


def _entry_facts(ranking: int) -> QuerySet[Any, Any]:
    live = Q(product__review__retire_at__isnull=True) | Q(product__review__retire_at__gt=Now())
    return (
        RankingEntry.objects.filter(
            live, ranking=ranking, product__review__state=State.PUBLISHED, product__review__publish_at__lte=Now()
        )
        .order_by("pk")
        .annotate(
            elemental=daily_dose_expression("product__"),
            review_id=F("product__review"),
            certified=Exists(Certification.objects.filter(product=OuterRef("product"))),
        )
        .values(
            "product_id",
            "product__slug",
            "product__name",
            "product__category",
            "product__form",
            "product__vegan",
            "certified",
            "product__recalled_on",
            "product__label_readable",
            "product__label_warns_limit",
            "keeps_place",
            "elemental",
            "review_id",
        )
    )


def _records(reviews: list[int], version: int) -> QuerySet[Any, Any]:
    """Current scores and the version's weights in one query.

    The weights come from their own table: read beside the scores, a criterion that nobody scored would be missing
    without a word.
    """
    scores = (
        Score.objects.current()
        .filter(review_id__in=reviews)
        .order_by()
        .values_list(
            "review_id", "criterion_id", "criterion__slug", "criterion__name", "criterion__preset",
            "criterion__position", "value", _nothing(DecimalField(max_digits=6, decimal_places=2)),
            "scored_at", "changed_because",
        )
    )  # fmt: skip
    weights = (
        Weight.objects.filter(version=version)
        .order_by()
        .values_list(
            _nothing(BigIntegerField()), "criterion_id", "criterion__slug", "criterion__name", "criterion__preset",
            "criterion__position", _nothing(DecimalField(max_digits=3, decimal_places=1)), "value",
            _nothing(DateTimeField()), _nothing(CharField()),
        )
    )  # fmt: skip
    return scores.union(weights, all=True)


_facts, _kept = Prepared(_entry_facts), Prepared(_records)


def _nothing(of: Field) -> Cast:
    """NULL of a type: PostgreSQL wants the columns of a union to agree."""
    return Cast(Value(None), of)


def weight_count(version: str) -> Subquery:
    """How many criteria a version weighs, for querysets that name it by a path; so many scores make a review whole."""
    weights = Weight.objects.filter(version=OuterRef(version)).order_by().values("version")
    return Subquery(weights.annotate(number=Count("pk")).values("number")[:1])


def _criteria(records: Iterable[_Record]) -> tuple[CriterionWeight, ...]:
    weighed = sorted((r for r in records if r.weight is not None), key=lambda r: (r.position, r.criterion))
    total = sum((r.weight for r in weighed if r.weight is not None), Decimal(0))
    return tuple(
        CriterionWeight(r.slug, r.name, r.weight, r.weight / total * 100 if total else Decimal(0), r.preset)
        for r in weighed
        if r.weight is not None
    )


def _entry(fact: dict[str, Any], scores: dict[str, Decimal], weights: Mapping[str, Decimal]) -> Entry:
    elemental = fact["elemental"]
    daily = Decimal(str(elemental)) if elemental is not None else None
    return Entry(
        product_id=fact["product_id"],
        slug=fact["product__slug"],
        name=fact["product__name"],
        review_id=fact["review_id"],
        form=fact["product__form"],
        vegan=fact["product__vegan"],
        certified=fact["certified"],
        elemental_per_day=daily,
        keeps_place=fact["keeps_place"],
        scores=scores,
        score=scoring.editorial_score(scores, weights),
        failures=scoring.gate_failures(
            scoring.GateFacts(
                elemental_mg_per_day=daily,
                markets=markets(),
                label_warns_limit=fact["product__label_warns_limit"],
                label_readable=fact["product__label_readable"],
                recalled=fact["product__recalled_on"] is not None,
                is_supplement=fact["product__category"] == Category.SUPPLEMENT,
            )
        ),
    )


def _changes(records: Iterable[_Record], entries: Mapping[int, Entry]) -> tuple[Change, ...]:
    changed = [
        Change(entries[record.review].name, entries[record.review].slug, record.name, record.at, record.because)
        for record in records
        if record.review is not None and record.at is not None and record.because
    ]
    return tuple(sorted(changed, key=lambda change: change.at, reverse=True)[:6])


def refresh(ranking: Ranking) -> None:
    """Store each product's editorial place and how often it keeps it when the weights vary.

    Done when inputs change, not when readers come: the grid has up to 243 weightings.
    """
    standing = load(ranking)
    ties = {candidate.key: candidate.tie for candidate in standing.candidates}
    names = {candidate.key: candidate.name for candidate in standing.candidates}
    scores = {key: standing.entries[key].scores for key in ties}
    shares = order.robustness(scores, standing.weights, ties, names, standing.margin) if ties else {}
    labels = {placed.key: order.place_label(placed) for placed in standing.placed}
    rows = list(ranking.entries.select_related("product"))
    for row in rows:
        share = shares.get(row.product.slug)
        row.place = labels.get(row.product.slug, "")
        row.keeps_place = share.quantize(Decimal("0.001")) if share is not None else None
    RankingEntry.objects.bulk_update(rows, ["place", "keeps_place"], batch_size=500)
