"""Scores: a number a criterion, with its reason and evidence; added, never changed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models import AppendOnly, AppendOnlyQuerySet
from reviews.models.methodology import Criterion
from reviews.models.review import Review

_currency = RegexValidator(r"^[A-Z]{3}\Z", _("A currency is three capital letters, such as EUR."))
_SKEW = timedelta(minutes=5)  # clocks differ a little


class EvidenceKind(models.TextChoices):
    """What a score rests on."""

    LABEL = "label", _("label")
    LAB_REPORT = "lab_report", _("lab report")
    CALCULATION = "calculation", _("calculation")
    TRIAL = "trial", _("trial")
    PRICE_RECORD = "price_record", _("price record")
    HANDLING = "handling", _("handling")


class ScoreQuerySet(AppendOnlyQuerySet):
    """Querysets of scores."""

    def current(self) -> ScoreQuerySet:
        """The newest score of each (review, criterion)."""
        newest = (
            Score.objects.filter(review=models.OuterRef("review"), criterion=models.OuterRef("criterion"))
            .order_by("-scored_at", "-pk")
            .values("pk")[:1]
        )
        return self.filter(pk=models.Subquery(newest))


class Score(AppendOnly):
    """A criterion's value (0-10, one decimal) with its reason and evidence; the newest counts, none is ever changed.

    reference_price is what a price criterion was judged by, in reference_currency, from reference_sources
    ([{seller, amount, programme}]) on reference_taken_on; offers never enter a score.
    """

    append_only = "Scores are append-only: add a new score with its reason."

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(
        Criterion, on_delete=models.PROTECT, related_name="scores", verbose_name=_("criterion")
    )
    value = models.DecimalField(
        _("score"),
        max_digits=3,
        decimal_places=1,
        validators=(MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(10))),
    )
    reason = models.CharField(_("reason"), max_length=400)
    evidence = models.JSONField(_("evidence"), default=list)
    evidence_note = models.CharField(_("evidence note"), max_length=200, blank=True)
    changed_because = models.CharField(_("why it changed"), max_length=300, blank=True)
    reference_price = models.DecimalField(_("reference price"), max_digits=9, decimal_places=2, null=True, blank=True)
    reference_currency = models.CharField(_("currency"), max_length=3, blank=True, validators=(_currency,))
    reference_taken_on = models.DateField(_("taken on"), null=True, blank=True)
    reference_sources = models.JSONField(_("sellers"), default=list, blank=True)
    scored_at = models.DateTimeField(_("scored at"), default=timezone.now)

    objects: ClassVar[Any] = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ("criterion__position", "-scored_at", "-pk")
        verbose_name = _("score")
        indexes = (models.Index(fields=("review", "criterion", "-scored_at", "-id"), name="reviews_score_newest"),)
        constraints = (
            models.CheckConstraint(
                name="reviews_score_in_range",
                condition=Q(value__gte=0, value__lte=10),
                violation_error_message=_("A score goes from 0 to 10."),
            ),
            models.CheckConstraint(
                name="reviews_score_has_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Every score needs its reason."),
            ),
            models.CheckConstraint(
                name="reviews_score_reference_price_whole",
                condition=Q(reference_price__isnull=True)
                | (Q(reference_price__gt=0) & ~Q(reference_currency="") & Q(reference_taken_on__isnull=False)),
                violation_error_message=_("A reference price is above 0 and has a currency and a date."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value}"

    @property
    def evidence_labels(self) -> list[str]:
        """The evidence kinds in words."""
        names = dict(EvidenceKind.choices)
        return [str(names[kind]) for kind in self.evidence]

    def clean(self) -> None:
        """Evidence of a known kind, a reference price where the criterion is about price, a step forward in time."""
        kinds = self.evidence if isinstance(self.evidence, list) else []
        if not kinds or any(kind not in EvidenceKind.values for kind in kinds):
            raise ValidationError(
                {"evidence": _("Name at least one kind of evidence: %s.") % ", ".join(EvidenceKind.values)}
            )
        if not self.criterion_id or not self.review_id:
            return
        if self.criterion.methodology_id != self.review.methodology_id:
            raise ValidationError({"criterion": _("This criterion belongs to another methodology.")})
        if self.criterion.is_price != (self.reference_price is not None):
            raise ValidationError(
                {"reference_price": _("A price criterion needs a reference price; other criteria have none.")}
            )
        self._check_reference()
        self._check_order()

    def _check_reference(self) -> None:
        """Where the price was read: sellers with their amounts, on a day that has come."""
        if not all(_is_seller(row) for row in _rows(self.reference_sources)):
            raise ValidationError(
                {"reference_sources": _("Each seller needs a name, an amount above 0, and whether it has a programme.")}
            )
        if self.reference_taken_on is not None and self.reference_taken_on > timezone.localdate():
            raise ValidationError({"reference_taken_on": _("A price can't have been read in the future.")})

    def _check_order(self) -> None:
        """History is added to at its end: not before the score that this one replaces, and not ahead of now."""
        if self.scored_at > timezone.now() + _SKEW:
            raise ValidationError({"scored_at": _("A score can't be given in the future.")})
        earlier = (
            Score.objects.filter(review=self.review_id, criterion=self.criterion_id).order_by("-scored_at").first()
        )
        if earlier is None or earlier.pk == self.pk:
            return
        if self.scored_at < earlier.scored_at:
            raise ValidationError({"scored_at": _("A newer score stands already: history is not filled in later.")})
        if not self.changed_because.strip():
            raise ValidationError({"changed_because": _("Say why it changed: readers see the score move.")})

    def reference_facts(self) -> dict[str, Any] | None:
        """The reference price as the ledger holds it, None for criteria that are not about price."""
        if self.reference_price is None:
            return None
        return {
            "amount": self.reference_price,
            "currency": self.reference_currency,
            "taken_on": self.reference_taken_on,
            "sources": [{**row, "amount": Decimal(str(row["amount"]))} for row in self.reference_sources],
        }


def _rows(value: Any) -> list[Any]:
    """The items of a list; anything else is one item that is no seller."""
    return value if isinstance(value, list) else [None]


def _is_seller(row: Any) -> bool:
    """{seller: a name, amount: above 0, programme: yes or no}."""
    if not isinstance(row, dict) or row.keys() - {"seller", "amount", "programme"}:
        return False
    try:
        amount = Decimal(str(row.get("amount")))
    except InvalidOperation:
        return False
    named = isinstance(row.get("seller"), str) and bool(row["seller"].strip())
    return named and amount.is_finite() and amount > 0 and isinstance(row.get("programme", False), bool)
