"""Topics, and the evidence box that speaks for one."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models.followed import Followed
from crampinfo.editorial.models.reference import Direction, Reference, ReferenceOutcome


class Topic(Followed):
    """A subject. On a sensitive one (pregnancy, children, kidney disease, medicines) nothing is sold: promise 10."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    description = models.CharField(_("description"), max_length=300, blank=True)
    sensitive = models.BooleanField(
        _("sensitive"),
        default=False,
        help_text=_("Pages on it carry no placement and no paid link, whatever is booked."),
    )

    followed_fields = frozenset({"sensitive"})

    class Meta:
        ordering = ("name",)
        verbose_name = _("topic")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The topic's page."""
        return reverse("topic", args=[self.slug])


class Evidence(models.Model):
    """The evidence box: one verdict sentence, how strong it is, what was studied, in whom, the result, the source.

    strength counts filled squares of four, in halves (4 = high certainty, 1 = very low, GRADE's order). The figure
    draws the outcome's effect and interval between axis_min and axis_max, in the outcome's unit.
    """

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="evidence")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    statement = models.CharField(_("verdict"), max_length=250)
    direction = models.CharField(_("direction"), max_length=16, choices=Direction)
    strength = models.DecimalField(_("strength"), max_digits=2, decimal_places=1, default=0)
    strength_note = models.CharField(_("strength in words"), max_length=200)
    studied = models.CharField(_("studied"), max_length=300)
    population = models.CharField(_("in whom"), max_length=300)
    result = models.CharField(_("result"), max_length=400)
    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="evidence")
    outcome = models.ForeignKey(ReferenceOutcome, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    axis_min = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    axis_max = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    axis_low_label = models.CharField(max_length=60, blank=True)
    axis_high_label = models.CharField(max_length=60, blank=True)
    caption = models.CharField(_("caption"), max_length=250, blank=True)

    class Meta:
        ordering = ("slug",)
        verbose_name = _("evidence box")
        verbose_name_plural = _("evidence boxes")
        constraints = (
            models.CheckConstraint(
                name="editorial_evidence_strength_in_range",
                condition=Q(strength__gte=0, strength__lte=4),
                violation_error_message=_("Strength goes from 0 to 4 filled squares."),
            ),
            models.CheckConstraint(
                name="editorial_evidence_axis_with_outcome",
                condition=Q(outcome__isnull=True)
                # A comparison with NULL passes a check, so "there is an axis" is said too.
                | Q(axis_min__isnull=False, axis_max__isnull=False, axis_min__lt=models.F("axis_max")),
                violation_error_message=_(
                    "A drawn outcome needs an axis whose left end is smaller than its right end."
                ),
            ),
        )

    def __str__(self) -> str:
        return self.statement

    def clean(self) -> None:
        """The drawn outcome is the one of the source that the box names; where nobody tried, nothing is drawn."""
        if self.outcome is not None and self.outcome.reference_id != self.reference_id:
            raise ValidationError({"outcome": _("This outcome belongs to another reference.")})
        if self.direction == Direction.NO_TRIALS and (self.outcome is not None or self.strength):
            raise ValidationError(
                {"direction": _("“No trials” has no strength and nothing to draw: it is not “no effect”.")}
            )
        found = self.reference.direction if self.reference_id else ""
        if self.direction != found and Direction.NO_TRIALS in (self.direction, found):
            if self.direction == Direction.NO_TRIALS and self.reference.groups_without_trials:
                return
            raise ValidationError({"direction": _("“No trials” is not “no effect”: the source says otherwise.")})
