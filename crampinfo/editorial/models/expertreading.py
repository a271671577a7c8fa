"""Readings by experts without an account: a link to one text as it stood, and what they said of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Decision(models.TextChoices):
    """What an expert said."""

    NONE = "", _("nothing yet")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("sent back")


class ExpertReading(models.Model):
    """One invitation to read one text, for exactly the words it had (content_hash), until a moment.

    The link's key is not kept, only its SHA-256: who reads the database can't open the link. A decision is written
    once, with its moment; it and the invitation stay on record.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    content = GenericForeignKey("content_type", "object_id")
    content_hash = models.CharField(max_length=64)
    key_digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=120, help_text=_("Whom you ask. It stands with what they say."))
    qualification = models.CharField(
        _("qualification"), max_length=160, blank=True, help_text=_("Such as: neurologist, University Hospital.")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("works until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    opened_at = models.DateTimeField(_("first opened"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, default=Decision.NONE, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=1500)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        ordering = ("-made_at", "-pk")
        verbose_name = _("reading by an expert")
        verbose_name_plural = _("readings by experts")
        indexes = (models.Index(name="editorial_reading_of", fields=("content_type", "object_id")),)
        constraints = (
            models.CheckConstraint(
                name="editorial_reading_decided_when",
                condition=Q(decision="", decided_at__isnull=True) | (~Q(decision="") & Q(decided_at__isnull=False)),
                violation_error_message=_("A decision has its moment."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, {self.qualification}" if self.qualification else self.name
