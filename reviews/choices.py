"""What a reader asks of a list through its address: own weights and filters, as far as they could be understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.http import QueryDict

from crampinfo.lib.facets import Traits
from products import shopping
from products.shopping import Shopping
from reviews import filters, ownweights
from reviews.standing import CriterionWeight

# Every parameter that a list's address may hold besides own weights, whose names begin with ownweights.PREFIX.
VIEWS = ("order", "after", "as_of", "to")
MANY = filters.NAMES
WHERE = shopping.PARAMETERS


@dataclass(frozen=True, slots=True)
class Choice:
    """Own weights by criterion (None: ours), chosen values by facet, and where the reader shops.

    notices say what was not taken as given.
    """

    weights: Mapping[str, Decimal] | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shopping: Shopping = Shopping()
    notices: tuple[str, ...] = ()

    @property
    def is_made(self) -> bool:
        """Whether the reader changed order or rows: such a view carries no placement. Where they shop does neither."""
        return self.weights is not None or bool(self.filters)

    @property
    def weight_pairs(self) -> list[tuple[str, str]]:
        """The own weights as an address or a form's hidden fields hold them."""
        given = self.weights or {}
        return [(f"{ownweights.PREFIX}{slug}", ownweights.plain(weight)) for slug, weight in given.items()]

    @property
    def filter_pairs(self) -> list[tuple[str, str]]:
        """The filters in the same form."""
        return [(name, value) for name, values in self.filters.items() for value in values]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """All of it."""
        return [*self.filter_pairs, *self.weight_pairs, *self.shopping.pairs]

    def is_said_by(self, asked: QueryDict) -> bool:
        """Whether an address says exactly this, however ordered: only then is its page worth keeping."""
        given = sorted((name, value) for name, values in asked.lists() for value in values if _is_ours(name))
        return given == sorted(self.pairs)


def _is_ours(name: str) -> bool:
    return name in MANY or name in WHERE or name.startswith(ownweights.PREFIX)


def read(
    asked: QueryDict | None,
    criteria: tuple[CriterionWeight, ...],
    products: Iterable[Traits],
    where: Shopping = Shopping(),  # noqa: B008  (frozen)
) -> Choice:
    """The choice that an address makes on a list with these criteria and products."""
    if asked is None:
        return Choice()
    weights, about_weights = ownweights.read(asked.dict(), criteria)  # type: ignore[arg-type]  # the last of each name
    chosen, about_filters = filters.read({name: asked.getlist(name) for name in MANY}, products)
    return Choice(weights, chosen, where, (*about_weights, *about_filters, *where.notices))
