"""A reader's own weights, read from an address, and the order they make; nothing commercial is in reach."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import gcd, lcm

from django.utils.translation import gettext as _

from reviews import ranking, scoring
from reviews.standing import CriterionWeight, Standing

PREFIX = "w-"
MAX = Decimal(10)
# What a preset gives to every criterion but its own, which gets MAX.
BESIDE = Decimal(2)
_TENTH = Decimal("0.1")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?|[+-]?[.,][0-9]+")


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """Where a product stands by a reader's weights: score from 0 to 10, one decimal, and the place as printed."""

    key: str
    score: Decimal
    label: str


def on_scale(weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Weights on a form's scale of 0 to 10, in their own proportions.

    Whole numbers where such can say it exactly (30, 25, 20 are 6, 5, 4); else the largest is 10 and the others are
    rounded to one decimal. Weights are 0 or more and not all 0, else InvalidWeights.
    """
    if not any(weights.values()) or min(weights.values()) < 0:
        raise scoring.InvalidWeights("Only weights of 0 or more, one of them above 0, have proportions.")
    ratios = [weight.as_integer_ratio() for weight in weights.values()]
    scale = lcm(*(denominator for _numerator, denominator in ratios))
    wholes = [numerator * (scale // denominator) for numerator, denominator in ratios]
    shortest = [whole // gcd(*wholes) for whole in wholes]
    if max(shortest) <= MAX:
        return dict(zip(weights, map(Decimal, shortest), strict=True))
    top = max(weights.values())
    return {name: _rounded(weight * MAX / top) for name, weight in weights.items()}


def preset(criteria: Sequence[CriterionWeight], chosen: str) -> dict[str, Decimal]:
    """The weights under which one criterion matters most: it gets 10, each other one 2."""
    return {criterion.slug: MAX if criterion.slug == chosen else BESIDE for criterion in criteria}


def read(
    asked: Mapping[str, str], criteria: Sequence[CriterionWeight]
) -> tuple[dict[str, Decimal] | None, tuple[str, ...]]:
    """The weights that an address asks for (w-<criterion>=0 to 10), and a sentence for each that was not taken as is.

    None where it asks for none, or for nothing but zeros. A criterion that is left out or left empty weighs 0, so
    that a shared address keeps its order when a criterion is added later. What is no number weighs what we give it.
    """
    given = {one.slug: asked[PREFIX + one.slug] for one in criteria if PREFIX + one.slug in asked}
    notices: list[str] = []
    if any(name.startswith(PREFIX) and name.removeprefix(PREFIX) not in given for name in asked):
        notices.append(_("The address weighs something that this list does not score: that was left out."))
    if not given:
        return None, tuple(notices)
    ours = on_scale({one.slug: one.weight for one in criteria})
    weights: dict[str, Decimal] = {}
    for one in criteria:
        weights[one.slug], notice = _weight(given.get(one.slug, ""), one.name, ours[one.slug])
        notices += notice
    if not any(weights.values()):
        notices.append(_("Every weight was 0, which leaves nothing to order by: this is the list as it stands."))
        return None, tuple(notices)
    return weights, tuple(notices)


def _weight(text: str, name: str, ours: Decimal) -> tuple[Decimal, list[str]]:
    """A weight as typed, clamped to 0 to 10 and rounded to one decimal, with a word where that changed it."""
    typed = text.strip()
    if not typed:
        return Decimal(0), []
    if not _NUMBER.fullmatch(typed):
        sentence = _("“%(name)s”: that was not a number, so it weighs %(weight)s, as it does for us.")
        return ours, [sentence % {"name": name, "weight": plain(ours)}]
    number = Decimal(typed.replace(",", "."))
    if number < 0:
        return Decimal(0), [_("“%(name)s”: a weight can't be below 0, so it weighs 0.") % {"name": name}]
    if number > MAX:
        return MAX, [_("“%(name)s”: a weight goes up to 10, so it weighs 10.") % {"name": name}]
    if number % _TENTH:
        sentence = _("“%(name)s”: weights have one decimal, so it weighs %(weight)s.")
        return _rounded(number), [sentence % {"name": name, "weight": plain(_rounded(number))}]
    return _rounded(number), []


def _rounded(weight: Decimal) -> Decimal:
    return weight.quantize(_TENTH, ROUND_HALF_UP)


def plain(weight: Decimal) -> str:
    """A weight as addresses and forms write it in every language: 6, 3.5."""
    return f"{weight.normalize():f}"


def order(standing: Standing, weights: Mapping[str, Decimal]) -> tuple[OwnPlace, ...]:
    """The ranked products in the order of these weights: the same arithmetic, margin and ties as the list's own."""
    ties = {candidate.key: candidate.tie for candidate in standing.candidates}
    candidates = [
        ranking.Candidate(
            key, standing.entries[key].name, scoring.editorial_score(standing.entries[key].scores, weights), tie
        )
        for key, tie in ties.items()
    ]
    scores = {candidate.key: candidate.score for candidate in candidates}
    return tuple(
        OwnPlace(placed.key, scores[placed.key], ranking.place_label(placed))
        for placed in ranking.rank(candidates, standing.margin)
    )
