"""Puts a finished editorial order and the placements together into rows: the one place where money meets a list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Literal

from reviews.ranking import Candidate, Placed, in_order, number, place_label
from reviews.scoring import MAX_SCORE

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class PaidEffect:
    """What one placement does to the product `key`: a booked place (order) or points on its score (adjustment).

    An order has a target_place from 1 on and nothing else; an adjustment has points with at most one decimal, so
    that the printed sum adds up. Anything else is a ValueError. Whether the dates hold today is the caller's to see.
    """

    key: str
    kind: Literal["order", "adjustment"]
    advertiser: str
    starts: datetime
    ends: datetime
    target_place: int | None
    adjustment: Decimal | None
    placement_id: int

    def __post_init__(self) -> None:
        if self.kind == "order":
            if self.target_place is None or self.target_place < 1 or self.adjustment is not None:
                raise ValueError("A booked place needs a target place from 1 on, and adjusts no score.")
        elif self.adjustment is None or self.adjustment % _TENTH or self.target_place is not None:
            raise ValueError("A score adjustment needs points with at most one decimal, and books no place.")


@dataclass(frozen=True, slots=True)
class RankedRow:
    """One row of a list: what the editors found, what is shown, and whose payment makes the difference.

    effects are the placements of the row's own product. moved_by are the placements of others that put the row at
    another place than its editorial one; empty where the row's own placement did.
    """

    key: str
    editorial_score: Decimal
    editorial_place: int
    editorial_label: str
    shown_score: Decimal
    shown_place: int
    shown_label: str
    effects: tuple[PaidEffect, ...]
    moved_by: tuple[PaidEffect, ...]

    @property
    def paid_points(self) -> Decimal:
        """The paid part of the shown score: editorial + paid = shown, after the cap and the ends of the scale."""
        return self.shown_score - self.editorial_score


def rows(
    candidates: Iterable[Candidate],
    margin: Decimal,
    effects: Iterable[PaidEffect],
    *,
    influenced: bool,
    cap: Decimal,
) -> tuple[RankedRow, ...]:
    """The rows of a list in the order shown (product.md, Two kinds of list).

    An isolated list takes no effects: any is a ValueError. On an influenced list
    shown score = clamp(editorial + clamp(sum of adjustments, -cap, cap), 0, 10), and the shown scores rank by the
    editorial rule. Then each booked product goes to its target place and the others keep their order among
    themselves. A target beyond the end means the last place that no other booking names. A booked row stands alone
    and ends a group of sharers.

    The cap is in points, 0 or more with at most one decimal. A wrong cap, an effect on a product that is not on the
    list, and two bookings of one place or of one product are ValueErrors.
    """
    ordered = in_order(candidates)
    paid = tuple(effects)
    if paid and not influenced:
        raise ValueError("An isolated list takes no placements: payment can't reach its order or scores.")
    own = _by_product(ordered, paid)
    targets = _targets(paid)
    shown = _shown_order([_adjusted(candidate, own[candidate.key], cap) for candidate in ordered], targets)
    before = {placed.key: placed for placed in number(ordered, margin)}
    after = {placed.key: placed for placed in _number_around(shown, targets, margin)}
    editorial_scores = {candidate.key: candidate.score for candidate in ordered}
    changed = {candidate.key for candidate in shown if candidate.score != editorial_scores[candidate.key]}
    drivers = _drivers(after, own, targets, changed)
    return tuple(
        _row(before[key], after[key], editorial_scores[key], score, own[key], _moved_by(key, before, after, drivers))
        for key, score in ((candidate.key, candidate.score) for candidate in shown)
    )


def _row(
    before: Placed,
    after: Placed,
    editorial_score: Decimal,
    shown_score: Decimal,
    own: tuple[PaidEffect, ...],
    moved_by: tuple[PaidEffect, ...],
) -> RankedRow:
    return RankedRow(
        key=before.key,
        editorial_score=editorial_score,
        editorial_place=before.place,
        editorial_label=place_label(before),
        shown_score=shown_score,
        shown_place=after.place,
        shown_label=place_label(after),
        effects=own,
        moved_by=moved_by,
    )


def _by_product(candidates: Iterable[Candidate], paid: Iterable[PaidEffect]) -> dict[str, tuple[PaidEffect, ...]]:
    """Each product's own effects; an effect on a product that is not on the list is a ValueError."""
    own: dict[str, tuple[PaidEffect, ...]] = {candidate.key: () for candidate in candidates}
    for effect in paid:
        if effect.key not in own:
            raise ValueError(f"Placement {effect.placement_id} is for {effect.key}, which is not on this list.")
        own[effect.key] += (effect,)
    return own


