"""The order of a list, its shared places, and how robust each place is; knows nothing commercial."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import ceil, lcm
from operator import mul
from random import Random
from typing import TypeVar

from reviews.scoring import editorial_score

# Each weight times 0.75, 1 or 1.25, in quarters, so that the many sums below stay whole numbers.
FACTORS = (3, 4, 5)
MAX_WEIGHTINGS = 243
SEED = "crampinfo rank robustness"

Number = TypeVar("Number", int, Decimal)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product to be placed: its rounded score, and its score on the methodology's tie-breaking criterion."""

    key: str
    name: str
    score: Decimal
    tie: Decimal


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a product stands: position is 1, 2, 3 with no gaps, place is the number printed, which may be shared."""

    key: str
    position: int
    place: int
    shared: bool


def rank(candidates: Iterable[Candidate], margin: Decimal) -> tuple[Placed, ...]:
    """The candidates in order, numbered 1, 2=, 2=, 4 (product.md, The formulas).

    Score descending, then tie descending, then name without regard to case, then key: a total order, whatever the
    order of the input. A group's leader shares its place with every follower less than the margin below it, so a
    margin of 0 shares nothing. A key given twice or a negative margin is a ValueError.
    """
    return tuple(number(in_order(candidates), margin))


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates in the order that rank() describes; a key given twice is a ValueError."""
    ordered = sorted(candidates, key=lambda candidate: (-candidate.score, *_tie_order(candidate)))
    seen: set[str] = set()
    for candidate in ordered:
        if candidate.key in seen:
            raise ValueError(f"{candidate.key} stands twice in one list.")
        seen.add(candidate.key)
    return ordered


def number(ordered: Sequence[Candidate], margin: Decimal, first: int = 1) -> list[Placed]:
    """Number candidates that stand in order already, from position first on; a negative margin is a ValueError."""
    if margin < 0:
        raise ValueError(f"The margin must be 0 or more, not {margin}.")
    places = [first - 1 + place for place in _places([candidate.score for candidate in ordered], margin)]
    sharers = Counter(places)
    return [
        Placed(candidate.key, position, place, sharers[place] > 1)
        for position, (candidate, place) in enumerate(zip(ordered, places, strict=True), start=first)
    ]


def place_label(placed: Placed) -> str:
    """The place as it is printed: "2", or "2=" where it is shared."""
    return f"{placed.place}=" if placed.shared else str(placed.place)


def robustness(
    products: Mapping[str, Mapping[str, Decimal]],
    weights: Mapping[str, Decimal],
    ties: Mapping[str, Decimal],
    names: Mapping[str, str],
    margin: Decimal,
    seed: str = SEED,
) -> dict[str, Decimal]:
    """For each product, the share (0 to 1, unrounded) of weightings in which it keeps its place (product.md).

    products holds each product's criterion scores by key; ties and names are by the same keys. The place is the
    printed number, shared or not. A weighting multiplies every weight above 0 by 0.75, 1 or 1.25: all combinations
    up to 243 of them, else the unchanged weighting and 242 drawn with the seed. Errors are those of
    editorial_score() and rank().
    """
    candidates = [
        Candidate(key, names[key], editorial_score(scores, weights), ties[key]) for key, scores in products.items()
    ]
    home = {placed.key: placed.place for placed in rank(candidates, margin)}
    # Sorted once by all that weights don't change: sorting by score is stable, so ties fall as they do in rank().
    keys = [candidate.key for candidate in sorted(candidates, key=_tie_order)]
    criteria = sorted(criterion for criterion, weight in weights.items() if weight > 0)
    tenths = [[int(products[key][criterion] * 10) for criterion in criteria] for key in keys]
    margin_tenths = ceil(margin * 10)
    kept = dict.fromkeys(keys, 0)
    weightings = list(_weightings(_whole([weights[criterion] for criterion in criteria]), seed))
    for weighting in weightings:
        scores = _scores(tenths, weighting)
        order = sorted(range(len(keys)), key=lambda i: -scores[i])
        for i, place in zip(order, _places([scores[i] for i in order], margin_tenths), strict=True):
            kept[keys[i]] += place == home[keys[i]]
    return {key: Decimal(count) / len(weightings) for key, count in kept.items()}


def _tie_order(candidate: Candidate) -> tuple[Decimal, str, str]:
    return -candidate.tie, candidate.name.casefold(), candidate.key


def _places(scores: Sequence[Number], margin: Number) -> Iterator[int]:
    """The printed place of each score in a descending row of them."""
    leader, place = None, 0
    for position, score in enumerate(scores, start=1):
        if leader is None or leader - score >= margin:
            leader, place = score, position
        yield place


def _whole(weights: Sequence[Decimal]) -> list[int]:
    """The same weights as whole numbers, in the same proportions."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    scale = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (scale // denominator) for numerator, denominator in ratios]


def _weightings(weights: Sequence[int], seed: str) -> Iterator[list[int]]:
    """The fixed grid of weightings, in quarters of the weights."""
    count = len(FACTORS) ** len(weights)
    if count <= MAX_WEIGHTINGS:
        for factors in product(FACTORS, repeat=len(weights)):
            yield [weight * factor for weight, factor in zip(weights, factors, strict=True)]
        return
    yield [weight * 4 for weight in weights]
    # Of Random, only random() is promised to give the same numbers in every Python version.
    draws = Random(seed)  # noqa: S311 - a fixed sample, not a secret
    for _ in range(MAX_WEIGHTINGS - 1):
        yield [weight * FACTORS[int(draws.random() * len(FACTORS))] for weight in weights]


def _scores(tenths: Sequence[Sequence[int]], weighting: Sequence[int]) -> list[int]:
    """Each product's score in tenths, half-up: what editorial_score() gives, in whole numbers for speed."""
    weight_sum = sum(weighting)
    return [(2 * sum(map(mul, weighting, scores)) + weight_sum) // (2 * weight_sum) for scores in tenths]
