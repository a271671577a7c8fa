"""Loading facts and money: references, evidence, people, products with offers and prices, conflicts, placements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from crampinfo.editorial.models import Author, Evidence, Reference
from crampinfo.site.contentfiles.items import facts
from crampinfo.site.contentfiles.load import saving
from crampinfo.site.contentfiles.load.desk import Desk
from crampinfo.site.contentfiles.problems import Rejected, nearest
from crampinfo.site.contentfiles.reading import Item, model_names
from products.models import ConflictDeclaration, Offer, Placement, Price, Product

BOOKED = ("slot", "product", "advertiser", "starts_at", "ends_at", "target_place", "adjustment", "approved_by")


def plain(desk: Desk, item: Item, obj: Any) -> None:
    """Kinds that are nothing but their own fields."""
    desk.fill(obj, item)
    desk.many(obj, item)


def reference(desk: Desk, item: facts.Reference, obj: Reference) -> None:
    """A source with its outcomes."""
    desk.fill(obj, item)
    desk.children(obj, "outcomes", item.outcomes, "name")


def evidence(desk: Desk, item: facts.Evidence, obj: Evidence) -> None:
    """An evidence box; its outcome is one of its reference's."""
    outcome = None
    if item.outcome:
        outcomes = {one.name: one for one in desk.lookup.get("reference", item.reference).outcomes.all()}
        outcome = outcomes.get(item.outcome)
        if outcome is None:
            sentence = f"{item.reference} has no outcome “{item.outcome}”.{nearest(item.outcome, outcomes)}"
            raise Rejected([item.where.problem(sentence, "outcome")])
    desk.fill(obj, item, outcome=outcome)


def author(desk: Desk, item: facts.Author, obj: Author) -> None:
    """A person, with portrait and credentials."""
    portrait = desk.album.take(item.portrait, item.name, item) if item.portrait else None
    desk.fill(obj, item, biography=item.body.html, portrait=portrait)
    desk.children(obj, "credentials", item.credentials, "title")


def find_conflict(desk: Desk, item: facts.Conflict) -> ConflictDeclaration | None:
    """The same declaration; a relative day finds the nearest, because it was another day at the last load."""
    mine = ConflictDeclaration.objects.filter(author__slug=item.author, brand__slug=item.brand)
    if not item.declared_on.relative:
        return mine.filter(declared_on=item.declared_on.day).first()
    return min(mine, key=lambda one: abs(one.declared_on - item.declared_on.day), default=None)


def product(desk: Desk, item: facts.Product, obj: Product) -> None:
    """A product with what is in it and who sells it."""
    desk.fill(obj, item, description=item.body.html)
    desk.many(obj, item)
    desk.children(obj, "ingredients", item.ingredients, "compound")
    desk.children(obj, "certifications", item.certifications, "name")
    offers = {(offer.merchant_id, offer.country): offer for offer in obj.offers.all()}
    saving.all_of(partial(_offer, desk, one, obj, offers) for one in item.offers)


def _offer(desk: Desk, item: facts.Offer, obj: Product, offers: dict[tuple[int, str], Offer]) -> None:
    """An offer; those the file does not name are left alone, because affiliate managers add their own."""
    merchant = desk.lookup.get("merchant", item.merchant)
    offer = offers.pop((merchant.pk, item.country), None) or Offer(product=obj)
    desk.fill(offer, item)
    saving.all_of(partial(_price, desk, one, offer) for one in _new_prices(item, offer))


def _new_prices(item: facts.Offer, offer: Offer) -> Iterator[facts.Price]:
    """The prices not stored yet, oldest first. A relative time changes with each load: there the amount decides."""
    stored = list(offer.prices.values_list("amount", "as_of"))
    amounts = Counter(amount for amount, _ in stored)
    for price in sorted(item.prices, key=lambda one: one.as_of.at):
        if not price.as_of.relative:
            if (price.amount, price.as_of.at) not in stored:
                yield price
        elif amounts[price.amount] > 0:
            amounts[price.amount] -= 1
        else:
            yield price


def _price(desk: Desk, item: facts.Price, offer: Offer) -> None:
    desk.fill(Price(offer=offer), item)


def placement(desk: Desk, item: facts.Placement, obj: Placement) -> None:
    """A booking; with an approver's name it counts as approved before it began."""
    offer = None
    if item.offer_merchant:
        offer = desk.lookup.offer(item.product, item.offer_merchant)
        if offer is None:
            sentence = f"{item.product} has no offer at {item.offer_merchant}: add it to the product, or drop this."
            raise Rejected([item.where.problem(sentence, "offer_merchant")])
    if obj.approved_at is not None:
        _refuse_rebooking(desk, item, obj)
    approved_at = obj.approved_at or (min(item.starts.at, desk.now) if item.approved_by else None)
    desk.fill(obj, item, offer=offer, approved_at=approved_at)


def _refuse_rebooking(desk: Desk, item: facts.Placement, obj: Placement) -> None:
    """What was approved stays on record as it was booked (promise 7); its words and its link may change."""
    wanted = saving.values(item, obj, desk.lookup)
    for name in BOOKED:
        if name in wanted and wanted[name] != getattr(obj, name):
            field = model_names(facts.Placement)[name]
            sentence = (
                f"{field}: this booking is on record: end it early on the site, and book the new one under a new slug."
            )
            raise Rejected([item.where.problem(sentence, field)])
