"""Offers and prices as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial.transfer.columns import Amount, Choice, Column, Key, Moment, Part, Whole, Words, YesNo
from crampinfo.editorial.transfer.files import Table
from crampinfo.editorial.transfer.sheet import Keys, Sheet
from products.models import AffiliateProgramme, Merchant, Offer, Price, PriceSource, Product

SEES_TERMS = "products.view_affiliateprogramme"


class OfferBook:
    """The offers of some products, by product, merchant and country."""

    def __init__(self, products: Iterable[str]) -> None:
        rows = Offer.objects.filter(product__slug__in=set(products))
        self._offers = {
            (row.product.slug, row.merchant.slug, row.country): row
            for row in rows.select_related("product", "merchant", "programme")
        }

    def find(self, product: str, merchant: str, country: str) -> Offer:
        """The offer. Raises ValidationError that says what there is instead."""
        found = self._offers.get((product, merchant, country))
        if found is not None:
            return found
        others = [at or _("none") for name, shop, at in self._offers if (name, shop) == (product, merchant)]
        if others:
            sentence = _("This offer has another country: %(countries)s.") % {"countries": ", ".join(others)}
            raise ValidationError({"country": sentence})
        raise ValidationError({"merchant": _("There is no such offer of this product: make it first.")})


class OfferSheet(Sheet):
    """Offers by product, merchant and country."""

    keys = ("product", "merchant", "country")
    checked_by_saving = True

    product = Column("product", Key(Product), gettext_lazy("The product's slug."))
    merchant = Column("merchant", Key(Merchant), gettext_lazy("The merchant's slug."))
    country = Column("country", Words(), gettext_lazy("Two letters, or nothing for all countries."))
    programme = Column(
        "programme", Key(AffiliateProgramme), gettext_lazy("Its slug. Empty: a purchase pays us nothing."),
        view=SEES_TERMS,
    )  # fmt: skip
    url = Column("url", Words(), gettext_lazy("The product's page on the shop's own host, without partner code."))
    currency = Column("currency", Words(), gettext_lazy("Three capital letters, such as EUR."))
    in_stock = Column("in_stock", YesNo(unknown=True))
    paused = Column("is_paused", YesNo())
    ends_at = Column("ends_at", Moment(), gettext_lazy("Shown to nobody after this."))

    class Meta:
        model = Offer

    def stored(self, table: Table) -> models.QuerySet:
        """Of the products that the table names."""
        slugs = {row.cells["product"] for row in table.rows}
        return Offer.objects.filter(product__slug__in=slugs).select_related("product", "merchant", "programme")


class PriceSheet(Sheet):
    """Prices: each row adds one, none changes one."""

    keys = ("product", "merchant", "country", "as_of")
    checked_by_saving = True
    linked = ("offer",)

    product = Part("offer__product__slug", Words(), gettext_lazy("The product's slug."))
    merchant = Part("offer__merchant__slug", Words(), gettext_lazy("The merchant's slug."))
    country = Part("offer__country", Words(), gettext_lazy("As in the offer."))
    amount = Column("amount", Amount(100_000), gettext_lazy("With a point."))
    currency = Column("currency", Words(), gettext_lazy("The offer's, such as EUR."))
    shipping = Column(
        "shipping", Amount(10_000, free=True), gettext_lazy("What delivery costs; empty where unknown, 0 is free.")
    )
    as_of = Column("as_of", Moment(), gettext_lazy("When it was read."))
    source = Column("source", Choice(PriceSource))
    max_age_hours = Column("max_age_hours", Whole(), gettext_lazy("Shown for so many hours; 72 if empty."))

    class Meta:
        model = Price

    def prepare(self, table: Table) -> None:
        """And the offers."""
        self._book = OfferBook(row.cells["product"] for row in table.rows)
        super().prepare(table)

    def stored(self, table: Table) -> models.QuerySet:
        """Prices read at the same moments."""
        moments = {moment for row in table.rows if (moment := _moment(row.cells["as_of"])) is not None}
        products = {row.cells["product"] for row in table.rows}
        rows = Price.objects.filter(offer__product__slug__in=products, as_of__in=moments)
        return rows.select_related("offer__product", "offer__merchant", "offer__programme")

    def key_of(self, cells: Mapping[str, str]) -> Keys:
        """One moment may be written in many ways."""
        *offer, written = super().key_of(cells)
        moment = _moment(written)
        return (*offer, Moment().render(moment) if moment else written)

    def link(self, instance: Any, row: Mapping[str, str]) -> None:
        """The offer."""
        instance.offer = self._book.find(row["product"], row["merchant"], row["country"])

    def refusal(self, instance: Any) -> str:
        """What was read stays as it was read."""
        return _(
            "A price read at this moment is on record with other values, and prices are only added: "
            "give the moment at which you read this one."
        )


def _moment(cell: str) -> datetime | None:
    """The moment of a cell, None where the cell itself will complain."""
    try:
        found: datetime | None = Moment().clean(cell)
    except ValueError:
        return None
    return found
