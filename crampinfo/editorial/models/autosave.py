"""Forms in progress, kept every few seconds, so that a crash or a closed lid loses nothing."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _


class Autosave(models.Model):
    """What somebody had typed into a form and not saved yet; one a person and object, overwritten in place.

    object_id 0 is the form of a new object. post is what the form would send, with what it showed when it was opened.
    It is seen by nobody else and enters an object only through its form, so it is kept as it came.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField(default=0)
    post = models.JSONField(_("form"))
    saved_at = models.DateTimeField(_("saved"), auto_now=True)

    class Meta:
        verbose_name = _("form in progress")
        verbose_name_plural = _("forms in progress")
        constraints = (
            models.UniqueConstraint(
                name="editorial_autosave_one_a_form",
                fields=("user", "content_type", "object_id"),
                violation_error_message=_("This form is already kept."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.content_type} {self.object_id}"
