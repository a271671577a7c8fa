"""On which text readers see a call-out, an evidence box, a comment or a reading."""

from __future__ import annotations

from typing import Any

from articles.models import Article, Comment, Question
from crampinfo.editorial.admin import seen_on
from crampinfo.editorial.models import Evidence, MedicalReview, Publishable
from products.models import Placement, Slot


def _first(**wanted: Any) -> Publishable | None:
    texts = (model.objects.published().filter(**wanted).first() for model in (Article, Question))
    return next((text for text in texts if text is not None), None)


@seen_on(Slot)
def of_slot(slot: Slot) -> Publishable | None:
    """A text with a call-out in it."""
    return _first(button_slot=slot)


@seen_on(Placement)
def of_placement(placement: Placement) -> Publishable | None:
    """Where its slot is."""
    return of_slot(placement.slot)


@seen_on(Evidence)
def of_evidence(evidence: Evidence) -> Publishable | None:
    """A text that shows the box."""
    return _first(evidence=evidence)


@seen_on(Comment, MedicalReview)
def of_words(words: Comment | MedicalReview) -> Publishable | None:
    """The page they are about."""
    return words.content if isinstance(words.content, Publishable) else None
