"""What is commercial on a page, the sentences that say so, and the one way to write a link to a shop."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from crampinfo.editorial.models import DisclosureKind, Publishable
from crampinfo.lib import shown
from products import pricing
from products.clicks import Source
from products.models import LinkMode, Offer, Product

logger = logging.getLogger(__name__)

# Ways of coming by a product that are a connection with its maker (rules.md US-DISC-11).
SAMPLES = frozenset({"free", "discounted", "loaned"})


class UndisclosedLinkError(AssertionError):
    """Raised in tests when a paid link is asked for and no disclosure stands above it (promise 3)."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One sentence of a disclosure; kind is a DisclosureKind, or programme for a sentence that a programme requires."""

    kind: str
    text: str


@dataclass(slots=True)
class PageMoney:
    """What is commercial on one page. disclosed turns true when the disclosure tag has rendered, above everything else.

    page is the page's key in click counts (kind-slug); sentences are the disclosures that are true here, in order.
    """

    page: str
    sentences: tuple[Disclosed, ...] = ()
    disclosed: bool = False
    texts: dict[str, int] = field(default_factory=dict)

    def repeat(self, words: str) -> str:
        """'' for words that no link on this page has yet, else a number that tells links apart (rules.md A11Y-07)."""
        self.texts[words] = self.texts.get(words, 0) + 1
        return "" if self.texts[words] == 1 else f" ({self.texts[words]})"


@dataclass(frozen=True, slots=True)
class PricedOffer:
    """An offer with its price while that is fresh: amounts rounded to cents, as_of when and source where it was read.

    shipping is what delivery costs in the same currency, None where the shop doesn't say.
    """

    offer: Offer
    amount: Decimal | None = None
    currency: str = ""
    as_of: datetime | None = None
    per_day: Decimal | None = None
    per_100_mg: Decimal | None = None
    days: int | None = None
    shipping: Decimal | None = None
    source: str = ""

    @property
    def is_paid(self) -> bool:
        """Whether it pays us."""
        return self.offer.is_paid


def priced(
    offer: Offer, product: Product, elemental_per_serving: Decimal | None, now: datetime | None = None
) -> PricedOffer:
    """The offer with its newest price if that may still be shown; otherwise without any price (AFF-02)."""
    moment = now or timezone.now()
    if not offer.is_price_fresh(moment):
        return PricedOffer(offer)
    shown.price_until(offer.price_until)
    read: Any = offer  # annotated by OfferQuerySet.with_price
    amount: Decimal = read.price_amount
    servings, a_day = product.servings_per_pack, product.servings_per_day
    per_day = pricing.price_per_day(amount, servings, a_day) if servings and a_day else None
    per_100 = (
        pricing.cost_per_100_mg(amount, servings, elemental_per_serving) if servings and elemental_per_serving else None
    )
    return PricedOffer(
        offer,
        pricing.to_cents(amount),
        read.price_currency,
        read.price_as_of,
        pricing.to_cents(per_day) if per_day is not None else None,
        pricing.to_cents(per_100) if per_100 is not None else None,
        int(servings / a_day) if servings and a_day else None,
        read.price_shipping,
        read.price_source,
    )


def page_money(
    page: str,
    content: Publishable | None,
    *,
    offers: Iterable[Offer] = (),
    advertised: bool = False,
    acquisition: str = "",
    owned: bool = False,
    influenced: bool = False,
) -> PageMoney:
    """The sentences that are true for this page, from what really stands on it; advertised when a placement does.

    content is annotated by with_disclosures; a text that is missing there leaves the page without disclosure, and then
    without paid links: it fails closed.
    """
    paid = [offer for offer in offers if offer.is_paid]
    needed: list[str] = []
    if influenced:
        needed.append(DisclosureKind.INFLUENCED)
    if advertised:
        needed.append(DisclosureKind.PLACEMENT)
    if paid:
        needed.append(DisclosureKind.COMMISSION_PLAIN if influenced else DisclosureKind.COMMISSION)
    if acquisition in SAMPLES:
        needed.append(DisclosureKind.SAMPLE)
    if owned:
        needed.append(DisclosureKind.OWNERSHIP)
    texts = {kind: getattr(content, f"disclosure_{kind}", None) for kind in needed}
    if not all(texts.values()):
        logger.error("Page %s has commercial content but no disclosure text for it: its links stay plain text.", page)
        return PageMoney(page)
    required = {
        offer.programme.required_sentence for offer in paid if offer.programme and offer.programme.required_sentence
    }
    return PageMoney(
        page,
        (
            *(Disclosed(str(kind), str(text)) for kind, text in texts.items()),
            *(Disclosed("programme", text) for text in sorted(required)),
        ),
    )


