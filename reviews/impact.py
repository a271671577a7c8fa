"""What other weights move: every score and place of a list, before and after; knows nothing commercial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reviews import ranking, scoring, standing
from reviews.models import MethodologyVersion, Ranking
from reviews.ranking import Placed
from reviews.standing import Entry


@dataclass(frozen=True, slots=True)
class Weighing:
    """One way of weighing: weights by criterion, the margin in points, and the tie-breaking criterion."""

    weights: Mapping[str, Decimal]
    margin: Decimal
    tie: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A product whose score or place another weighing changes. places are as printed, by is up (above 0) or down."""

    product: int
    slug: str
    name: str
    scores: tuple[Decimal, Decimal]
    places: tuple[str, str]
    by: int


@dataclass(frozen=True, slots=True)
class ListImpact:
    """What a weighing does to one list: how many products it ranks, and those that it changes, by their new place."""

    slug: str
    title: str
    ranked: int
    sensitive: bool
    rows: tuple[Moved, ...]

    @property
    def moving(self) -> int:
        """How many of them change their place."""
        return sum(row.by != 0 for row in self.rows)


def weighing_of(version: MethodologyVersion) -> Weighing:
    """A version as a way of weighing, open or frozen."""
    weights = version.weights.all()
    ties = {weight.criterion_id: weight.criterion.slug for weight in weights}
    return Weighing(
        {weight.criterion.slug: weight.value for weight in weights},
        version.margin,
        ties.get(version.tie_breaker_id, ""),
    )


def moves(entries: Iterable[Entry], before: Weighing, after: Weighing) -> tuple[Moved, ...]:
    """The products whose score or printed place differs between two weighings, in the order of the second.

    Only products that pass every gate are ranked; no weighing changes that. Errors are those of editorial_score().
    """
    ranked = [entry for entry in entries if not entry.failures]
    old, new = _places(ranked, before), _places(ranked, after)
    by_key = {entry.slug: entry for entry in ranked}
    found = (_moved(by_key[key], old[key], new[key]) for key in new)
    return tuple(row for row in found if row.scores[0] != row.scores[1] or row.places[0] != row.places[1])


def _places(entries: Sequence[Entry], how: Weighing) -> dict[str, tuple[Decimal, Placed]]:
    scores = {entry.slug: scoring.editorial_score(entry.scores, how.weights) for entry in entries}
    candidates = [
        ranking.Candidate(entry.slug, entry.name, scores[entry.slug], entry.scores[how.tie]) for entry in entries
    ]
    return {placed.key: (scores[placed.key], placed) for placed in ranking.rank(candidates, how.margin)}


def _moved(entry: Entry, old: tuple[Decimal, Placed], new: tuple[Decimal, Placed]) -> Moved:
    return Moved(
        product=entry.product_id,
        slug=entry.slug,
        name=entry.name,
        scores=(old[0], new[0]),
        places=(ranking.place_label(old[1]), ranking.place_label(new[1])),
        by=old[1].place - new[1].place,
    )


def of(version: MethodologyVersion) -> tuple[ListImpact, ...]:
    """What a version would do to each live list of its methodology; nothing where none is in force before it.

    Raises scoring.MissingScore when a ranked product lacks a score that the version weighs.
    """
    current = version.methodology.current_version
    if current is None:
        return ()
    return tuple(_of_list(found, weighing_of(current), weighing_of(version)) for found in _lists(version))


def _lists(version: MethodologyVersion) -> Iterator[Ranking]:
    live = Ranking.objects.published().filter(methodology=version.methodology_id)
    yield from live.select_related("methodology__current_version", "topic")


def _of_list(found: Ranking, before: Weighing, after: Weighing) -> ListImpact:
    state = standing.load(found)
    rows = moves(state.entries.values(), before, after)
    return ListImpact(found.slug, found.title, len(state.candidates), found.topic.sensitive, rows)


def as_stored(impacts: Iterable[ListImpact], paying: set[int]) -> list[dict[str, Any]]:
    """The table published with a version, as plain JSON; paying are the products whose button is a paid link."""
    return [
        {
            "list": one.slug,
            "title": one.title,
            "ranked": one.ranked,
            "moving": one.moving,
            "rows": [
                {
                    "product": row.slug,
                    "name": row.name,
                    "scores": [str(score) for score in row.scores],
                    "places": list(row.places),
                    "by": row.by,
                    "down": max(-row.by, 0),
                    "earns": row.product in paying and not one.sensitive,
                }
                for row in one.rows
            ],
        }
        for one in impacts
    ]
