"""Where facts and money use other things (crampinfo.editorial.whereused)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from crampinfo.editorial import linkindex
from crampinfo.editorial.models import Author, Picture, Topic
from crampinfo.editorial.whereused import found_in, led_to, titled
from products import bodies
from products.models import (
    AffiliateProgramme,
    Brand,
    Compound,
    ConflictDeclaration,
    Conversion,
    Feed,
    FeedItem,
    Merchant,
    Offer,
    Placement,
    Product,
    Slot,
)


@linkindex.reads
def offers(text: str) -> Iterable[str]:
    """The offers that a body leads to."""
    return (f"offer:{number}" for number in bodies.offer_ids(text))


titled(Offer, "product__name")
titled(Placement, "advertiser")
titled(ConflictDeclaration, "author__name")
titled(Conversion, "reference")
led_to(Offer, _("links to it"), lambda offer: [f"offer:{offer.pk}"])

found_in(Picture, _("label"), Product, "label_picture")
found_in(Topic, _("belongs to it"), Product, "topics")
found_in(Topic, _("is sold on it"), Slot, "topic")
found_in(Author, _("declared by them"), ConflictDeclaration, "author")
found_in(Brand, _("is made by it"), Product, "brand")
found_in(Brand, _("declared about it"), ConflictDeclaration, "brand")
found_in(Compound, _("contains it"), Product, "ingredients__compound")
found_in(Product, _("offers it"), Offer, "product")
found_in(Product, _("advertises it"), Placement, "product")
found_in(Product, _("matched with it"), FeedItem, "product", holds=False)
found_in(Offer, _("advertises it"), Placement, "offer")
found_in(Offer, _("earned through it"), Conversion, "offer", holds=False)
found_in(Slot, _("is booked in it"), Placement, "slot")
found_in(Merchant, _("programme of it"), AffiliateProgramme, "merchant")
found_in(Merchant, _("sold by it"), Offer, "merchant")
found_in(Merchant, _("feed of it"), Feed, "merchant")
found_in(AffiliateProgramme, _("pays through it"), Offer, "programme")
found_in(AffiliateProgramme, _("earned through it"), Conversion, "programme")
found_in(AffiliateProgramme, _("feed of it"), Feed, "programme")
