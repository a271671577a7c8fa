"""How scores are made: a methodology, its versions, criteria and weights."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models import Followed

_FROZEN = _("This version is frozen because scores or a list use it: make a new version.")


class Methodology(Followed):
    """A way of scoring one kind of product. current_version is the one that counts now."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    current_version = models.ForeignKey(
        "MethodologyVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("current version"),
    )

    followed_fields = frozenset({"slug", "current_version"})

    class Meta:
        ordering = ("title",)
        verbose_name = _("methodology")
        verbose_name_plural = _("methodologies")

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """What counts now is one of its own versions, and frozen."""
        version = self.current_version
        if version is not None and version.methodology_id != self.pk:
            raise ValidationError({"current_version": _("This version belongs to another methodology.")})
        if version is not None and version.frozen_at is None:
            raise ValidationError({"current_version": _("This version is not frozen yet: put it in force.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse a current version whose weights could still change."""
        Methodology.clean(self)
        super().save(*args, **kwargs)


class Criterion(models.Model):
    """One thing that is scored 0-10. A price criterion is scored from a reference price, never from offers."""

    methodology = models.ForeignKey(Methodology, on_delete=models.CASCADE, related_name="criteria")
    slug = models.SlugField(_("slug"), max_length=60)
    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("how it is scored"))
    is_price = models.BooleanField(_("about price"), default=False)
    preset = models.CharField(
        _("as a preset"),
        max_length=40,
        blank=True,
        help_text=_("Words of a link that orders a list mostly by this criterion, such as “Price matters most”."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ("position", "pk")
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = (
            models.UniqueConstraint(
                name="reviews_criterion_once",
                fields=("methodology", "slug"),
                violation_error_message=_("This methodology already has a criterion of that slug."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Scores stand on what a criterion is called and on whether it is about price: its words may change."""
        stored = Criterion.objects.filter(pk=self.pk).first() if self.pk else None
        if stored is None or (stored.slug, stored.is_price) == (self.slug, self.is_price):
            return
        if self.scores.exists():
            raise ValidationError(_("Scores stand on this criterion: make another one instead."))


class FrozenQuerySet(models.QuerySet):
    """Querysets of versions and weights: nothing frozen is changed or added to in bulk."""

    def update(self, **values: Any) -> int:
        """Refused where one of the rows is frozen."""
        if self.filter(**{f"{_frozen_at(self.model)}__isnull": False}).exists():
            raise ValidationError(_FROZEN)
        return super().update(**values)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Weights of versions that are still open; changing rows that way is refused."""
        rows = list(objs)
        if kwargs.get("update_conflicts") or any(_is_frozen(row) for row in rows):
            raise ValidationError(_FROZEN)
        return super().bulk_create(rows, *args, **kwargs)


def _frozen_at(model: Any) -> str:
    return "frozen_at" if model is MethodologyVersion else "version__frozen_at"


def _is_frozen(row: Any) -> bool:
    """What the database says, whatever an object in memory has missed or claims."""
    versions = [row.pk] if isinstance(row, MethodologyVersion) else [row.version_id]
    if isinstance(row, Weight) and row.pk:
        versions += Weight.objects.filter(pk=row.pk).values_list("version_id", flat=True)
    return MethodologyVersion.objects.filter(pk__in=versions, frozen_at__isnull=False).exists()


class MethodologyVersion(models.Model):
    """One set of weights, with margin and tie-breaker. Frozen when first used; a change is a new version.

    margin is in score points: a follower less than this below the leader of its group shares the leader's place.
    impact is the table of what it moves, taken when it was frozen (reviews.impact.as_stored) and published with it;
    None where it was frozen elsewhere and came in with an import.
    """

    methodology = models.ForeignKey(Methodology, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("number"))
    effective_from = models.DateField(_("effective from"))
    margin = models.DecimalField(_("margin"), max_digits=3, decimal_places=1, default=Decimal("0.2"))
    tie_breaker = models.ForeignKey(
        Criterion, on_delete=models.PROTECT, related_name="+", verbose_name=_("tie-breaking criterion")
    )
    changes = models.TextField(_("what changed"), blank=True)
    frozen_at = models.DateTimeField(_("frozen at"), null=True, editable=False)
    impact = models.JSONField(_("what it moves"), null=True, editable=False)

    objects: ClassVar[Any] = FrozenQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        verbose_name = _("methodology version")
        constraints = (
            models.UniqueConstraint(
                name="reviews_version_numbered_once",
                fields=("methodology", "number"),
                violation_error_message=_("This version number exists."),
            ),
            models.CheckConstraint(
                name="reviews_version_margin",
                condition=Q(margin__gte=0, margin__lte=10),
                violation_error_message=_("The margin goes from 0 to 10 points."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.methodology} {self.number}"

    def clean(self) -> None:
        """The tie-breaker is one of this methodology's own criteria."""
        if self.tie_breaker_id and self.tie_breaker.methodology_id != self.methodology_id:
            raise ValidationError({"tie_breaker": _("This criterion belongs to another methodology.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse any change of a frozen version."""
        if _is_frozen(self):
            raise ValidationError(_FROZEN)
        super().save(*args, **kwargs)

    def freeze(self, at: datetime | None = None, impact: list[dict[str, Any]] | None = None) -> None:
        """Freeze it with what it moves, once it is complete: weights not all 0, the tie-breaker's among them."""
        if self.frozen_at is not None:
            return
        weights = dict(self.weights.values_list("criterion_id", "value"))
        if not any(weights.values()):
            raise ValidationError(_("The weights add up to 0: give at least one criterion a weight."))
        if self.tie_breaker_id not in weights:
            raise ValidationError(
                _("The tie-breaking criterion has no weight in this version: give it one, 0 at least.")
            )
        self.frozen_at, self.impact = at or timezone.now(), impact
        open_still = MethodologyVersion.objects.filter(pk=self.pk, frozen_at__isnull=True)
        open_still.update(frozen_at=self.frozen_at, impact=impact)


class Weight(models.Model):
    """How much one criterion counts in one version."""

    version = models.ForeignKey(MethodologyVersion, on_delete=models.CASCADE, related_name="weights")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="weights")
    value = models.DecimalField(
        _("weight"), max_digits=6, decimal_places=2, validators=(MinValueValidator(Decimal(0)),)
    )

    objects: ClassVar[Any] = FrozenQuerySet.as_manager()

    class Meta:
        ordering = ("criterion__position", "pk")
        verbose_name = _("weight")
        constraints = (
            models.UniqueConstraint(
                name="reviews_weight_once",
                fields=("version", "criterion"),
                violation_error_message=_("This criterion already has a weight in this version."),
            ),
            models.CheckConstraint(
                name="reviews_weight_not_negative",
                condition=Q(value__gte=0),
                violation_error_message=_("A weight is 0 or more."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to change a frozen version's weights, or to weigh another methodology's criterion."""
        if _is_frozen(self):
            raise ValidationError(_FROZEN)
        if self.criterion.methodology_id != self.version.methodology_id:
            raise ValidationError({"criterion": _("This criterion belongs to another methodology.")})
        super().save(*args, **kwargs)


@receiver(pre_delete, sender=MethodologyVersion)
@receiver(pre_delete, sender=Weight)
def refuse_deleting_what_scores_rest_on(instance: MethodologyVersion | Weight, **kwargs: Any) -> None:
    """A frozen version and its weights stay, also once a newer one counts (promise 7)."""
    if _is_frozen(instance):
        raise ValidationError(_FROZEN)
