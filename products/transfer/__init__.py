"""Facts and money as tables: products, offers, prices and placements."""

from products.transfer.catalogue import ProductSheet
from products.transfer.commerce import OfferSheet, PriceSheet
from products.transfer.placement import PlacementSheet

__all__ = ["OfferSheet", "PlacementSheet", "PriceSheet", "ProductSheet"]
