"""A review as a page: arithmetic, history, facts, offers and what stands beside it; at most seven queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import number_format

from crampinfo.editorial import citations
from crampinfo.editorial.citations import Numbering
from crampinfo.editorial.models import Topic
from crampinfo.lib import charts, shown
from crampinfo.lib.prepared import Prepared
from products import affiliate, bodies, pricehistory, shopping, standins
from products.affiliate import PricedOffer
from products.models import ConflictDeclaration, Ingredient, Offer
from products.pricehistory import PriceHistory
from products.shopping import Shopping
from reviews import beside, doses, gates, history, locks, scoring, standing
from reviews.beside import Beside, Distinction
from reviews.doses import DoseFacts
from reviews.models import Ranking, RankingEntry, Review, Score, Weight

ALTERNATIVES = 6


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One criterion: its weight, its current score with reason and evidence, and its points (weight × score)."""

    score: Score
    weight: Decimal
    points: Decimal

    @property
    def bar(self) -> float:
        """The score in per cent of its scale."""
        return float(self.score.value) * 10

    @property
    def points_text(self) -> str:
        """The points without trailing zeros."""
        return charts.signed(self.points)


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """Everything a review's page prints besides its own fields."""

    lines: tuple[ScoreLine, ...]
    arithmetic: scoring.Arithmetic
    failures: tuple[scoring.GateFailure, ...]
    steps: tuple[history.Step, ...]
    dose: DoseFacts | None
    offers: tuple[PricedOffer, ...]
    shopping: Shopping
    linked: Mapping[int, Offer]
    numbering: Numbering
    places: tuple[RankingEntry, ...]
    beside: tuple[Beside, ...]
    badges: tuple[Distinction, ...]
    prices: PriceHistory | None
    reference: Score | None

    @property
    def linkable(self) -> list[Offer]:
        """Every offer the page links: in its table and in its text."""
        return [*(item.offer for item in self.offers), *self.linked.values()]

    @property
    def score_text(self) -> str:
        """The editorial score as printed."""
        return number_format(self.arithmetic.rounded, 1)

    @property
    def bar(self) -> float:
        """The editorial score in per cent of its scale."""
        return float(self.arithmetic.rounded) * 10

    @property
    def total_text(self) -> str:
        """The sum of the points."""
        return charts.signed(self.arithmetic.total)

    @property
    def weights_text(self) -> str:
        """The sum of the weights."""
        return charts.signed(self.arithmetic.weight_sum)

    @property
    def exact_text(self) -> str:
        """The quotient before rounding: its first four decimals, and an ellipsis where more follow.

        Cut off, not rounded: 8.14996 rounded to 8.1500 would seem to make 8.2.
        """
        cut = self.arithmetic.exact.quantize(Decimal("0.0001"), ROUND_DOWN)
        return f"{charts.signed(cut)}…" if cut != self.arithmetic.exact else charts.signed(cut)

    @property
    def steps_newest_first(self) -> tuple[history.Step, ...]:
        """The history as a table prints it."""
        return self.steps[::-1]

    def of_kind(self, kind: str) -> list[Beside]:
        """The small things of one kind."""
        return [item for item in self.beside if item.kind == kind]

    @property
    def tests(self) -> list[Beside]:
        """Test records; none means that we did not try it."""
        return self.of_kind("test")

    @property
    def certifications(self) -> list[Beside]:
        """Certificates."""
        return self.of_kind("certification")

    @property
    def alternatives(self) -> list[Beside]:
        """Reviews of the alternatives."""
        return self.of_kind("review")

    @property
    def topics(self) -> list[Beside]:
        """Subjects it belongs to."""
        return self.of_kind("topic")


def rows() -> QuerySet[Any]:
    """Live reviews with what their page needs of them, in one query, the author's newest declaration included."""
    declared = ConflictDeclaration.objects.filter(author=OuterRef("author"), brand=OuterRef("product__brand")).order_by(
        "-declared_on"
    )
    return (
        Review.objects.published()
        .with_disclosures()
        .annotate(
            conflict_statement=Subquery(declared.values("statement")[:1]),
            has_conflict=Subquery(declared.values("has_conflict")[:1]),
            conflict_on=Subquery(declared.values("declared_on")[:1]),
            weighed=standing.weight_count("methodology__current_version"),
            on_sensitive_topic=Exists(Topic.objects.filter(products=OuterRef("product"), sensitive=True)),
            **locks.columns(),
        )
        .select_related(
            "product__brand",
            "author__portrait",
            "methodology__current_version",
            "product__label_picture",
            "medical_review__reviewer",
            "evidence__reference",
            "evidence__outcome",
        )
    )


