"""What of products goes on record: the facts that gates rest on, placements, and since when an offer pays us.

A product goes on record with its first public review or placement (docs/ledger.md); from then on each change does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver

from crampinfo.editorial import ledger
from crampinfo.editorial.models import Topic
from crampinfo.editorial.roles import Role
from crampinfo.editorial.signals import rows_changed
from products import dose
from products.models import AffiliateProgramme, Category, Compound, Ingredient, Offer, Placement, Product, Slot

Keys = Iterable[int]


# --- products ------------------------------------------------------------------------------------------------


def product_facts(key: int) -> dict[str, Any] | None:
    """What gates and the order of equals rest on, as it is stored now; None where there is no such product."""
    product = Product.objects.filter(pk=key).prefetch_related("ingredients__compound").first()
    if product is None:
        return None
    mg = product.elemental_a_day()
    return {
        "slug": product.slug,
        "name": product.name,
        "supplement": product.category == Category.SUPPLEMENT,
        "mg_per_day": dose.round_mg(mg) if mg is not None else None,
        "label_readable": product.label_readable,
        "label_warns_limit": product.label_warns_limit,
        "recalled_on": product.recalled_on,
    }


def note_product(key: int, *, begin: bool = False) -> None:
    """Note how a product stands now; one that is not on record yet only with begin."""
    subject = f"product:{key}"
    known = ledger.is_on_record("product", subject)
    if not known and not begin:
        return
    notice = Product.objects.filter(pk=key).values_list("recall_notice", flat=True).first() or ""
    ledger.note("product", subject, lambda: product_facts(key), role=Role.EDITOR, reason=notice)
    if not known:
        note_offers(Offer.objects.filter(product=key).values_list("pk", flat=True))


@receiver(post_save, sender=Product, dispatch_uid="onrecord.product")
def product_saved(instance: Product, raw: bool = False, **kwargs: Any) -> None:
    """A recall, a name, a label that was read again."""
    if not raw:
        note_product(instance.pk)


@receiver((post_save, post_delete), sender=Ingredient, dispatch_uid="onrecord.ingredient")
def ingredient_changed(instance: Ingredient, raw: bool = False, **kwargs: Any) -> None:
    """The dose changes with what is in a serving."""
    if not raw:
        note_product(instance.product_id)


@receiver(post_save, sender=Compound, dispatch_uid="onrecord.compound")
def compound_saved(instance: Compound, raw: bool = False, created: bool = False, **kwargs: Any) -> None:
    """The dose of every product with it."""
    if not raw and not created:
        _products(Ingredient.objects.filter(compound=instance).values_list("product", flat=True))


@receiver(rows_changed, dispatch_uid="onrecord.products_in_bulk")
def facts_changed_in_bulk(sender: type[Any], keys: Keys, **kwargs: Any) -> None:
    """The same for many rows at once."""
    if sender is Product:
        _products(keys)
    elif sender is Ingredient:
        _products(Ingredient.objects.filter(pk__in=keys).values_list("product", flat=True))
    elif sender is Compound:
        _products(Ingredient.objects.filter(compound__in=keys).values_list("product", flat=True))


def _products(keys: Keys) -> None:
    for key in sorted(set(keys)):
        note_product(key)


# --- placements ----------------------------------------------------------------------------------------------


def placement_facts(key: int) -> dict[str, Any] | None:
    """Whose booking, where, for how long, and what it does; None until it is approved."""
    rows = Placement.objects.select_related("slot__topic", "offer").filter(pk=key, approved_at__isnull=False)
    placement = rows.first()
    if placement is None:
        return None
    offer, topic = placement.offer, placement.slot.topic
    return {
        "slug": placement.slug,
        "slot": placement.slot_id,
        "sells": placement.kind,
        "product": f"product:{placement.product_id}",
        "advertiser": placement.advertiser,
        "from": placement.starts_at,
        "until": placement.ends_at,
        "ended_early": placement.ended_early_at,
        "place": placement.target_place,
        "points": placement.adjustment,
        "offer_ends": offer.ends_at if offer is not None else None,
        "on_hold": (offer is not None and offer.is_paused) or (topic is not None and topic.sensitive),
    }


def note_placement(placement: Placement) -> None:
    """Note how an approved booking stands, and its product with it."""
    if placement.approved_at is None:
        return
    note_product(placement.product_id, begin=True)
    key, ended = placement.pk, placement.ended_early_at is not None
    ledger.note(
        "placement",
        ledger.subject_of(placement),
        lambda: placement_facts(key),
        role=Role.AFFILIATE_MANAGER if ended else Role.PUBLISHER,
        reason=placement.ended_reason,
        since=placement.approved_at,
    )


@receiver(post_save, sender=Placement, dispatch_uid="onrecord.placement")
def placement_saved(instance: Placement, raw: bool = False, **kwargs: Any) -> None:
    """Approved, or ended early."""
    if not raw:
        note_placement(instance)


@receiver(post_save, sender=Slot, dispatch_uid="onrecord.slot")
@receiver(post_save, sender=Topic, dispatch_uid="onrecord.slot_topic")
def slot_saved(instance: Slot | Topic, raw: bool = False, created: bool = False, **kwargs: Any) -> None:
    """A slot on a sensitive topic shows nothing of what is booked in it."""
    if not raw and not created:
        where = {"slot": instance} if isinstance(instance, Slot) else {"slot__topic": instance}
        _placements(Placement.objects.filter(**where))


@receiver(rows_changed, dispatch_uid="onrecord.placements_in_bulk")
def holds_changed_in_bulk(sender: type[Any], keys: Keys, **kwargs: Any) -> None:
    """The same for many rows at once."""
    if sender is Slot:
        _placements(Placement.objects.filter(slot__in=keys))
    elif sender is Topic:
        _placements(Placement.objects.filter(slot__topic__in=keys))


def _placements(rows: Iterable[Placement]) -> None:
    for placement in rows:
        note_placement(placement)


# --- offers that pay us -----------------------------------------------------------------------------------------


def note_offers(keys: Keys) -> None:
    """Note for each offer of a product on record whether a programme is attached; one that never paid says nothing."""
    for offer in Offer.objects.filter(pk__in=keys).select_related("merchant").order_by("pk"):
        _note_offer(offer, paid=offer.programme_id is not None)


def _note_offer(offer: Offer, *, paid: bool) -> None:
    subject = f"product:{offer.product_id}"
    if not ledger.is_on_record("product", subject):
        return
    facts = {"offer": offer.pk, "merchant": offer.merchant.slug, "paid": paid, "since": offer.created_at}
    ledger.note(
        "paid_offer",
        subject,
        lambda: facts,
        key="offer",
        begin=paid,
        role=Role.AFFILIATE_MANAGER,
        since=offer.created_at,
    )


@receiver(post_save, sender=Offer, dispatch_uid="onrecord.offer")
def offer_saved(instance: Offer, raw: bool = False, **kwargs: Any) -> None:
    """Attached to a programme or not; paused or ended, which placements with it show."""
    if not raw:
        note_offers([instance.pk])
        _placements(Placement.objects.filter(offer=instance))


@receiver(post_delete, sender=Offer, dispatch_uid="onrecord.offer_gone")
def offer_deleted(instance: Offer, **kwargs: Any) -> None:
    """It pays us no longer."""
    _note_offer(instance, paid=False)


@receiver(rows_changed, sender=Offer, dispatch_uid="onrecord.offers_in_bulk")
def offers_changed_in_bulk(keys: Keys, **kwargs: Any) -> None:
    """The same for many rows at once."""
    keys = list(keys)
    note_offers(keys)
    _placements(Placement.objects.filter(offer__in=keys))


@receiver(pre_delete, sender=AffiliateProgramme, dispatch_uid="onrecord.programme_ending")
def remember_its_offers(instance: AffiliateProgramme, **kwargs: Any) -> None:
    """Its offers lose their programme without being saved."""
    instance.__dict__["_left_offers"] = list(instance.offers.values_list("pk", flat=True))


@receiver(post_delete, sender=AffiliateProgramme, dispatch_uid="onrecord.programme_gone")
def note_left_offers(instance: AffiliateProgramme, **kwargs: Any) -> None:
    """They pay us no longer."""
    for offer in Offer.objects.filter(pk__in=instance.__dict__.pop("_left_offers", [])).select_related("merchant"):
        _note_offer(offer, paid=False)
