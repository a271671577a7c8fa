"""What is booked in the places that can be sold. Booked dates are the fact; nothing has to run when they pass."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from products.models.catalogue import Product
from products.models.commerce import Offer, currency_code, programme_allows_links
from products.models.slot import PlacementKind, Slot

terms_asked = Signal()
"""Sent with sender=Placement and placement= when the terms of a booking are checked, before they are approved.

Lists are a layer above: they refuse what doesn't fit by raising ValidationError in a receiver.
"""

# What an approval fixes (promise 7); words, link and an early end may follow.
TERMS = (
    *("slot_id", "product_id", "advertiser", "starts_at", "ends_at", "target_place", "adjustment"),
    *("approved_by", "approved_at", "fee", "fee_currency"),
)
_ONE_BY_ONE = "Bookings are checked one by one: save each."
_ON_RECORD = "This booking was approved and stays on record: end it early instead."


# What moves a row of a list sells no link of its own: the row's button leads to the best offer there is.
_LED_NOWHERE = Q(offer__isnull=True) | Q(kind__in=(PlacementKind.ORDER, PlacementKind.ADJUSTMENT))


class PlacementQuerySet(models.QuerySet):
    """Querysets of placements."""

    def active(self, at: datetime | None = None) -> PlacementQuerySet:
        """Those in effect at a moment (now by the database's clock unless given): from start to before end."""
        moment = at if at is not None else Now()
        return self.annotate(stops_at=Coalesce("ended_early_at", "ends_at")).filter(
            starts_at__lte=moment, stops_at__gt=moment, approved_at__isnull=False, product__recalled_on__isnull=True
        )

    def for_pages(self) -> PlacementQuerySet:
        """Active placements with what a page prints of them, in one query; no sensitive topic, no ended offer."""
        running = Q(offer__ends_at__isnull=True) | Q(offer__ends_at__gt=Now())
        return (
            self.active()
            .filter(Q(offer__isnull=True) | (running & Q(offer__is_paused=False)))
            .filter(_LED_NOWHERE | (Q(offer__held_at__isnull=True) & programme_allows_links("offer__")))
            .exclude(slot__topic__sensitive=True)
            .select_related("slot", "product", "product__brand", "offer", "offer__merchant", "offer__programme")
            .order_by("starts_at", "pk")
        )

    def update(self, **values: Any) -> NoReturn:
        """Refused: every change of a booking is checked against the others."""
        raise PermissionDenied(_ONE_BY_ONE)

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise PermissionDenied(_ONE_BY_ONE)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Those that were never approved; what was approved stays on record."""
        if self.filter(approved_at__isnull=False).exists():
            raise PermissionDenied(_ON_RECORD)
        return super().delete()


class Placement(models.Model):
    """A booking: whose, where, from when to when, and what it does.

    adjustment is in score points (0-10 scale); target_place counts from 1. ended_early_at cuts a booking short
    without rewriting the dates that were booked.
    """

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="placements")
    kind = models.CharField(_("kind"), max_length=10, choices=PlacementKind, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="placements")
    offer = models.ForeignKey(Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="placements")
    advertiser = models.CharField(_("advertiser"), max_length=120, help_text=_("Who pays, as readers will see it."))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    target_place = models.PositiveSmallIntegerField(
        _("place"), null=True, blank=True, validators=(MinValueValidator(1),)
    )
    adjustment = models.DecimalField(
        _("added to the score"),
        max_digits=3,
        decimal_places=1,
        null=True,
        blank=True,
        validators=(MinValueValidator(Decimal(-10)), MaxValueValidator(Decimal(10))),
    )
    fee = models.DecimalField(
        _("fee"),
        max_digits=11,
        decimal_places=2,
        null=True,
        blank=True,
        validators=(MinValueValidator(Decimal(0)),),
        help_text=_("For the invoice. Seen by nobody who writes or scores."),
    )
    fee_currency = models.CharField(_("currency of the fee"), max_length=3, blank=True, validators=(currency_code,))
    booked_by = models.CharField(_("booked by"), max_length=150, blank=True, editable=False)
    headline = models.CharField(_("headline"), max_length=90, blank=True)
    text = models.CharField(_("text"), max_length=200, blank=True)
    approved_by = models.CharField(_("approved by"), max_length=99, blank=True)
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    ended_early_at = models.DateTimeField(_("ended early at"), null=True, blank=True)
    ended_reason = models.CharField(_("why it ended early"), max_length=300, blank=True)
    is_demo = models.BooleanField(_("demo"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = PlacementQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at",)
        verbose_name = _("placement")
        indexes = (models.Index(fields=("slot", "starts_at", "ends_at"), name="products_placement_when"),)
        constraints = (
            models.CheckConstraint(
                name="products_placement_ends_after_start",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The placement ends before it starts: check the two dates."),
            ),
            models.CheckConstraint(
                name="products_placement_order_names_place",
                # A comparison with NULL is neither true nor false, and a check lets it pass: so "not null" is said.
                condition=(Q(kind=PlacementKind.ORDER, target_place__isnull=False) & Q(target_place__gte=1))
                | (~Q(kind=PlacementKind.ORDER) & Q(target_place__isnull=True)),
                violation_error_message=_("An order placement names its place, from 1; the other kinds have none."),
            ),
            models.CheckConstraint(
                name="products_placement_adjustment_has_points",
                condition=(
                    Q(kind=PlacementKind.ADJUSTMENT, adjustment__isnull=False)
                    & Q(adjustment__gte=-10, adjustment__lte=10)
                    & ~Q(adjustment=0)
                )
                | (~Q(kind=PlacementKind.ADJUSTMENT) & Q(adjustment__isnull=True)),
                violation_error_message=_("An adjustment says how many points, not 0; the other kinds have none."),
            ),
            models.CheckConstraint(
                name="products_placement_fee_has_currency",
                condition=Q(fee__isnull=True) | Q(fee_currency__regex=r"^[A-Z]{3}$"),
                violation_error_message=_("A fee needs its currency: three capital letters, such as EUR."),
            ),
            models.CheckConstraint(
                name="products_placement_advertiser_named",
                condition=~Q(advertiser=""),
                violation_error_message=_("Name the advertiser: readers see who pays."),
            ),
            models.CheckConstraint(
                name="products_placement_approver_named",
                condition=Q(approved_at__isnull=True) | ~Q(approved_by=""),
                violation_error_message=_("An approved placement names who approved it."),
            ),
            models.CheckConstraint(
                name="products_placement_early_end_inside",
                condition=Q(ended_early_at__isnull=True) | (Q(ended_early_at__lt=F("ends_at")) & ~Q(ended_reason="")),
                violation_error_message=_("Ending early needs a moment before the booked end, and a reason."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.advertiser}: {self.slot}"

    @property
    def until(self) -> datetime:
        """When it stops: the booked end, or earlier."""
        return self.ended_early_at or self.ends_at

    @property
    def is_active(self) -> bool:
        """Whether it is in effect now."""
        running = self.starts_at <= timezone.now() < self.until
        return self.approved_at is not None and running and not self.product.is_recalled

    def clean(self) -> None:
        """What SQL can't say: terms are kept once approved; before that everything about the booking agrees."""
        if not self.slot_id:
            return
        self.kind = self.slot.kind
        if self.offer is not None and self.product_id and self.offer.product_id != self.product_id:
            raise ValidationError({"offer": _("This offer is for another product.")})
        if self.kind in (PlacementKind.BAND, PlacementKind.BUTTON) and self.offer is None:
            raise ValidationError({"offer": _("A band or a button needs the offer it leads to.")})
        stored = Placement.objects.filter(pk=self.pk, approved_at__isnull=False).first() if self.pk else None
        if stored is not None:
            self._keep_terms(stored)
        else:
            self._check_terms()

    def _keep_terms(self, stored: Placement) -> None:
        if any(getattr(self, name) != getattr(stored, name) for name in TERMS):
            raise ValidationError(_("This booking was approved, so its terms stand: end it early and book anew."))
        ended = stored.ended_early_at is not None
        if ended and (self.ended_early_at, self.ended_reason) != (stored.ended_early_at, stored.ended_reason):
            raise ValidationError(_("This booking has ended, and that stays on record."))

    def _check_terms(self) -> None:
        """No sensitive topic, no recalled product, within the cap, one order placement a place and time."""
        if self.slot.topic is not None and self.slot.topic.sensitive:
            raise ValidationError({"slot": _("This slot is on a sensitive topic: nothing is booked there.")})
        if self.product_id and self.product.is_recalled:
            raise ValidationError({"product": _("This product is recalled: it can't be placed.")})
        cap = settings.SCORE_ADJUSTMENT_CAP
        if self.adjustment is not None and abs(self.adjustment) > cap:
            raise ValidationError(
                {
                    "adjustment": _("%(points)s is past the cap of %(cap)s points.")
                    % {"points": self.adjustment, "cap": cap}
                }
            )
        if self.starts_at and self.ends_at and self.product_id:
            if self.kind == PlacementKind.ORDER:
                self._refuse_double_booking()
            if self.kind == PlacementKind.ADJUSTMENT and self.adjustment is not None:
                self.refuse_past_the_cap(Placement.objects.filter(slot=self.slot_id))
            terms_asked.send(sender=Placement, placement=self)

    def refuse_past_the_cap(self, among: PlacementQuerySet) -> None:
        """Refuse points that add up past the cap with those booked for the product among these at the same time."""
        rivals = (
            among.exclude(pk=self.pk)
            .annotate(stops_at=Coalesce("ended_early_at", "ends_at"))
            .filter(product=self.product_id, kind=PlacementKind.ADJUSTMENT)
            .filter(starts_at__lt=self.until, stops_at__gt=self.starts_at)
        )
        points, since = self._most_points(list(rivals))
        if abs(points) > settings.SCORE_ADJUSTMENT_CAP:
            words = _(
                "With what is booked already, this product's points add up to %(points)s on %(day)s, past the cap of "
                "%(cap)s: book fewer points, or other dates."
            )
            cap = settings.SCORE_ADJUSTMENT_CAP
            raise ValidationError(
                {"adjustment": words % {"points": points, "day": timezone.localdate(since), "cap": cap}}
            )

    def _most_points(self, rivals: list[Placement]) -> tuple[Decimal, datetime]:
        """The largest sum of points, up or down, while this booking runs, and from when: sums change only at starts."""
        starts = {self.starts_at, *(rival.starts_at for rival in rivals if rival.starts_at > self.starts_at)}
        own = self.adjustment or Decimal(0)
        sums = [
            (own + sum((r.adjustment or Decimal(0) for r in rivals if r.starts_at <= at < r.until), Decimal(0)), at)
            for at in sorted(starts)
        ]
        return max(sums, key=lambda pair: abs(pair[0]))

    def _refuse_double_booking(self) -> None:
        rivals = (
            Placement.objects.exclude(pk=self.pk)
            .annotate(stops_at=Coalesce("ended_early_at", "ends_at"))
            .filter(slot=self.slot_id, kind=PlacementKind.ORDER, starts_at__lt=self.until, stops_at__gt=self.starts_at)
            .filter(Q(target_place=self.target_place) | Q(product=self.product_id))
        )
        rival = rivals.first()
        if rival is not None:
            raise ValidationError(
                _("%(advertiser)s has place %(place)s or this product from %(start)s to %(end)s: choose other dates.")
                % {
                    "advertiser": rival.advertiser,
                    "place": rival.target_place,
                    "start": timezone.localdate(rival.starts_at),
                    "end": timezone.localdate(rival.until),
                }
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Check everything on every path, with the slot locked so that two bookings can't pass each other."""
        with transaction.atomic():
            if self.slot_id:
                Slot.objects.select_for_update().filter(pk=self.slot_id).first()
            self.full_clean()
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Only what was never approved."""
        if self.approved_at is not None:
            raise PermissionDenied(_ON_RECORD)
        return super().delete(*args, **kwargs)
