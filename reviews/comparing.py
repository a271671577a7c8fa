"""Two to four reviewed products side by side: which an address names, and what there is to say of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from crampinfo.lib import unions
from products import shopping
from products.affiliate import PricedOffer
from products.models import Certification, Offer
from products.shopping import Shopping
from reviews import doses, gates, scoring, sheets
from reviews import offers as selling
from reviews.doses import DoseFacts
from reviews.models import Badge, Ranking, RankingEntry, Review, Score, TestRecord

PARAMETER = "p"
FEWEST, MOST = 2, 4
OFFERED = 100


@dataclass(frozen=True, slots=True)
class Column:
    """One product: its review, what the scores make, its dose, its offers, and its small things by kind."""

    review: Review
    scores: Mapping[str, Score]
    arithmetic: scoring.Arithmetic
    failures: tuple[scoring.GateFailure, ...]
    dose: DoseFacts | None
    offers: tuple[PricedOffer, ...]
    beside: Mapping[str, tuple[str, ...]]
    places: Mapping[int, str]

    @property
    def offer(self) -> PricedOffer | None:
        """The offer of the button: the lowest fresh price, whoever pays."""
        return next(iter(self.offers), None)

    @property
    def price(self) -> PricedOffer | None:
        """The same offer where it has a price that may be shown."""
        return self.offer if self.offer is not None and self.offer.amount is not None else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The columns in the order asked for, the lists that hold one of them, and sentences about the address."""

    columns: tuple[Column, ...]
    rankings: tuple[Ranking, ...]
    shopping: Shopping
    notices: tuple[str, ...]
    taken_as_given: bool

    @property
    def slugs(self) -> list[str]:
        """The products as an address names them."""
        return [column.review.product.slug for column in self.columns]

    @property
    def product_pairs(self) -> list[tuple[str, str]]:
        """The products as a form's hidden fields hold them."""
        return [(PARAMETER, slug) for slug in self.slugs]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """All of the address."""
        return [*self.product_pairs, *self.shopping.pairs]

    @property
    def same_methodology(self) -> bool:
        """Whether the scores were made by one methodology, so that they can be set against each other."""
        return len({column.review.methodology_id for column in self.columns}) <= 1

    @property
    def offers(self) -> list[Offer]:
        """Every offer the page links."""
        return [column.offer.offer for column in self.columns if column.offer is not None]

    @property
    def common(self) -> Ranking | None:
        """A list that holds all of them, for the evidence that stands before its products."""
        return next(
            (ranking for ranking in self.rankings if all(ranking.pk in column.places for column in self.columns)), None
        )


def load(query: QueryDict) -> Comparison:
    """The comparison that an address asks for; fewer than two products found leave less than a comparison."""
    asked = query.getlist(PARAMETER)
    wanted = list(dict.fromkeys(filter(None, asked)))
    found = {review.product.slug: review for review in sheets.rows().filter(product__slug__in=wanted[:OFFERED])}
    known = [found[slug] for slug in wanted if slug in found]
    notices = []
    if len(known) < len(wanted):
        notices.append(_("The address names a product that has no review here: it was left out."))
    if len(known) > MOST:
        notices.append(_("Four products fit side by side: these are the first four."))
    if len(known) == 1:
        notices.append(_("That is one product: choose another to set beside it."))
    reviews = known[:MOST]
    entries = _entries(reviews)
    rankings = {entry.ranking_id: entry.ranking for entry in entries}
    columns = tuple(_columns(reviews, entries))
    said: dict[str, str] = query.dict()  # type: ignore[assignment]  # the last of each name
    place = shopping.read(said, (item.offer for column in columns for item in column.offers))
    return Comparison(
        columns=tuple(replace(column, offers=selling.for_reader(column.offers, place)) for column in columns),
        rankings=tuple(sorted(rankings.values(), key=lambda ranking: ranking.title)),
        shopping=place,
        notices=(*notices, *place.notices),
        taken_as_given=[review.product.slug for review in reviews] == list(asked) and place.as_given,
    )


