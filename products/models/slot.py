"""What can be sold on a page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models import Followed, Topic


class PlacementKind(models.TextChoices):
    """band and button are labelled ads; order and adjustment exist on influenced lists alone."""

    BAND = "band", _("Ad band of a list")
    BUTTON = "button", _("Call-out button on a page")
    ORDER = "order", _("Place in an influenced list")
    ADJUSTMENT = "adjustment", _("Score adjustment in an influenced list")


class Slot(Followed):
    """A place on the site that can be sold, for one kind of placement."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("takes"), max_length=10, choices=PlacementKind)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="slots")

    followed_fields = frozenset({"topic"})

    class Meta:
        ordering = ("name",)
        verbose_name = _("slot")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Nothing is sold on a sensitive topic (promise 10)."""
        if self.topic is not None and self.topic.sensitive:
            raise ValidationError(
                {"topic": _("%(topic)s is a sensitive topic: nothing is sold on it.") % {"topic": self.topic}}
            )
        booked = self.placements.exclude(kind=self.kind).exists() if self.pk else False
        if booked:
            raise ValidationError({"kind": _("Something of another kind is booked here: make another slot.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Check on every path."""
        self.full_clean()
        super().save(*args, **kwargs)
