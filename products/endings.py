"""What happens when a merchant or a programme stops: what is at risk, what takes over, and doing it in one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial import ledger
from crampinfo.editorial.roles import Role
from crampinfo.editorial.signals import announce
from products import bookings, standins
from products.affiliate import PricedOffer
from products.models import AffiliateProgramme, ClickCount, Merchant, Offer, Placement

DAYS = 30  # of clicks


@dataclass(frozen=True, slots=True)
class Loss:
    """An open offer that would close: what takes over, the clicks and the booked placements that depend on it."""

    offer: Offer
    heir: PricedOffer | None
    clicks: int
    placements: tuple[Placement, ...]

    @property
    def leaves_nothing(self) -> bool:
        """Whether its product is left without any offer."""
        return self.heir is None


@dataclass(frozen=True, slots=True)
class Ending:
    """Everything that hangs on a merchant or a programme now."""

    losses: tuple[Loss, ...]

    @property
    def clicks(self) -> int:
        """Clicks of the last 30 days on its offers."""
        return sum(loss.clicks for loss in self.losses)

    @property
    def placements(self) -> tuple[Placement, ...]:
        """Bookings whose button leads to one of its offers."""
        return tuple(placement for loss in self.losses for placement in loss.placements)

    @property
    def without(self) -> tuple[Loss, ...]:
        """Those whose product would be left without an offer."""
        return tuple(loss for loss in self.losses if loss.leaves_nothing)

    @property
    def products(self) -> list[int]:
        """The products concerned."""
        return [loss.offer.product_id for loss in self.losses]


def of(subject: Merchant | AffiliateProgramme) -> Ending:
    """What would be lost if it stopped now, most clicked first; four queries however many offers it has."""
    offers = list(_offers(subject).filter(pk__in=Offer.objects.active().values("pk")))
    numbers = [offer.pk for offer in offers]
    heirs = standins.next_best([offer.product_id for offer in offers], numbers)
    since = timezone.localdate() - timedelta(days=DAYS)
    counted = ClickCount.objects.filter(offer__in=numbers, day__gt=since).order_by()
    clicks = dict(counted.values_list("offer").annotate(n=Sum("count")))
    booked: dict[int, list[Placement]] = {}
    for placement in _bookings(numbers):
        booked.setdefault(placement.offer_id or 0, []).append(placement)
    losses = [
        Loss(offer, heirs.get(offer.product_id), clicks.get(offer.pk, 0), tuple(booked.get(offer.pk, ())))
        for offer in offers
    ]
    return Ending(tuple(sorted(losses, key=lambda loss: (-loss.clicks, loss.offer.product.name, loss.offer.pk))))


def _offers(subject: Merchant | AffiliateProgramme) -> QuerySet[Offer]:
    mine = Q(merchant=subject) if isinstance(subject, Merchant) else Q(programme=subject)
    found: QuerySet[Offer] = Offer.objects.filter(mine).select_related("product__brand", "merchant", "programme")
    return found


def _bookings(offers: list[int]) -> QuerySet[Placement]:
    running = Q(ended_early_at__isnull=True) | Q(ended_early_at__gt=Now())
    found: QuerySet[Placement] = Placement.objects.filter(running, offer__in=offers, ends_at__gt=Now())
    return found.select_related("slot", "product", "offer").order_by("starts_at", "pk")


@transaction.atomic
def end(subject: Merchant | AffiliateProgramme, reason: str) -> Ending:
    """Stop it now. Its links vanish, bookings lead to the next-best offer or end early, and the ledger says so.

    A merchant that ends takes its programmes along. reason is printed with bookings that end and kept in the ledger.
    Raises ValidationError without a reason.
    """
    if not reason.strip():
        raise ValidationError(_("Say why it ends: the ledger keeps it."))
    found = of(subject)
    now = timezone.now()
    for loss in found.losses:
        for placement in loss.placements:
            _lead_on(placement, loss.heir, reason)
    programmes = [subject] if isinstance(subject, AffiliateProgramme) else list(subject.programmes.all())
    for programme in programmes:
        _stop(programme)
    for loss in found.losses:
        if isinstance(subject, Merchant) or loss.offer.programme.keeps_plain_links:  # type: ignore[union-attr]
            loss.offer.ends_at = now
            loss.offer.save()
    kind = "merchant_end" if isinstance(subject, Merchant) else "programme_end"
    ledger.record(kind, subject, _facts(subject, found), role=Role.AFFILIATE_MANAGER, reason=reason)
    announce(subject)
    return found


def _stop(programme: AffiliateProgramme) -> None:
    stored = AffiliateProgramme.objects.select_for_update().get(pk=programme.pk)
    moment = timezone.now()
    if stored.ends_at is None or stored.ends_at > moment:
        # A programme that had not begun never will.
        stored.starts_at = None if stored.starts_at is not None and stored.starts_at >= moment else stored.starts_at
        stored.ends_at = moment
        stored.save()


def _lead_on(placement: Placement, heir: PricedOffer | None, reason: str) -> None:
    """A booking's button leads to the offer that takes over; where there is none, the booking ends early."""
    if heir is not None:
        placement.offer = heir.offer
        placement.save()
    elif placement.approved_at is not None:
        bookings.end_early(placement, reason)
    else:
        placement.delete()


def _facts(subject: Merchant | AffiliateProgramme, found: Ending) -> dict[str, object]:
    return {
        "slug": subject.slug,
        "offers": [loss.offer.pk for loss in found.losses],
        "taken_over_by": {str(loss.offer.pk): loss.heir.offer.pk for loss in found.losses if loss.heir is not None},
        "without_offer": sorted({loss.offer.product.slug for loss in found.without}),
        "placements": [placement.pk for placement in found.placements],
    }


def resume(programme: AffiliateProgramme) -> None:
    """Take a paused programme's links up again; one that has ended stays ended."""
    programme.is_paused = False
    programme.save()
    announce(programme)


def pause(programme: AffiliateProgramme) -> Ending:
    """Take a programme's links from every page at once, until it resumes; what was at risk is returned."""
    found = of(programme)
    programme.is_paused = True
    programme.save()
    announce(programme)
    return found
