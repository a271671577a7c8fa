"""The index of what stored texts lead to: pages of this site, sources, pictures, and whatever else has a mark."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _


class InternalLink(models.Model):
    """That a field of a row leads somewhere; crampinfo.editorial.linkindex writes it whenever the row is saved.

    target is a path of this site, decoded and without query and fragment, or a mark: @garrison-2020, picture:12.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    content = GenericForeignKey("content_type", "object_id")
    field = models.CharField(max_length=40)
    target = models.CharField(max_length=250)

    class Meta:
        verbose_name = _("internal link")
        indexes = (models.Index(fields=("target",), name="editorial_link_target"),)
        constraints = (
            models.UniqueConstraint(
                name="editorial_link_once",
                fields=("content_type", "object_id", "field", "target"),
                violation_error_message=_("This link is in the index already."),
            ),
        )

    def __str__(self) -> str:
        return self.target
