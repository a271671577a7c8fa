"""Offers that went out of stock, or came back: what takes over meanwhile, noted in the ledger.

Whoever says so: a link check, a feed, an import or somebody in the admin. Saving one row is heard; only what changes
many rows at once, as feeds do, calls note() itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from crampinfo.editorial import ledger
from products import standins
from products.models import Offer


def note(offers: Sequence[Offer], *, reason: str = "") -> None:
    """Write down each change of these offers, as stored now, with the in-stock offer that is next best without it."""
    gone = [offer for offer in offers if offer.in_stock is False]
    heirs = standins.next_best([offer.product_id for offer in gone], [offer.pk for offer in gone]) if gone else {}
    for offer in offers:
        heir = heirs.get(offer.product_id) if offer.in_stock is False else None
        takes_over = heir.offer.pk if heir is not None and heir.offer.in_stock is not False else None
        facts = {"offer": offer.pk, "in_stock": offer.in_stock, "taken_over_by": takes_over}
        ledger.record("offer_stock", offer, facts, reason=reason)


@receiver(pre_save, sender=Offer, dispatch_uid="products.stock_before")
def remember_the_stock(instance: Offer, raw: bool = False, **kwargs: Any) -> None:
    """What was known before it is saved."""
    if raw or instance.pk is None:
        return
    instance.__dict__["_stock_before"] = Offer.objects.filter(pk=instance.pk).values_list("in_stock", flat=True).first()


@receiver(post_save, sender=Offer, dispatch_uid="products.stock_after")
def note_the_stock(instance: Offer, raw: bool = False, created: bool = False, **kwargs: Any) -> None:
    """Noted in the transaction that changes it, where it says something: that it is gone, or no longer is."""
    before = instance.__dict__.pop("_stock_before", None)
    if not raw and not created and (before is False) is not (instance.in_stock is False):
        note([instance])
