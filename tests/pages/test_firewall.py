"""Promise 1: whatever happens to the commercial tables, every editorial score, place and badge stays as it is."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.http import QueryDict
from django.utils import timezone

from articles.models import Article
from products.models import (
    AffiliateProgramme,
    ClickCount,
    Merchant,
    Offer,
    Placement,
    PlacementKind,
    Price,
    Product,
    Slot,
)
from reviews import comparing, impact, lists, overview, ownweights, sheets, standing
from reviews.models import Badge, MethodologyVersion, Ranking, RankingEntry, Review
from tests.pages.reading import get, visible

EDITORIAL_VIEWS = (
    *("/lists/magnesium-supplements/", "/lists/accessories/?order=editorial", "/reviews/"),
    "/lists/magnesium-supplements/?w-price-per-100-mg=10&w-exact-label=3",
    "/lists/accessories/?w-build=10&w-price-to-own=1&form=strap&form=ball&form=board",
    "/lists/magnesium-supplements/?vegan=yes&dose=100&dose=200&limit=yes",
)
WEIGHINGS: tuple[dict[str, int], ...] = ({"price-per-100-mg": 10}, {"exact-label": 1, "label-warnings": 9})
SIDE_BY_SIDE = ("vintermark-bisglycinate-50", "brambeck-oxide-225", "lunavesper-night-blend", "tovemark-cork-ball")


def judgement() -> bytes:
    """Everything editorial, as bytes: computed, stored and printed."""
    rankings = list(Ranking.objects.select_related("methodology__current_version", "topic").order_by("slug"))
    reviews = list(sheets.rows().order_by("product__slug"))
    pages = [sheets.load(review) for review in reviews]
    said = {
        "standings": [asdict(standing.load(ranking)) for ranking in rankings],
        "orders": [[asdict(row) for row in lists.load(ranking, editorial=True).order] for ranking in rankings],
        "stored": stored(),
        "scores": sorted(overview.scores_of(reviews).items()),
        "sums": [asdict(page.arithmetic) for page in pages],
        "gates": [[failure.code for failure in page.failures] for page in pages],
        "histories": [[asdict(step) for step in page.steps] for page in pages],
        "badges": list(Badge.objects.order_by("pk").values_list("review__product__slug", "name", "reason")),
        "badges printed": [[asdict(badge) for badge in page.badges] for page in pages],
        "own weights": [_own(weights) for weights in WEIGHINGS],
        "compared": _compared(),
        "moved": [asdict(found) for found in impact.of(_other_weights())],
        "printed": [_printed(path) for path in EDITORIAL_VIEWS],
    }
    return json.dumps(said, default=str, sort_keys=True).encode()


def stored() -> list[Any]:
    """The places and their robustness that other pages print."""
    return list(RankingEntry.objects.order_by("pk").values_list("product__slug", "place", "keeps_place"))


def _printed(path: str) -> list[tuple[str, str]]:
    """Names and scores, in the order of the page."""
    rows = [row for row in get(path).all("li.row, li.card") if row.select("[data-score]")]
    return [(visible(row.select("h2 a, h3 a")[0]), visible(row.select("[data-score]")[0])) for row in rows]


def _own(weights: dict[str, int]) -> list[Any]:
    """The order by a reader's weights."""
    ranking = Ranking.objects.select_related("methodology__current_version").get(slug="magnesium-supplements")
    state = standing.load(ranking)
    whole = {criterion.slug: Decimal(weights.get(criterion.slug, 0)) for criterion in state.criteria}
    return [asdict(place) for place in ownweights.order(state, whole)]


def _compared() -> list[Any]:
    """What a comparison says besides shops and prices."""
    columns = comparing.load(QueryDict("&".join(f"p={slug}" for slug in SIDE_BY_SIDE))).columns
    return [
        (
            column.review.slug,
            asdict(column.arithmetic),
            len(column.failures),
            sorted(column.places.items()),
            column.beside,
        )
        for column in columns
    ]


def _other_weights() -> MethodologyVersion:
    """The first version again, as if it were to come: what it would move is judgement, too."""
    return MethodologyVersion.objects.get(methodology__slug="magnesium-supplements", number=1)


def refresh() -> None:
    """Compute again what is stored."""
    for ranking in Ranking.objects.select_related("methodology__current_version"):
        standing.refresh(ranking)


def rows(model: type[models.Model]) -> Any:
    """Past managers that refuse bulk changes: this is what an attacker or a slip would do."""
    return model._base_manager


def zero() -> None:
    """Everything free, unpaid and ended."""
    rows(Price).update(amount=Decimal("0.01"))
    rows(AffiliateProgramme).update(commission_percent=0, is_paused=True)
    rows(Placement).filter(kind=PlacementKind.ADJUSTMENT).update(adjustment=Decimal("-0.1"))
    rows(ClickCount).update(count=0)
    rows(Offer).update(in_stock=False, programme=None)


def end() -> None:
    """Every date passed."""
    past = timezone.now() - timedelta(days=1)
    rows(Placement).update(starts_at=past - timedelta(days=1), ends_at=past)
    rows(Offer).update(ends_at=past)
    rows(AffiliateProgramme).update(starts_at=past - timedelta(days=1), ends_at=past)


def delete() -> None:
    """Nothing commercial left."""
    Article._base_manager.update(button_slot=None)
    for ranking in Ranking.objects.all():
        ranking.slots.clear()
    for model in (ClickCount, Placement, Price, Offer, AffiliateProgramme, Merchant, Slot):
        rows(model).all()._raw_delete("default")


