"""Offers and prices of a run: what matched is put here, and stored with the chunk it came in."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_save

from products import exits, stockchanges
from products.feeds.rows import Item, RowError
from products.models import FeedRun, Offer, Price, PriceSource

_MAX_AGE_HOURS = 72


class Shelf:
    """The shop's offers in the feed's country, by product; one offer a product and run."""

    def __init__(self, run: FeedRun) -> None:
        self.run, self.feed = run, run.feed
        mine = Offer.objects.filter(merchant=self.feed.merchant, country=self.feed.country)
        self.offers: dict[int, Offer] = {offer.product_id: offer for offer in mine.select_related("programme")}
        # What an earlier part of this run, or the same file before, has stored already.
        stored = Price.objects.filter(offer__in=mine, as_of=run.as_of, source=PriceSource.FEED)
        self.priced: set[int] = set(stored.values_list("offer", flat=True))
        self.rows: dict[int, int] = {}
        self.begin()

    def begin(self) -> None:
        """A new chunk: what an earlier one left unfinished is forgotten."""
        self._prices: list[Price] = []
        self._in_stock: dict[bool, list[Offer]] = {True: [], False: []}
        self._rows: dict[int, int] = {}
        self._made: dict[int, Offer] = {}

    def put(self, item: Item, product: int) -> str:
        """Take an item for a product; says which count it belongs to. Raises RowError or ValidationError."""
        earlier = self.rows.get(product) or self._rows.get(product)
        if earlier is not None:
            raise RowError("gtin", f"Row {earlier} is the same product: only the first is taken.", item.gtin or item.id)
        offer = self.offers.get(product) or self._made.get(product)
        outcome = "updated"
        if offer is None:
            offer, outcome = self._make(item, product), "created"
        if offer.currency != item.currency:
            raise RowError("currency", f"Our offer is in {offer.currency}.", item.currency)
        if offer.url != item.link and outcome == "updated":
            self._change_address(offer, item.link)
        self._rows[product] = item.number
        if item.in_stock is not None and offer.in_stock is not item.in_stock:
            self._in_stock[item.in_stock].append(offer)
        if offer.pk in self.priced:
            return "unchanged"
        self._prices.append(
            Price(
                offer=offer,
                amount=item.amount,
                currency=item.currency,
                shipping=item.shipping,
                source=PriceSource.FEED,
                as_of=self.run.as_of,
                max_age_hours=_MAX_AGE_HOURS,
            )
        )
        return outcome

    def _make(self, item: Item, product: int) -> Offer:
        if not self.feed.creates_offers:
            raise RowError("", "We have no offer for it, and this feed makes none.", item.title)
        offer = Offer(
            product_id=product,
            merchant=self.feed.merchant,
            programme=self.feed.programme,
            url=item.link,
            country=self.feed.country,
            currency=item.currency,
            in_stock=item.in_stock,
        )
        if self.run.is_trial:
            offer.full_clean()
        else:
            with transaction.atomic():
                offer.save()
        self._made[product] = offer
        return offer

    def _change_address(self, offer: Offer, address: str) -> None:
        before, offer.url = offer.url, address
        try:
            offer.full_clean()
        finally:
            if self.run.is_trial:
                offer.url = before
        if not self.run.is_trial:
            with transaction.atomic():
                offer.save()

    def store(self) -> None:
        """Write what was put since begin(); nothing in a dry run."""
        if self.run.is_trial:
            return
        for is_there, offers in self._in_stock.items():
            Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(in_stock=is_there)
            for offer in offers:
                offer.in_stock = is_there
            stockchanges.note(offers, reason=str(self.feed))
        # Each was checked by amounts.read and put(), as Price.full_clean would, without its queries a row.
        rows: Any = models.QuerySet(Price)
        rows.bulk_create(self._prices)
        for price in self._prices:
            post_save.send(sender=Price, instance=price, created=True, raw=False, using="default", update_fields=None)
        if self._made:
            exits.changed()

    def afresh(self) -> Shelf:
        """As the database has it, after a chunk that was refused; which rows were taken before stays known."""
        made = Shelf(self.run)
        made.rows = self.rows
        return made

    def keep(self) -> None:
        """The chunk is in: later rows know of it."""
        self.rows |= self._rows
        self.offers |= self._made
        self.priced |= {price.offer_id for price in self._prices}
