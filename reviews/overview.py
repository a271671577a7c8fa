"""Small views of many: scores for cards, lists with their squares, shops with what they pay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from crampinfo.lib.prepared import Prepared
from products import affiliate, standins
from products.affiliate import PricedOffer
from products.models import Offer
from reviews import scoring, standing
from reviews.models import Ranking, RankingEntry, Review, Score, Weight


@dataclass(frozen=True, slots=True)
class ListCard:
    """A list in an index: which of its rows has a paid link."""

    ranking: Ranking
    flags: tuple[bool, ...]

    @property
    def total(self) -> int:
        """Rows."""
        return len(self.flags)

    @property
    def paid(self) -> int:
        """Rows with a paid link."""
        return sum(self.flags)


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop linked on a list: in how many rows, and whether it pays us."""

    name: str
    rows: int
    pays: bool


def scores_of(reviews: Sequence[Review]) -> dict[int, Decimal]:
    """Editorial scores by review id, in one query; a review whose scores are incomplete has none."""
    values: dict[int, dict[str, Decimal]] = defaultdict(dict)
    weights: dict[int, dict[str, Decimal]] = defaultdict(dict)
    needed: dict[int, int] = {}
    for review, criterion, value, share, count in _scored.rows(reviews=[review.pk for review in reviews]):
        values[review][criterion], weights[review][criterion], needed[review] = value, share, count
    return {
        review: scoring.editorial_score(values[review], weights[review])
        for review, count in needed.items()
        if len(weights[review]) == count
    }


def _scores(reviews: list[int]) -> QuerySet[Any, Any]:
    """Current scores with the weights they have now, and with the number of weights there are."""
    weight = Weight.objects.filter(
        version=OuterRef("review__methodology__current_version"), criterion=OuterRef("criterion")
    ).values("value")
    found: QuerySet[Any, Any] = (
        Score.objects.current()
        .filter(review__in=reviews)
        .annotate(weight=Subquery(weight[:1]), weighed=standing.weight_count("review__methodology__current_version"))
        .filter(weight__isnull=False)
        .values_list("review_id", "criterion__slug", "value", "weight", "weighed")
    )
    return found


_scored = Prepared(_scores)
_sold = Prepared(lambda products: Offer.objects.for_pages().filter(product__in=products))


def cards(rankings: Sequence[Ranking]) -> list[ListCard]:
    """Lists with their squares, in two queries whatever their number."""
    entries = list(
        RankingEntry.objects.filter(ranking__in=rankings, product__review__in=Review.objects.published())
        .exclude(place="")
        .values_list("ranking_id", "product_id", "place", "pk", "ranking__topic__sensitive")
    )
    entries.sort(key=lambda entry: (int(entry[2].rstrip("=")), entry[3]))
    paid = products_that_pay({product for _, product, *_ in entries})
    flags: dict[int, list[bool]] = defaultdict(list)
    for ranking, product, _place, _pk, sensitive in entries:
        flags[ranking].append(product in paid and not sensitive)
    return [ListCard(ranking, tuple(flags[ranking.pk])) for ranking in rankings]


def products_that_pay(products: Iterable[int]) -> set[int]:
    """Those whose button is a paid link: the offer that a row shows, chosen as a row chooses it."""
    offers: dict[int, list[PricedOffer]] = defaultdict(list)
    for offer in _sold.rows(products=sorted(set(products))):
        offers[offer.product_id].append(affiliate.priced(offer, offer.product, None))
    return {product for product, found in offers.items() if standins.by_price(found)[0].is_paid}


def shops(buttons: Iterable[PricedOffer | None]) -> list[Shop]:
    """The shops behind the buttons of a list, those that pay us nothing first."""
    found: dict[str, list[bool]] = defaultdict(list)
    for offer in buttons:
        if offer is not None:
            found[offer.offer.merchant.name].append(offer.is_paid)
    return sorted(
        (Shop(name, len(paid), any(paid)) for name, paid in found.items()), key=lambda shop: (shop.pays, shop.name)
    )
