"""An evidence box that says something else: the readings of the pages that show it stop counting (rules.md HC-22).

The box is a record of its own, so the hash of a page's words does not cover it. What was read has changed all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils import timezone

from crampinfo.editorial.models import Evidence, MedicalReview, Reference, ReferenceOutcome
from crampinfo.editorial.showing import publishables

# What a reader of the box is told, by record; of its source what decides how far to trust it, not how it is spelled.
SAYS: Mapping[type[models.Model], tuple[str, ...]] = {
    Evidence: (
        "statement", "direction", "strength", "strength_note", "studied", "population", "result", "reference_id",
        "outcome_id", "axis_min", "axis_max", "axis_low_label", "axis_high_label", "caption",
    ),
    Reference: ("design", "direction", "certainty", "population", "n", "superseded_by_id", "retracted"),
    ReferenceOutcome: (
        "measure", "unit", "effect", "ci_low", "ci_high", "p", "studies", "n", "certainty", "population",
    ),
}  # fmt: skip


@receiver(pre_save, sender=Evidence, dispatch_uid="boxes.evidence")
@receiver(pre_save, sender=Reference, dispatch_uid="boxes.reference")
@receiver(pre_save, sender=ReferenceOutcome, dispatch_uid="boxes.outcome")
def void_when_it_says_else(sender: type[models.Model], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Before the change is stored: should it fail after this, a reading is missing, and none counts that should not."""
    if not raw and instance.pk is not None and _says_else(sender, instance):
        void(Evidence.objects.filter(_boxes_of(instance)))


def void(boxes: models.QuerySet[Evidence]) -> int:
    """End the readings of every text that shows one of these boxes; how many were ended. A new reading counts again."""
    ended = 0
    kinds: list[Any] = publishables()
    for model in kinds:
        try:
            model._meta.get_field("evidence")
        except FieldDoesNotExist:
            continue
        showing = model._base_manager.filter(evidence__in=boxes, medical_review__isnull=False)
        read = MedicalReview.objects.filter(pk__in=showing.values("medical_review"), void_since__isnull=True)
        ended += read.update(void_since=timezone.now())
    return ended


def _says_else(sender: type[models.Model], instance: Any) -> bool:
    fields = [next(field for field in sender._meta.concrete_fields if field.attname == name) for name in SAYS[sender]]
    stored = sender._base_manager.filter(pk=instance.pk).values(*SAYS[sender]).first()
    return stored is not None and any(
        field.to_python(getattr(instance, field.attname)) != stored[field.attname] for field in fields
    )


def _boxes_of(instance: Any) -> Q:
    match instance:
        case Evidence():
            return Q(pk=instance.pk)
        case Reference():
            return Q(reference=instance)
        case _:
            return Q(outcome=instance)
