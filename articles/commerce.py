"""What is commercial on a guide or question: offers in its body and a booked call-out, in one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from articles.models import Written
from crampinfo.lib import shown
from crampinfo.lib.prepared import Prepared
from products import affiliate, bodies, standins
from products.affiliate import PageMoney
from products.models import Offer, PlacementKind


@dataclass(frozen=True, slots=True)
class ButtonAd:
    """A booked call-out: whose, until when, its words, and the offer it leads to."""

    advertiser: str
    ends_at: datetime
    headline: str
    text: str
    offer: Offer


@dataclass(frozen=True, slots=True)
class Trade:
    """Everything commercial on one page; nothing on an urgent page or a sensitive topic (promise 10)."""

    money: PageMoney | None = None
    offers: Mapping[int, Offer] = field(default_factory=dict)
    button: ButtonAd | None = None


def of(text: Written, page: str) -> Trade:
    """What may be shown on this text's page now. The text is annotated by with_disclosures."""
    wanted = bodies.offer_ids(text.body)
    slot = text.button_slot
    # A slot whose topic became sensitive after it was booked sells nothing either.
    open_slot = slot.pk if slot is not None and not (slot.topic is not None and slot.topic.sensitive) else None
    if not text.takes_money or not (wanted or open_slot):
        return Trade()
    shown.note(*(shown.row("products.offer", pk) for pk in wanted))  # those that are closed now, too
    rows = _shops.rows(wanted=wanted, slot=open_slot)
    booked = next((row for row in rows if row.advertiser), None)
    button = (
        ButtonAd(booked.advertiser, booked.booked_until, booked.headline or booked.product.name, booked.ad_text, booked)
        if booked
        else None
    )
    offers = standins.linked(rows, wanted)
    money = affiliate.page_money(
        page, text, offers=[*offers.values(), *([booked] if booked else [])], advertised=booked is not None
    )
    return Trade(money, offers, button)


def _offers(wanted: list[int], slot: int | None) -> QuerySet[Any]:
    """Open offers that a text names or that may take over from one, and the one that is booked in its slot."""
    found: QuerySet[Any] = (
        standins.with_closed(Offer.objects.active().with_price(), wanted)
        .alias(booked=_booked_in(slot))
        .annotate(
            advertiser=F("booked__advertiser"),
            booked_until=Coalesce("booked__ended_early_at", "booked__ends_at"),
            headline=F("booked__headline"),
            ad_text=F("booked__text"),
        )
        .filter(standins.asked_for(wanted) | Q(booked__isnull=False))
        .select_related("product", "merchant", "programme")
        .order_by("booked__starts_at", "pk")
    )
    return found


_shops = Prepared(_offers)


def _booked_in(slot: int | None) -> FilteredRelation:
    return FilteredRelation(
        "placements",
        condition=Q(
            placements__slot=slot,
            placements__kind=PlacementKind.BUTTON,
            placements__approved_at__isnull=False,
            placements__starts_at__lte=Now(),
            placements__ends_at__gt=Now(),
        )
        & (Q(placements__ended_early_at__isnull=True) | Q(placements__ended_early_at__gt=Now())),
    )