def find(slug: str) -> Any:
    """The live review of a product as rows() gives it, or None."""
    return _by_slug.first(slug=slug)


def load(review: Review, asked: Mapping[str, str] = MappingProxyType({})) -> ReviewSheet:
    """The sheet of a review; asked is an address that may say where the reader shops.

    Raises scoring.MissingScore when a weighted criterion has none.
    """
    product = review.product
    records = _scores.rows(review=review.pk)
    current: dict[str, Score] = {}
    for record in records:
        current.setdefault(record.criterion.slug, record)
    weights = {slug: record.weight for slug, record in current.items() if record.weight is not None}  # type: ignore[attr-defined]
    if len(weights) < (review.weighed or 0):  # annotated by rows()
        raise scoring.MissingScore(
            f"{review} is not scored on every criterion. A missing score is an error, never a zero."
        )
    values = {slug: record.value for slug, record in current.items()}
    sums = scoring.arithmetic(values, weights)
    ingredients = _ingredients.rows(product=product.pk)
    per_serving = doses.per_serving(ingredients)
    near = beside.load(review, priced=not review.on_sensitive_topic)
    daily = per_serving * product.servings_per_day if per_serving is not None and product.servings_per_day else None
    now = timezone.now()
    shops = _shops_of(review)
    own = [offer for offer in shops if offer.product_id == product.pk]
    place = shopping.read(asked, own)
    return ReviewSheet(
        lines=tuple(ScoreLine(current[line.criterion], line.weight, line.points) for line in sums.lines),
        arithmetic=sums,
        failures=scoring.gate_failures(gates.facts(product, daily)),
        steps=history.steps([_record(record) for record in records], weights),
        dose=doses.dose_facts(daily, ingredients),
        offers=standins.by_price(
            affiliate.priced(offer, product, per_serving, now) for offer in own if place.fits(offer)
        ),
        shopping=place,
        linked=standins.linked(shops, bodies.offer_ids(review.body)),
        numbering=Numbering(citations.of(review)),
        places=tuple(_places.rows(product=product.pk, influenced=settings.ALLOW_INFLUENCED_LISTS)),
        beside=near.small,
        badges=near.badges,
        prices=pricehistory.read(near.prices, place.country, place.currency),
        reference=next((record for record in current.values() if record.reference_price is not None), None),
    )


def _shops_of(review: Review) -> list[Offer]:
    """Offers of the product, and those its text links to; none on a sensitive topic (promise 10)."""
    if review.on_sensitive_topic:
        return []
    wanted = bodies.offer_ids(review.body)
    shown.note(*(shown.row("products.offer", pk) for pk in wanted))  # those that are closed now, too
    return _shops.rows(product=review.product_id, wanted=wanted)


def weight_now() -> Subquery:
    """What a score's criterion weighs in its review's methodology now, for querysets of scores."""
    version = OuterRef("review__methodology__current_version")
    return Subquery(Weight.objects.filter(version=version, criterion=OuterRef("criterion")).values("value")[:1])


def _record(score: Score) -> history.ScoreRecord:
    return history.ScoreRecord(score.criterion.slug, score.value, score.scored_at, score.reason, score.changed_because)


def _offers(product: int, wanted: list[int]) -> QuerySet[Any]:
    rows: QuerySet[Any] = standins.with_closed(Offer.objects.for_pages(), wanted)
    return rows.filter(Q(product=product) | standins.asked_for(wanted))


def _all_scores(review: int) -> QuerySet[Any]:
    """Every score ever given, the newest of each criterion first, with the weight its criterion has now."""
    return (
        Score.objects.filter(review=review)
        .annotate(weight=weight_now())
        .select_related("criterion")
        .order_by("criterion__position", "criterion_id", "-scored_at", "-pk")
    )


def _standing(product: int, influenced: bool) -> QuerySet[Any]:
    """Where a product stands in the live lists; influenced is the setting that published() asks."""
    live = Ranking.objects.published().values("pk")
    return (
        RankingEntry.objects.filter(product=product, ranking__in=live)
        .select_related("ranking")
        .order_by("ranking__title")
    )


_by_slug = Prepared(lambda slug: rows().filter(product__slug=slug))
_ingredients = Prepared(lambda product: Ingredient.objects.filter(product=product).select_related("compound"))
_scores = Prepared(_all_scores)
_shops = Prepared(_offers)
_places = Prepared(_standing)
