"""The editorial score, its arithmetic, and the gates that no score can pass; knows nothing commercial."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from products import dose

MAX_SCORE = Decimal(10)
_TENTH = Decimal("0.1")
OVER_LIMIT = "A daily dose holds %(mg)s mg of elemental magnesium, over %(limits)s, and the label carries no warning."


class ScoringError(ValueError):
    """A score can't be computed; the sentence says why."""


class MissingScore(ScoringError):
    """A criterion of the methodology has no score. Missing is an error, never a zero."""


class InvalidWeights(ScoringError):
    """A weight is negative or no number, or the weights add up to 0."""


class InvalidScore(ScoringError):
    """A score is outside 0 to 10 or has more than one decimal."""


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion's part of the sum: points = weight x score."""

    criterion: str
    weight: Decimal
    score: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The whole sum, to be printed: exact = total / weight_sum (0 to 10), rounded half-up to one decimal."""

    lines: tuple[Line, ...]
    total: Decimal
    weight_sum: Decimal
    exact: Decimal
    rounded: Decimal


def editorial_score(scores: Mapping[str, Decimal], weights: Mapping[str, Decimal]) -> Decimal:
    """The editorial score, 0 to 10 with one decimal, half-up = sum(weight x score) / sum(weights) (product.md).

    Raises MissingScore, InvalidWeights or InvalidScore; see arithmetic().
    """
    return arithmetic(scores, weights).rounded


def arithmetic(scores: Mapping[str, Decimal], weights: Mapping[str, Decimal]) -> Arithmetic:
    """The sum behind editorial_score, one line for each criterion, in the order of the weights.

    Every criterion of the weights must be scored, one of weight 0 too: it counts nothing in this version, but its
    row is printed and readers may weigh it themselves, and a gap there would be read as a zero. Scores of criteria
    that the weights don't name belong to other versions and are not looked at.

    Scores are 0 to 10 with at most one decimal, else InvalidScore; weights are 0 or more and not all 0, else
    InvalidWeights; a criterion without a score is MissingScore, which names it.
    """
    _check_weights(weights)
    missing = [criterion for criterion in weights if criterion not in scores]
    if missing:
        raise MissingScore(f"Not scored yet: {', '.join(missing)}. A missing score is an error, never a zero.")
    lines = tuple(_line(criterion, weight, scores[criterion]) for criterion, weight in weights.items())
    total = sum((line.points for line in lines), Decimal(0))
    weight_sum = sum(weights.values(), Decimal(0))
    exact = total / weight_sum
    return Arithmetic(lines, total, weight_sum, exact, exact.quantize(_TENTH, ROUND_HALF_UP))


def _check_weights(weights: Mapping[str, Decimal]) -> None:
    for criterion, weight in weights.items():
        if not weight.is_finite() or weight < 0:
            raise InvalidWeights(f"The weight of {criterion} must be 0 or more, not {weight}.")
    if not any(weights.values()):
        raise InvalidWeights("The weights add up to 0: at least one criterion must count.")


def _line(criterion: str, weight: Decimal, score: Decimal) -> Line:
    if not score.is_finite() or not 0 <= score <= MAX_SCORE:
        raise InvalidScore(f"The score of {criterion} must be from 0 to 10, not {score}.")
    if score % _TENTH:
        raise InvalidScore(f"The score of {criterion} has more than one decimal: {score}.")
    return Line(criterion, weight, score, weight * score)


@dataclass(frozen=True, slots=True)
class GateFacts:
    """What the gates look at. Elemental mg are those of a full day's servings, None where nobody can tell."""

    elemental_mg_per_day: Decimal | None
    markets: Sequence[dose.Market]
    label_warns_limit: bool
    label_readable: bool
    recalled: bool
    is_supplement: bool


@dataclass(frozen=True, slots=True)
class GateFailure:
    """A reason for "not recommended": a stable code (over_limit, recalled, no_label) and the sentence to print.

    over holds the limits that mg a day exceed. What told() asks its translator for is listed in crampinfo/lib/words.py.
    """

    code: str
    words: str
    mg: Decimal | None = None
    over: tuple[dose.Limit, ...] = ()

    @property
    def sentence(self) -> str:
        """The sentence in English."""
        return self.told(str)

    def told(self, say: Callable[[str], str]) -> str:
        """The sentence in the language that say translates into."""
        if self.mg is None:
            return say(self.words)
        limits = [
            say("the %(limit)s of %(mg)s mg (%(percent)s %% of it)")
            % {"limit": say(limit.name), "mg": limit.mg, "percent": dose.percent_of_limit(self.mg, limit.market)}
            for limit in self.over
        ]
        listed = limits[0]
        if len(limits) > 1:
            listed = say("%(limits)s and %(last)s") % {"limits": ", ".join(limits[:-1]), "last": limits[-1]}
        return say(self.words) % {"mg": dose.round_mg(self.mg), "limits": listed}


def gate_failures(facts: GateFacts) -> tuple[GateFailure, ...]:
    """Every gate that a product fails; one is enough for "not recommended", whatever the score (product.md).

    Over the limit of the strictest served market without a warning on the label; recalled; no readable label. A
    supplement whose dose is unknown fails the label gate, because nothing shows that it keeps to the limit.
    Accessories can only be recalled. A supplement with a dose but without a served market is a ValueError.
    """
    failures: list[GateFailure] = []
    if facts.recalled:
        failures.append(GateFailure("recalled", "This product has been recalled."))
    if facts.is_supplement:
        failures.extend(_supplement_failures(facts))
    return tuple(failures)


def _supplement_failures(facts: GateFacts) -> Iterator[GateFailure]:
    mg = facts.elemental_mg_per_day
    if mg is not None and dose.round_mg(mg) > dose.strictest(facts.markets).mg and not facts.label_warns_limit:
        yield GateFailure("over_limit", OVER_LIMIT, mg, dose.exceeds(mg, facts.markets))
    if not facts.label_readable:
        yield GateFailure("no_label", "The label can't be read in full, so nobody can tell what a serving holds.")
    elif mg is None:
        yield GateFailure("no_label", "The label does not say how much elemental magnesium a daily dose holds.")
