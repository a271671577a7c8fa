"""The public changelog of a methodology: what each version weighs, what that changed, and whom it moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from reviews import impact, overview, scoring, standing
from reviews.models import Criterion, MethodologyVersion, Ranking, Weight
from reviews.standing import Standing


@dataclass(frozen=True, slots=True)
class WeightLine:
    """A criterion's weight in one version; was is the one before it, None where it was not weighed or is the same."""

    criterion: Criterion
    value: Decimal
    was: Decimal | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One version. tables is what it moved, list by list (reviews.impact.as_stored).

    when says how the tables were measured: "frozen" (taken and kept on the day it was frozen), "today" (with today's
    scores, for versions that came in with an import), or "" where there is nothing to compare with.
    """

    version: MethodologyVersion
    weights: tuple[WeightLine, ...]
    tables: Sequence[Mapping[str, Any]]
    when: str
    is_current: bool
    is_coming: bool
    until: date | None

    @property
    def is_linked(self) -> bool:
        """Whether its products are sure to have their pages: a table that was kept may outlive them."""
        return self.when == "today"


def load(ranking: Ranking) -> list[Entry]:
    """The frozen versions of a list's methodology, newest first; drafts are nobody's business yet."""
    weights = Prefetch("weights", Weight.objects.select_related("criterion").order_by("criterion__position"))
    rows = MethodologyVersion.objects.filter(methodology=ranking.methodology_id, frozen_at__isnull=False)
    versions = list(rows.select_related("tie_breaker").prefetch_related(weights).order_by("number"))
    unmeasured = any(version.impact is None for version in versions[1:])
    state = standing.load(ranking) if unmeasured else None
    found = []
    for before, version, after in zip([None, *versions], versions, [*versions[1:], None], strict=False):
        tables, when = _tables(ranking, before, version, state)
        found.append(
            Entry(
                version=version,
                weights=_lines(before, version),
                tables=tables,
                when=when,
                is_current=version.pk == ranking.methodology.current_version_id,
                is_coming=_number(ranking) is None or version.number > (_number(ranking) or 0),
                until=after.effective_from if after is not None else None,
            )
        )
    return found[::-1]


def _number(ranking: Ranking) -> int | None:
    current = ranking.methodology.current_version
    return None if current is None else int(current.number)


def _lines(before: MethodologyVersion | None, version: MethodologyVersion) -> tuple[WeightLine, ...]:
    was = {weight.criterion_id: weight.value for weight in before.weights.all()} if before is not None else {}
    return tuple(
        WeightLine(
            criterion=weight.criterion,
            value=weight.value,
            was=was.get(weight.criterion_id) if was.get(weight.criterion_id) != weight.value else None,
            is_new=before is not None and weight.criterion_id not in was,
        )
        for weight in version.weights.all()
    )


def _tables(
    ranking: Ranking, before: MethodologyVersion | None, version: MethodologyVersion, state: Standing | None
) -> tuple[Sequence[Mapping[str, Any]], str]:
    if version.impact is not None:
        return version.impact, "frozen"
    if before is None or state is None:
        return (), ""
    try:
        rows = impact.moves(state.entries.values(), impact.weighing_of(before), impact.weighing_of(version))
    except scoring.MissingScore:
        return (), ""  # an old version weighed what nobody scores any more
    found = impact.ListImpact(ranking.slug, ranking.title, len(state.candidates), ranking.topic.sensitive, rows)
    return impact.as_stored([found], overview.products_that_pay({row.product for row in rows})), "today"
