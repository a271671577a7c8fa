"""On which pages products and offers stand, for those who must know what a change takes away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from articles.models import Article, Question
from products import bodies
from products.models import Offer
from reviews.models import RankingEntry, Review


@dataclass(frozen=True, slots=True)
class Place:
    """A page that readers see, and what it shows of a product."""

    kind: str
    title: str
    address: str


def of_offers(offers: Iterable[Offer]) -> dict[int, list[Place]]:
    """By offer, the live pages it stands on: its product's review and lists, and texts that name it. Four queries."""
    wanted = list(offers)
    by_product: dict[int, list[Place]] = defaultdict(list)
    products = {offer.product_id for offer in wanted}
    for review in Review.objects.published().filter(product__in=products).select_related("product"):
        by_product[review.product_id].append(Place(_("Review"), review.product.name, review.get_absolute_url()))
    entries = RankingEntry.objects.filter(product__in=products).select_related("ranking").order_by("ranking__title")
    for entry in entries:
        if entry.ranking.is_live:
            place = Place(_("List"), entry.ranking.title, entry.ranking.get_absolute_url())
            by_product[entry.product_id].append(place)
    in_texts = _in_texts({offer.pk for offer in wanted})
    return {offer.pk: [*by_product[offer.product_id], *in_texts[offer.pk]] for offer in wanted}


def _in_texts(numbers: set[int]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = defaultdict(list)
    if not numbers:
        return found
    for model, kind in ((Article, _("Guide")), (Question, _("Question"))):
        texts: Any = model.objects.published()
        for start in range(0, len(numbers), 100):
            part = sorted(numbers)[start : start + 100]
            named = reduce(or_, (Q(body__contains=f'data-offer="{number}"') for number in part))
            for text in texts.filter(named):
                for number in set(bodies.offer_ids(text.body)) & set(part):
                    found[number].append(Place(kind, text.title, text.get_absolute_url()))
    return found
