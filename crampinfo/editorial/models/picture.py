"""Pictures: one record a picture, checked and cleaned when it comes in (see crampinfo.editorial.pictures)."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

_PERCENT = (MinValueValidator(0), MaxValueValidator(100))


class Picture(models.Model):
    """A picture in the library. Widths and heights are pixels of the upright, cleaned original."""

    file = models.ImageField(_("file"), upload_to="pictures/", width_field="width", height_field="height")
    alt = models.CharField(
        _("alternative text"),
        max_length=250,
        help_text=_("What the picture tells somebody who can't see it. For a portrait: the name."),
    )
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    focus_x = models.PositiveSmallIntegerField(_("focal point, % from left"), default=50, validators=_PERCENT)
    focus_y = models.PositiveSmallIntegerField(_("focal point, % from top"), default=50, validators=_PERCENT)
    digest = models.CharField(
        max_length=64, editable=False, db_index=True, help_text=_("SHA-256 of the file that came in.")
    )
    renditions = models.JSONField(
        default=list, editable=False, help_text=_("Made by the worker: [{format, width, height, name}].")
    )
    is_demo = models.BooleanField(_("demo"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("picture")
        constraints = (
            models.CheckConstraint(
                name="editorial_picture_has_alt",
                condition=~Q(alt=""),
                violation_error_message=_("Say what the picture shows: it has no alternative text."),
            ),
            models.CheckConstraint(
                name="editorial_picture_has_size",
                condition=Q(width__gt=0, height__gt=0),
                violation_error_message=_("The picture has no size: upload it again."),
            ),
        )

    def __str__(self) -> str:
        return self.alt
