"""On which review or list readers see facts, scores and bookings."""

from __future__ import annotations

from crampinfo.editorial import preview
from crampinfo.editorial.admin import seen_on
from crampinfo.editorial.models import Evidence
from products.models import Offer, Placement, Price, Product, Slot
from reviews import scoring
from reviews.models import Ranking, Review, Score

preview.never_without(scoring.MissingScore, scoring.InvalidWeights)


def _review_of(product: int) -> Review | None:
    found: Review | None = Review.objects.filter(product=product).select_related("product").first()
    return found


@seen_on(Product)
def of_product(product: Product) -> Review | None:
    """A product has no page but its review's."""
    return _review_of(product.pk)


@seen_on(Offer)
def of_offer(offer: Offer) -> Review | None:
    """Among the shops that sell the product."""
    return _review_of(offer.product_id)


@seen_on(Price)
def of_price(price: Price) -> Review | None:
    """Beside its shop."""
    return _review_of(price.offer.product_id)


@seen_on(Score)
def of_score(score: Score) -> Review:
    """In the arithmetic of its review."""
    return score.review


@seen_on(Slot)
def of_slot(slot: Slot) -> Ranking | None:
    """On a list that sells it; call-outs stand on texts, which are a layer above."""
    found: Ranking | None = Ranking.objects.published().filter(slots=slot).first()
    return found


@seen_on(Placement)
def of_placement(placement: Placement) -> Ranking | None:
    """Where its slot is."""
    return of_slot(placement.slot)


@seen_on(Evidence)
def of_evidence(evidence: Evidence) -> Ranking | Review | None:
    """Above a list that rests on it, or on a review that shows it."""
    found: Ranking | None = Ranking.objects.published().filter(evidence=evidence).first()
    shown: Review | None = Review.objects.published().filter(evidence=evidence).select_related("product").first()
    return found or shown
