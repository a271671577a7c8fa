"""Which offer of a product comes first, and which takes over where another has closed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from products.affiliate import PricedOffer, priced
from products.models import Offer


def by_price(offers: Iterable[PricedOffer]) -> tuple[PricedOffer, ...]:
    """In stock before out of stock, fresh prices from low to high, then offers without a price by shop name.

    The first is the one of the button, whoever pays: never ordered by commission. Amounts of two currencies can't be
    compared, so the currency that most of the prices are in comes first, and then the others by their letters.
    """
    rows = list(offers)
    spread = Counter(item.currency for item in rows if item.amount is not None)
    return tuple(
        sorted(
            rows,
            key=lambda item: (
                item.offer.in_stock is False,
                item.amount is None,
                -spread[item.currency],
                item.currency,
                item.amount or Decimal(0),
                item.offer.merchant.name,
            ),
        )
    )


def asked_for(wanted: Sequence[int]) -> Q:
    """Offers that a text refers to, and all others of their products: one of them may have to take over."""
    return Q(product__in=Offer.objects.filter(pk__in=wanted).values("product"))


def with_closed(offers: Any, wanted: Sequence[int]) -> Any:
    """Annotate takes_over_for: an offer of the same product that a text refers to and that sells nothing, or None.

    It is closed, or out of stock.
    """
    selling = Offer.objects.active().filter(pk__in=wanted).exclude(in_stock=False)
    closed = Offer.objects.filter(pk__in=wanted, product=OuterRef("product")).exclude(pk__in=selling.values("pk"))
    return offers.annotate(takes_over_for=Subquery(closed.order_by("pk").values("pk")[:1]))


def linked(rows: Iterable[Offer], wanted: Iterable[int]) -> dict[int, Offer]:
    """The offer behind each reference of a text: itself while it sells, else the best of the same product that does.

    rows are open offers, with_price and with_closed. Where nothing of the product is in stock an open offer stands for
    itself; a reference whose product has no open offer is left out.
    """
    by_number = {offer.pk: offer for offer in rows}
    found = {number: by_number[number] for number in wanted if number in by_number}
    heirs: dict[int, list[Offer]] = defaultdict(list)
    for offer in by_number.values():
        closed = offer.takes_over_for  # type: ignore[attr-defined]
        if closed is not None:
            heirs[closed].append(offer)
    for lost, offers in heirs.items():
        heir = best(offers)
        if lost not in found or heir.in_stock is not False:
            found[lost] = heir
    return found


def best(offers: Sequence[Offer]) -> Offer:
    """The first by price of some open offers of one product (annotated by with_price). None at all is a ValueError."""
    if not offers:
        raise ValueError("There is no offer to choose from.")
    now = timezone.now()
    return by_price(priced(offer, offer.product, None, now) for offer in offers)[0].offer


def next_best(products: Iterable[int], without: Iterable[int]) -> dict[int, PricedOffer]:
    """By product, the open offer that comes first when those in without are left out."""
    now = timezone.now()
    found: dict[int, list[PricedOffer]] = defaultdict(list)
    for offer in Offer.objects.for_pages().filter(product__in=set(products)).exclude(pk__in=set(without)):
        found[offer.product_id].append(priced(offer, offer.product, None, now))
    return {product: by_price(offers)[0] for product, offers in found.items()}
