"""Placements as a table: bookings come in unapproved, whatever the file says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial.transfer.columns import Column, Key, Moment, Number, Part, Whole, Words, YesNo
from crampinfo.editorial.transfer.files import Table
from crampinfo.editorial.transfer.sheet import Sheet
from products.models import Placement, Product, Slot
from products.transfer.commerce import OfferBook


class PlacementSheet(Sheet):
    """Bookings by their slug."""

    checked_by_saving = True
    linked = ("offer",)

    slug = Column("slug", Words(), gettext_lazy("Says which booking is meant; a new one makes a new booking."))
    slot = Column("slot", Key(Slot), gettext_lazy("The slot's slug."))
    product = Column("product", Key(Product), gettext_lazy("The product's slug."))
    merchant = Part("offer__merchant__slug", Words(), gettext_lazy("Whose offer its button leads to."))
    country = Part("offer__country", Words(), gettext_lazy("Of that offer."))
    advertiser = Column("advertiser", Words(), gettext_lazy("Who pays, as readers see it."))
    starts_at = Column("starts_at", Moment(), gettext_lazy("A day alone begins at midnight."))
    ends_at = Column("ends_at", Moment())
    target_place = Column("target_place", Whole(), gettext_lazy("For a place in an influenced list."))
    adjustment = Column("adjustment", Number(), gettext_lazy("Points, for an influenced list."))
    headline = Column("headline", Words())
    text = Column("text", Words())
    demo = Column("is_demo", YesNo(), gettext_lazy("Invented, for the demonstration."))
    kind = Column("kind", Words(), gettext_lazy("The slot's."), fixed=True)
    approved_by = Column("approved_by", Words(), gettext_lazy("Approved in the admin alone."), fixed=True)
    approved_at = Column("approved_at", Moment(), fixed=True)
    ended_early_at = Column("ended_early_at", Moment(), fixed=True)
    ended_reason = Column("ended_reason", Words(), fixed=True)

    class Meta:
        model = Placement

    def prepare(self, table: Table) -> None:
        """And the offers."""
        self._book = OfferBook(row.cells.get("product", "") for row in table.rows)
        super().prepare(table)

    def stored(self, table: Table) -> models.QuerySet:
        """By slug."""
        slugs = [row.cells["slug"] for row in table.rows]
        return for_export(Placement.objects.filter(slug__in=slugs))

    def link(self, instance: Any, row: Mapping[str, str]) -> None:
        """The offer, where a merchant is named."""
        if "merchant" not in row:
            return
        merchant, country = row["merchant"], row.get("country", "")
        product = instance.product.slug if instance.product_id else ""
        instance.offer = self._book.find(product, merchant, country) if merchant else None

    def refusal(self, instance: Any) -> str:
        """Promise 7."""
        if instance.approved_at is not None:
            return _("This booking was approved, so its terms stand: end it early in the admin and book anew.")
        return super().refusal(instance)


def for_export(placements: models.QuerySet) -> models.QuerySet:
    """With everything that their cells read."""
    return placements.select_related("slot", "slot__topic", "product", "offer", "offer__merchant", "offer__product")
