"""How a review's editorial score came to be what it is: one step for each moment that changed it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext as _

from reviews.scoring import editorial_score


@dataclass(frozen=True, slots=True)
class ScoreRecord:
    """One recorded score of one criterion; records are never changed, a later one takes over from its moment on.

    reason says why the value is what it is, changed_because why it replaced the one before (may be empty).
    """

    criterion: str
    value: Decimal
    on: datetime
    reason: str
    changed_because: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """The editorial score from a moment on, and why it stands there."""

    on: datetime
    score: Decimal
    why: str


def steps(records: Iterable[ScoreRecord], weights: Mapping[str, Decimal]) -> tuple[Step, ...]:
    """The editorial score after each distinct moment at which every weighted criterion has a score, oldest first.

    Records of criteria that the weights don't name are left out. Of two records of one criterion at one moment, the
    one given later counts. The first step says "First review"; each other step says what its records'
    changed_because say, or their reasons where none does. A moment that leaves the score as it was is a step only
    if a changed_because is given. Errors are those of editorial_score().
    """
    relevant = sorted((record for record in records if record.criterion in weights), key=lambda record: record.on)
    scores: dict[str, Decimal] = {}
    found: list[Step] = []
    for on, group in groupby(relevant, key=lambda record: record.on):
        moment = {record.criterion: record for record in group}
        scores.update((criterion, record.value) for criterion, record in moment.items())
        if scores.keys() < weights.keys():
            continue
        score = editorial_score(scores, weights)
        because = _joined(record.changed_because for record in moment.values())
        if not found:
            found.append(Step(on, score, _("First review")))
        elif because or score != found[-1].score:
            found.append(Step(on, score, because or _joined(record.reason for record in moment.values())))
    return tuple(found)


def _joined(texts: Iterable[str]) -> str:
    """The texts that say something, each once, in one line."""
    said = dict.fromkeys(text.strip() for text in texts if text.strip())
    return " ".join(said) if len(said) <= 1 else "; ".join(text.rstrip(".") for text in said)
