"""Notes that editors leave for each other beside a field of a text; readers never see them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FieldNote(models.Model):
    """One note on a field (name; "" is the text as a whole), or a reply to one. What was said is never changed.

    A note is open until somebody resolves it; a reply has no standing of its own.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    content = GenericForeignKey("content_type", "object_id")
    field = models.CharField(_("field"), max_length=60, blank=True)
    reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    text = models.TextField(_("note"), max_length=2000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(_("written"), auto_now_add=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("made_at", "pk")
        verbose_name = _("note on a field")
        verbose_name_plural = _("notes on fields")
        indexes = (models.Index(name="editorial_fieldnote_of", fields=("content_type", "object_id")),)
        constraints = (
            models.CheckConstraint(
                name="editorial_fieldnote_replies_stand",
                condition=Q(reply_to__isnull=True) | Q(resolved_at__isnull=True),
                violation_error_message=_("A reply is not resolved: its note is."),
            ),
        )

    def __str__(self) -> str:
        return self.text[:80]
