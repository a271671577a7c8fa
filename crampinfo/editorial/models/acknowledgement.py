"""Why a finding of the gate was let pass, by whom, in what role."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MinLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models.appendonly import AppendOnly

REASON = MinLengthValidator(10, _("Say in a sentence why this may stand: whoever reads the history will ask."))


class Acknowledgement(AppendOnly):
    """A person's written reason for one finding on one object; it counts while the sentence stays as it is.

    place is the finding's field without the numbers of rows; mark is the digest of its sentence.
    """

    append_only: ClassVar[str] = "What was signed stays signed: change the text, and the signature no longer counts."

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    content = GenericForeignKey("content_type", "object_id")
    code = models.CharField(_("code"), max_length=20)
    place = models.CharField(_("field"), max_length=80, blank=True)
    words = models.CharField(_("words"), max_length=600, blank=True)
    mark = models.CharField(max_length=64, editable=False)
    severity = models.CharField(_("weight"), max_length=5, choices=(("block", _("blocks")), ("warn", _("warns"))))
    reason = models.CharField(_("reason"), max_length=500, validators=(REASON,))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(_("role"), max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("acknowledgement")
        indexes = (models.Index(fields=("content_type", "object_id"), name="editorial_ack_object"),)
        constraints = (
            models.CheckConstraint(
                name="editorial_ack_has_reason",
                condition=~models.Q(reason=""),
                violation_error_message=_("An acknowledgement without a reason acknowledges nothing."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"


def mark_of(words: str) -> str:
    """The digest that binds a signature to a sentence; blanks make no difference."""
    return hashlib.sha256(" ".join(words.split()).encode()).hexdigest()