@dataclass(frozen=True, slots=True)
class ShopLink:
    """A link to a shop, ready to print: the label beside it says who pays, and its words are unique on the page."""

    url: str
    rel: str
    paid: bool
    merchant: str
    product: str


def shop_link(offer: Offer, money: PageMoney | None, slot: str, *, advertised: bool = False) -> ShopLink | None:
    """The link for an offer on this page, or None when nothing may be linked there.

    None (logged, and an error in tests) when the link pays us and no disclosure stands above it. advertised marks the
    link of a placement, which is paid for whether or not there is a programme.
    """
    paid = offer.is_paid or advertised
    if paid and (money is None or not money.disclosed):
        where = money.page if money is not None else "a page"
        message = f"Paid link to {offer.merchant} asked for on {where} without a disclosure above it."
        if settings.TESTING:
            raise UndisclosedLinkError(message)
        logger.error(message)
        return None
    page = money.page if money is not None else "page"
    words = f"{offer.merchant.name} / {offer.product.name}"
    repeat = money.repeat(words) if money is not None else ""
    return ShopLink(
        url=address(offer, Source(page, slot)) if paid else target(offer),
        rel="sponsored nofollow noopener" if paid else "nofollow noopener",
        paid=paid,
        merchant=offer.merchant.name,
        product=f"{offer.product.name}{repeat}",
    )


def address(offer: Offer, source: Source) -> str:
    """Where a paid link points: straight to the shop for direct programmes (not counted), else through /go/."""
    programme = offer.programme
    if programme is not None and programme.link_mode == LinkMode.DIRECT:
        return with_source(with_partner_code(offer), source_parameter(offer), offer.pk, source.page, source.slot)
    return reverse("go", args=[offer.pk, str(source)])


def with_partner_code(offer: Offer) -> str:
    """The stored address with our partner code while its programme runs, and nothing of the visitor (PRIV-02)."""
    programme = offer.programme
    stored = target(offer)
    if programme is None or not offer.is_paid or offer.merchant.is_demo:
        return stored
    code = programme.code_at(stored)
    return _with_parameter(stored, programme.partner_parameter, code) if code else stored


def source_parameter(offer: Offer) -> str:
    """The parameter that tells a shop's network which of our links was followed; '' where there is none."""
    programme = offer.programme
    return programme.source_parameter if programme is not None and offer.is_paid and not offer.merchant.is_demo else ""


def with_source(address: str, parameter: str, offer_id: int, page: str, slot: str) -> str:
    """The address with the name of the link's place under that parameter: 12.list-magnesium.row-3, the same for all."""
    return _with_parameter(address, parameter, f"{offer_id}.{page}.{slot}") if parameter else address


def _with_parameter(address: str, name: str, value: str) -> str:
    parts = urlsplit(address)
    added = urlencode({name: value})
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def target(offer: Offer) -> str:
    """The stored address; an invented shop's is a page of ours that says so."""
    return reverse("demo-shop", args=[offer.pk]) if offer.merchant.is_demo else offer.url


def pays_us_nothing(offers: Sequence[PricedOffer]) -> bool:
    """Whether none of a product's offers pays us."""
    return not any(item.is_paid for item in offers)