def _targets(paid: Iterable[PaidEffect]) -> dict[str, int]:
    """The booked place of each product that has one; two bookings of a place or of a product are a ValueError."""
    targets: dict[str, int] = {}
    for effect in paid:
        if effect.target_place is None:
            continue
        if effect.target_place in targets.values():
            raise ValueError(f"Place {effect.target_place} is booked twice.")
        if effect.key in targets:
            raise ValueError(f"Two places are booked for {effect.key}.")
        targets[effect.key] = effect.target_place
    return targets


def _adjusted(candidate: Candidate, own: Iterable[PaidEffect], cap: Decimal) -> Candidate:
    """The candidate with its shown score."""
    if cap < 0 or cap % _TENTH:
        raise ValueError(f"The cap on score adjustments must be 0 or more with at most one decimal, not {cap}.")
    points = sum((effect.adjustment for effect in own if effect.adjustment is not None), Decimal(0))
    shown = candidate.score + min(max(points, -cap), cap)
    return replace(candidate, score=min(max(shown, Decimal(0)), MAX_SCORE))


def _shown_order(adjusted: Iterable[Candidate], targets: Mapping[str, int]) -> list[Candidate]:
    """By shown score, then every booked product at its seat and the others around them."""
    ranked = in_order(adjusted)
    seats = _seats(targets, len(ranked))
    booked = {candidate.key: candidate for candidate in ranked if candidate.key in targets}
    others = (candidate for candidate in ranked if candidate.key not in targets)
    return [booked[seats[position]] if position in seats else next(others) for position in range(1, len(ranked) + 1)]


def _seats(targets: Mapping[str, int], size: int) -> dict[int, str]:
    """Who stands at each booked position; those beyond the end fill the last free ones, the farthest target last."""
    seats = {target: key for key, target in targets.items() if target <= size}
    free = (position for position in range(size, 0, -1) if position not in seats)
    beyond = sorted(((target, key) for key, target in targets.items() if target > size), reverse=True)
    return seats | {position: key for (_, key), position in zip(beyond, list(free), strict=False)}


def _number_around(shown: Iterable[Candidate], targets: Mapping[str, int], margin: Decimal) -> list[Placed]:
    """Number the rows: a booked one stands alone, the runs between them share by the margin."""
    placed: list[Placed] = []
    for is_booked, run in groupby(shown, key=lambda candidate: candidate.key in targets):
        for group in [[candidate] for candidate in run] if is_booked else [list(run)]:
            placed += number(group, margin, first=len(placed) + 1)
    return placed


def _drivers(
    shown: Iterable[str], own: Mapping[str, tuple[PaidEffect, ...]], targets: Mapping[str, int], changed: set[str]
) -> dict[str, tuple[PaidEffect, ...]]:
    """The products that payment moves, in shown order, each with the effects that do it.

    A booking decides alone where its product stands; an adjustment that the cap leaves nothing of moves nobody.
    """
    return {
        key: tuple(effect for effect in own[key] if (effect.kind == "order") == (key in targets))
        for key in shown
        if key in targets or key in changed
    }


def _moved_by(
    key: str,
    before: Mapping[str, Placed],
    after: Mapping[str, Placed],
    drivers: Mapping[str, tuple[PaidEffect, ...]],
) -> tuple[PaidEffect, ...]:
    """The effects that passed a row which payment for others put at another place."""
    if key in drivers or before[key].place == after[key].place:
        return ()
    was, now = before[key].position, after[key].position
    passed = [d for d in drivers if (before[d].position < was) != (after[d].position < now)]
    return tuple(effect for d in passed or _regrouped_by(key, before, after, drivers) for effect in drivers[d])


def _regrouped_by(
    key: str, before: Mapping[str, Placed], after: Mapping[str, Placed], drivers: Mapping[str, tuple[PaidEffect, ...]]
) -> list[str]:
    """The paid products that changed a row's place without passing it: they changed who shares a place above it.

    Sharing is counted from a leader downwards, so the cause stands, before or after, between the row and the nearest
    position above it where a new place begins in both orders.
    """
    above = list(zip(before.values(), after.values(), strict=True))[: before[key].position - 1]
    begins = (index for index, (was, now) in enumerate(above) if was.place == now.place == now.position)
    near = {placed.key for pair in above[max(begins, default=0) :] for placed in pair}
    return [driver for driver in drivers if driver in near]
