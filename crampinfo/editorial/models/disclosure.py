"""Texts the law wants exact: disclosures by kind and language, and the authorised health claims."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DisclosureKind(models.TextChoices):
    """One sentence a kind of connection (rules.md US-DISC-07)."""

    COMMISSION = "commission", _("Commission")
    # On an influenced list the promise "does not change our scores or order" would stand beside its opposite.
    COMMISSION_PLAIN = "commission_plain", _("Commission, on an influenced list")
    INFLUENCED = "influenced", _("Influenced list")
    PLACEMENT = "placement", _("Paid placement")
    SAMPLE = "sample", _("Sample")
    OWNERSHIP = "ownership", _("Ownership")
    NOT_TESTED = "not_tested", _("Not tried")


class DisclosureQuerySet(models.QuerySet):
    """Querysets of disclosures."""

    def current(self, kind: str, language: str) -> DisclosureQuerySet:
        """The newest version of one text, as a queryset of at most one, fit for a subquery."""
        return self.filter(kind=kind, language=language).order_by("-version")[:1]


class Disclosure(models.Model):
    """A disclosure's text. A change is a new version; the highest one counts. At most 60 words, plain (US-DISC-09)."""

    kind = models.CharField(_("kind"), max_length=16, choices=DisclosureKind)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    text = models.CharField(_("text"), max_length=400)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = DisclosureQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "language", "-version")
        verbose_name = _("disclosure")
        constraints = (
            models.UniqueConstraint(
                name="editorial_disclosure_version_once",
                fields=("kind", "language", "version"),
                violation_error_message=_("This version exists: give the new text the next number."),
            ),
            models.CheckConstraint(
                name="editorial_disclosure_says_something",
                condition=~Q(text=""),
                violation_error_message=_("A disclosure without words discloses nothing."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.language} {self.version}"


class AuthorisedClaim(models.Model):
    """A health claim a market allows, with its exact wording and condition. None concerns cramps (rules.md HC-15).

    min_mg_per_day is elemental magnesium in a daily portion; below it the claim may not be shown (HC-14).
    """

    market = models.CharField(_("market"), max_length=2, choices=(("EU", "EU"), ("GB", "GB")))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en-gb")
    nutrient = models.CharField(_("nutrient"), max_length=40, default="magnesium")
    wording = models.CharField(_("wording"), max_length=250)
    min_mg_per_day = models.DecimalField(_("from, mg a day"), max_digits=6, decimal_places=2, default="56.25")
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ("market", "wording")
        verbose_name = _("authorised claim")
        constraints = (
            models.UniqueConstraint(
                name="editorial_claim_once",
                fields=("market", "language", "nutrient", "wording"),
                violation_error_message=_("This claim is already in the list."),
            ),
        )

    def __str__(self) -> str:
        return self.wording