def flood() -> None:
    """Everything booked and everything paid, as much as fits."""
    now = timezone.now()
    slots = {slot.kind: slot for slot in Slot.objects.all()}
    bookings = []
    rows(Placement).filter(kind=PlacementKind.ORDER)._raw_delete("default")  # nothing is booked twice
    for number, product in enumerate(Product.objects.order_by("pk")):
        common = {
            "product": product, "advertiser": "Deep Pockets", "approved_by": "X", "approved_at": now,
            "starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=1),
        }  # fmt: skip
        order, adjustment = slots[PlacementKind.ORDER], slots[PlacementKind.ADJUSTMENT]
        bookings += [
            Placement(slug=f"o{number}", slot=order, kind=order.kind, target_place=number + 50, **common),
            Placement(slug=f"a{number}", slot=adjustment, kind=adjustment.kind, adjustment=Decimal(10), **common),
        ]
    rows(Placement).bulk_create(bookings)
    offers = list(Offer.objects.all())
    rows(ClickCount).bulk_create(
        ClickCount(offer=offer, page="x", slot="row", day=now.date(), count=10**6) for offer in offers
    )


def randomise(seed: int) -> Callable[[], None]:
    """Every commercial field that is a number, a date, a flag or a partner, at random."""

    def change() -> None:
        draw = random.Random(seed)
        now = timezone.now()
        programmes = [*AffiliateProgramme.objects.all(), None]
        merchants = list(Merchant.objects.all())
        products = list(Product.objects.all())
        for merchant in merchants:
            rows(Merchant).filter(pk=merchant.pk).update(
                name=f"Shop {draw.random()}", country=draw.choice(["", "US", "DE"])
            )
        for programme in filter(None, programmes):
            rows(AffiliateProgramme).filter(pk=programme.pk).update(
                commission_percent=Decimal(draw.randrange(0, 99)), is_paused=draw.random() < 0.5,
                link_mode=draw.choice(["direct", "redirect"]), max_price_age_hours=draw.randrange(1, 8000),
            )  # fmt: skip
        for offer in Offer.objects.all():
            rows(Offer).filter(pk=offer.pk).update(
                programme=draw.choice(programmes), is_paused=draw.random() < 0.3, in_stock=draw.choice([None, True]),
                ends_at=draw.choice([None, now - timedelta(days=1), now + timedelta(days=1)]),
            )  # fmt: skip
            rows(Price).filter(offer=offer).update(
                amount=Decimal(draw.randrange(1, 10**7)) / 100, as_of=now - timedelta(hours=draw.randrange(0, 200)),
                source=draw.choice(["site", "feed", "api", "manual"]),
            )  # fmt: skip
            ClickCount.objects.create(
                offer=offer, page="review-x", slot="row", day=now.date(), count=draw.randrange(0, 10**6)
            )
        for placement in Placement.objects.all():
            starts = now + timedelta(days=draw.randrange(-30, 10))
            rows(Placement).filter(pk=placement.pk).update(
                product=draw.choice(products), advertiser=f"Seller {draw.random()}", starts_at=starts,
                ends_at=starts + timedelta(days=draw.randrange(1, 40)),
                target_place=draw.randrange(1, 20) if placement.target_place else None,
                adjustment=Decimal(draw.choice([-100, -3, 1, 5, 100])) / 10 if placement.adjustment else None,
            )  # fmt: skip

    return change


CHANGES = {"zero": zero, "end": end, "delete": delete, "flood": flood}
CHANGES |= {f"random {seed}": randomise(seed) for seed in range(4)}


@pytest.fixture(scope="module")
def before(site: None) -> bytes:
    return judgement()


@pytest.mark.parametrize("how", CHANGES)
def test_judgement_stays_byte_for_byte(how: str, before: bytes) -> None:
    kept = stored()
    CHANGES[how]()
    assert judgement() == before
    refresh()
    assert stored() == kept, "what is stored is not computed from money either"


def test_the_measure_is_not_blind(before: bytes) -> None:
    """It holds what it should, the import stored what is computed, and a changed score shows in it."""
    assert len(before) > 20_000
    kept = stored()
    assert len(kept) >= 16
    refresh()
    assert stored() == kept
    review = Review.objects.get(product__slug="vintermark-bisglycinate-50")
    review.scores.model._base_manager.filter(review=review).update(value=Decimal("0.0"))
    assert judgement() != before


def test_the_disorder_is_one(site: None) -> None:
    """What is shown with advertising does follow the tables: otherwise the test above would prove nothing."""
    shown = get("/lists/accessories/").text
    flood()
    assert get("/lists/accessories/").text != shown
    assert "Deep Pockets" in get("/lists/accessories/").text


def test_an_isolated_list_prints_the_same_order_whatever_is_booked(site: None) -> None:
    before = _printed("/lists/magnesium-supplements/")
    flood()
    assert len(before) == 8
    assert _printed("/lists/magnesium-supplements/") == before


def test_having_no_shop_costs_no_point(site: None) -> None:
    """US-RANK-06: a product nobody pays for stands where it stood."""
    product = Product.objects.get(slug="harrowbeck-lactate-60")
    places = list(RankingEntry.objects.filter(product=product).values_list("place", "keeps_place"))
    Placement._base_manager.filter(product=product)._raw_delete("default")
    product.offers.update(ends_at=timezone.now() - timedelta(days=1))
    assert not product.offers.active().exists()
    ranking = Ranking.objects.select_related("methodology__current_version").get(slug="magnesium-supplements")
    standing.refresh(ranking)
    assert list(RankingEntry.objects.filter(product=product).values_list("place", "keeps_place")) == places
    assert product.name in get("/lists/magnesium-supplements/").text
