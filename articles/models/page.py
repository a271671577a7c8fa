"""Plain pages an editor can change: about, terms, privacy, contact, corrections, and "cramp now"."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.redflags import RedFlags
from crampinfo.editorial.models import Publishable, PublishableQuerySet
from products.bodies import BodyField

# The pages the site itself links to; each has its address at the top level.
PAGE_SLUGS = ("now", "about", "terms", "privacy", "contact", "corrections")


class Figure(models.TextChoices):
    """Our own line drawings (templates/figures)."""

    CALF = "calf-anatomy", _("the calf from behind")
    MUSCLES = "muscle-groups", _("muscle groups of the leg")
    GAIT = "gait", _("one walking step")
    WALL = "stretch-wall", _("calf stretch at a wall, knee straight")
    SOLEUS = "stretch-soleus", _("calf stretch at a wall, knee bent")
    TOWEL = "stretch-towel", _("calf stretch sitting, with a towel")
    HAMSTRING = "stretch-hamstring", _("stretch for the back of the thigh")
    STAIRS = "stretch-stairs", _("heel drop on a step")
    RUB = "rub-calf", _("rubbing the calf")
    WALK = "walk", _("walking slowly")
    COVERS = "loose-covers", _("loose covers at the feet")
    SALTS = "salts", _("compound needed for 100 mg of magnesium")


class Page(RedFlags, Publishable):
    """A page of the site's own. It never carries anything commercial."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=120)
    summary = models.CharField(_("summary"), max_length=160)
    body = BodyField(_("text"), blank=True)
    contents = models.JSONField(default=list, editable=False)

    objects: ClassVar[Any] = PublishableQuerySet.as_manager()
    content_fields = ("slug", "title", "summary", "body", "red_flags_emergency", "red_flags_today", "language")
    content_children = {"steps": ("position", "title", "text", "figure")}

    class Meta(Publishable.Meta):
        ordering = ("title",)
        verbose_name = _("page")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The page's address."""
        return reverse(f"page-{self.slug}")

    def clean(self) -> None:
        """Only addresses the site routes."""
        if self.slug and self.slug not in PAGE_SLUGS:
            raise ValidationError({"slug": _("A page's slug is one of: %s.") % ", ".join(PAGE_SLUGS)})


class PageStep(models.Model):
    """One numbered step of a page, with its drawing."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=100)
    text = models.CharField(_("text"), max_length=300)
    figure = models.CharField(_("drawing"), max_length=20, choices=Figure, blank=True)

    class Meta:
        ordering = ("position",)
        verbose_name = _("step")
        constraints = (
            models.UniqueConstraint(
                name="articles_step_once",
                fields=("page", "position"),
                violation_error_message=_("Two steps have the same number."),
            ),
        )

    def __str__(self) -> str:
        return self.title
