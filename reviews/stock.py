"""What the products of a list hold and who sells them: read once for all rows, and what readers filter them by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crampinfo.lib import facets
from products import shopping
from products.affiliate import PricedOffer
from products.models import Ingredient
from products.shopping import Shopping
from reviews import doses, filters, offers
from reviews.doses import DoseFacts
from reviews.filters import Facet
from reviews.standing import Entry, Standing


@dataclass(frozen=True, slots=True)
class Stock:
    """Ingredients and offers by product id; traits, what each ranked product can be found by, by its key.

    offers are those for where the reader shops, everywhere are all; by_day says whether the products are taken daily,
    so that their prices are a day's.
    """

    ingredients: Mapping[int, list[Ingredient]]
    offers: Mapping[int, tuple[PricedOffer, ...]]
    everywhere: Mapping[int, tuple[PricedOffer, ...]]
    shopping: Shopping
    traits: Mapping[str, facets.Traits]
    by_day: bool

    def of(self, entry: Entry) -> tuple[PricedOffer, ...]:
        """A product's offers, that of its button first."""
        return self.offers.get(entry.product_id, ())

    def pays(self, entry: Entry) -> bool:
        """Whether any of its offers pays us, wherever the reader shops."""
        return any(offer.is_paid for offer in self.everywhere.get(entry.product_id, ()))

    def button(self, entry: Entry) -> PricedOffer | None:
        """The offer of a row's button: the lowest fresh price, whoever pays."""
        return next(iter(self.of(entry)), None)

    def dose(self, entry: Entry) -> DoseFacts | None:
        """A day's dose, as a row prints it."""
        return doses.dose_facts(entry.elemental_per_day, self.ingredients.get(entry.product_id, []))

    def facets(self, chosen: facets.Chosen) -> tuple[tuple[Facet, ...], tuple[Facet, ...]]:
        """What this list can be narrowed to beside what is chosen: groups, then single values."""
        everything = [item for found in self.ingredients.values() for item in found]
        currencies = {found[0].currency for found in self.offers.values() if found[0].amount is not None}
        words = filters.labels(everything, offers.bands(currencies, by_day=self.by_day))
        return filters.offered(list(self.traits.values()), chosen, words, by_day=self.by_day)


def load(state: Standing, *, sold: bool, asked: Mapping[str, str] = MappingProxyType({})) -> Stock:
    """The stock of a list in two queries; without offers where nothing is sold (promise 10).

    asked is an address's parameters, which may say where the reader shops.
    """
    ingredients = doses.ingredients_of(entry.product_id for entry in state.entries.values())
    ranked = {candidate.key: state.entries[candidate.key] for candidate in state.candidates}
    everywhere = offers.of_products([entry.product_id for entry in ranked.values()], ingredients) if sold else {}
    place = shopping.read(asked, (item.offer for found in everywhere.values() for item in found))
    fitting = {key: offers.for_reader(items, place) for key, items in everywhere.items()}
    found = {key: items for key, items in fitting.items() if items}
    by_day = any(entry.elemental_per_day is not None for entry in ranked.values())
    traits = {
        key: filters.traits(
            entry,
            ingredients.get(entry.product_id, ()),
            offers.band(next(iter(found.get(entry.product_id, ())), None), by_day=by_day),
        )
        for key, entry in ranked.items()
    }
    return Stock(ingredients, found, everywhere, place, traits, by_day)
