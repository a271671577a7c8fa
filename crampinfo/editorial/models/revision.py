"""History: one snapshot a save, for anything publishable."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _


class Revision(models.Model):
    """The fields and children of an object as they stood after one save, with the gate's report of that moment."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    content = GenericForeignKey("content_type", "object_id")
    number = models.PositiveIntegerField(_("number"))
    data = models.JSONField(_("data"))
    content_hash = models.CharField(max_length=64)
    summary = models.CharField(_("what changed"), max_length=500)
    gate_report = models.JSONField(_("gate report"), default=list, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        verbose_name = _("revision")
        constraints = (
            models.UniqueConstraint(
                name="editorial_revision_numbered_once",
                fields=("content_type", "object_id", "number"),
                violation_error_message=_("Somebody else saved at the same moment: load the page again."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}: {self.summary}"
