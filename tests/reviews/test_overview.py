"""Small views of many: scores for cards, squares of lists, shops."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crampinfo.editorial import workflow
from crampinfo.editorial.models import Topic
from products.models import Product
from reviews import lists, overview, standing
from reviews.models import Criterion, MethodologyVersion, Ranking, Review, Weight
from tests import factories

pytestmark = pytest.mark.django_db


def reviewed(slug: str, *scores: str) -> Product:
    item = factories.product(slug)
    factories.review(item, scores=scores or ("8.0", "7.0"))
    return item


def ranking(*products: Product, **fields: Any) -> Ranking:
    made = factories.ranking(products=products, **fields)
    found = Ranking.objects.select_related("methodology__current_version", "topic").get(pk=made.pk)
    standing.refresh(found)
    return found


class TestScores:
    def test_it_works(self, django_assert_num_queries: Any) -> None:
        reviews = [
            factories.review(factories.product(slug), scores=scores)
            for slug, scores in (("a", ("8.0", "7.0")), ("b", ("1.0", "2.0")))
        ]
        with django_assert_num_queries(1):
            found = overview.scores_of(reviews)
        assert found == {reviews[0].pk: Decimal("7.6"), reviews[1].pk: Decimal("1.4")}

    def test_the_newest_score_counts(self) -> None:
        review = factories.review(scores=("8.0", "7.0"))
        factories.score(review, "label", "3.0", changed_because="A new label.")
        assert overview.scores_of([review]) == {review.pk: Decimal("4.6")}

    def test_incomplete_scores_are_no_score(self) -> None:
        whole, gap = factories.review(factories.product("a")), factories.review(factories.product("b"))
        method = whole.methodology
        Criterion.objects.create(methodology=method, slug="taste", name="Taste", description="How.")
        version = MethodologyVersion.objects.create(
            methodology=method,
            number=2,
            effective_from=timezone.localdate(),
            tie_breaker=method.criteria.get(slug="label"),
        )
        for criterion in method.criteria.all():
            Weight.objects.create(version=version, criterion=criterion, value=Decimal(1))
        version.freeze()
        method.current_version = version
        method.save()
        factories.score(whole, "taste", "3.0")
        assert overview.scores_of([whole, gap]) == {whole.pk: Decimal("6.0")}

    def test_none_of_none(self) -> None:
        assert overview.scores_of([]) == {}


class TestCards:
    def test_it_works(self, django_assert_num_queries: Any) -> None:
        a, b = reviewed("a", "9.0", "9.0"), reviewed("b")
        factories.offer(b)
        found = [ranking(a, b), ranking(b, slug="second")]
        with django_assert_num_queries(2):
            cards = overview.cards(found)
        assert [(card.ranking.slug, card.flags, card.total, card.paid) for card in cards] == [
            ("magnesium", (False, True), 2, 1),
            ("second", (True,), 1, 1),
        ]

    def test_squares_stand_in_the_order_of_the_list(self) -> None:
        """Place 10 comes after place 9, not after place 1."""
        items = [reviewed(f"p{number:02}", f"{9.0 - number / 2:.1f}", "5.0") for number in range(12)]
        factories.offer(items[11])
        factories.offer(items[1])
        (card,) = overview.cards([ranking(*items)])
        assert card.flags == tuple(number in (1, 11) for number in range(12))

    def test_a_square_is_the_row_s_own_button(self) -> None:
        """An offer that pays but is dearer is not the button, on the list or here."""
        item = reviewed("a")
        factories.offer(item, price="9.00")
        factories.offer(item, paid=False, price="8.00")
        found = ranking(item)
        assert lists.load(found).paid_rows == overview.cards([found])[0].flags == (False,)

    def test_gates_retired_and_scheduled_reviews_have_no_square(self) -> None:
        failed, gone, soon = (
            factories.product("failed", label_readable=False),
            factories.product("gone"),
            factories.product("soon"),
        )
        for item in (failed, gone, soon):
            factories.review(item)
        found = ranking(failed, gone, soon, reviewed("a"))
        workflow.retire(Review.objects.get(product=gone))
        Review._base_manager.filter(product=soon).update(publish_at=timezone.now() + timedelta(days=1))
        assert overview.cards([found])[0].total == 1

    def test_a_sensitive_list_has_none_that_pays(self) -> None:
        item = reviewed("a")
        factories.offer(item)
        found = ranking(item)
        Topic.objects.update(sensitive=True)
        assert overview.cards([found])[0].flags == (False,)

    def test_no_lists(self) -> None:
        assert overview.cards([]) == []


def test_shops_that_pay_nothing_come_first() -> None:
    a, b, c = reviewed("a"), reviewed("b"), reviewed("c")
    factories.offer(a)
    factories.offer(b)
    factories.offer(c, paid=False)
    assert [(shop.name, shop.rows, shop.pays) for shop in overview.shops(lists.load(ranking(a, b, c)).buttons)] == [
        ("Pharmacy", 1, False),
        ("Northshop", 2, True),
    ]
