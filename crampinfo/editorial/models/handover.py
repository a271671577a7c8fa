"""Handovers: each move of a text with its note, who has it from then on, and until when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models.appendonly import AppendOnly
from crampinfo.editorial.models.publishable import State

THROWN_AWAY = "thrown_away"  # where a draft of changes ends that nobody published
_STATES = [*State.choices, (THROWN_AWAY, _("Thrown away"))]


class Handover(AppendOnly):
    """One move of an unpublished text or, of_changes, of the draft of changes of a live one. The newest row of an
    object is what stands: assignee is who has it now (anybody who may, when empty), due the day it is wanted."""

    append_only: ClassVar[str] = "A handover stays on record: make the next move instead of changing it."

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    content = GenericForeignKey("content_type", "object_id")
    of_changes = models.BooleanField(_("of a draft of changes"), default=False)
    title = models.CharField(_("title"), max_length=200)
    from_state = models.CharField(_("from"), max_length=12, choices=_STATES)
    to_state = models.CharField(_("to"), max_length=12, choices=_STATES)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("by")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="handed",
        verbose_name=_("handed to"),
    )
    due = models.DateField(_("due"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("handover")
        indexes = (models.Index(fields=("content_type", "object_id", "-id")),)
        constraints = (
            models.CheckConstraint(
                name="editorial_handover_moves",
                condition=~Q(from_state=F("to_state")),
                violation_error_message=_("A handover goes from one state to another."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}: {self.get_to_state_display()}"

    @property
    def days_late(self) -> int:
        """Whole days since the due date, in the site's time zone; 0 while it is not late."""
        return max(0, (timezone.localdate() - self.due).days) if self.due is not None else 0

    def clean(self) -> None:
        """Nobody is late from the start."""
        if self.due is not None and self.due < timezone.localdate():
            raise ValidationError({"due": _("This day is past: choose today or a later one.")})