def _entries(reviews: Sequence[Review]) -> list[RankingEntry]:
    products = [review.product_id for review in reviews]
    live = Ranking.objects.published().values("pk")
    rows = RankingEntry.objects.filter(product__in=products, ranking__in=live)
    return list(rows.select_related("ranking__evidence")) if products else []


def _columns(reviews: Sequence[Review], entries: Iterable[RankingEntry]) -> Iterable[Column]:
    if not reviews:
        return
    scores, beside = _scores(reviews), _beside(reviews)
    products = [review.product_id for review in reviews]
    ingredients = doses.ingredients_of(products)
    # Nothing is sold beside a product on a sensitive topic (promise 10).
    quiet = any(review.on_sensitive_topic for review in reviews)  # annotated by sheets.rows()
    offers = {} if quiet else selling.of_products(products, ingredients)
    places: dict[int, dict[int, str]] = defaultdict(dict)
    for entry in entries:
        places[entry.product_id][entry.ranking_id] = entry.place
    for review in reviews:
        product, mine = review.product, scores[review.pk]
        parts = ingredients[product.pk]
        serving = doses.per_serving(parts)
        daily = serving * product.servings_per_day if serving is not None and product.servings_per_day else None
        yield Column(
            review=review,
            scores=mine,
            arithmetic=_arithmetic(review, mine),
            failures=scoring.gate_failures(gates.facts(product, daily)),
            dose=doses.dose_facts(daily, parts),
            offers=offers.get(product.pk, ()),
            beside=beside[product.pk],
            places=places[product.pk],
        )


def _scores(reviews: Sequence[Review]) -> dict[int, dict[str, Score]]:
    """Current scores by review and criterion, in the order of the criteria, with the weights that count now."""
    rows = Score.objects.current().filter(review__in=reviews).annotate(weight=sheets.weight_now())
    found: dict[int, dict[str, Score]] = defaultdict(dict)
    for score in rows.select_related("criterion").order_by("criterion__position", "criterion"):
        found[score.review_id][score.criterion.slug] = score
    return found


def _arithmetic(review: Review, scores: Mapping[str, Score]) -> scoring.Arithmetic:
    """Raises scoring.MissingScore when a weighted criterion has none: never a zero."""
    weights = {slug: score.weight for slug, score in scores.items() if score.weight is not None}  # type: ignore[attr-defined]
    if len(weights) < (review.weighed or 0):  # annotated by sheets.rows()
        raise scoring.MissingScore(f"{review} is not scored on every criterion.")
    return scoring.arithmetic({slug: score.value for slug, score in scores.items()}, weights)


def _beside(reviews: Sequence[Review]) -> dict[int, dict[str, tuple[str, ...]]]:
    """Badges, certificates and tests by product, in one query."""
    products = [review.product_id for review in reviews]
    badges, tests = Badge.objects.shown().filter(review__in=reviews), TestRecord.objects.filter(review__in=reviews)
    rows = unions.columns(badges, "badge", "review__product", "name", "reason").union(
        unions.columns(Certification.objects.filter(product__in=products), "certificate", "product", "name", "issuer"),
        unions.columns(tests, "test", "review__product", "method", "result"),
        all=True,
    )
    found: dict[int, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for row in rows:
        mine = found[int(row["key"])]
        mine[row["kind"]] = (*mine.get(row["kind"], ()), row["label"])
    return found


def others(comparison: Comparison) -> list[tuple[str, str]]:
    """Slug and name of products that could be set beside these: scored by the same methodology, by name."""
    if not comparison.columns or len(comparison.columns) >= MOST:
        return []
    methodology = comparison.columns[0].review.methodology_id
    rows = Review.objects.published().filter(methodology=methodology).exclude(product__slug__in=comparison.slugs)
    return list(rows.order_by("product__name").values_list("product__slug", "product__name")[:OFFERED])
