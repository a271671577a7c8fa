"""Score locked, first paid offer attached: the dates and entries are the ledger's, not a field that could be set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crampinfo.editorial.models import LedgerEntry
from products.models import Offer
from reviews import locks, sheets
from reviews.models import Review
from tests import factories

pytestmark = pytest.mark.django_db


def lock(review: Review) -> locks.Lock | None:
    return locks.lock_of(sheets.rows().get(pk=review.pk))


def entries(review: Review, kind: str) -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(kind=kind, subject=f"product:{review.product_id}").order_by("number"))


def test_it_works() -> None:
    review = factories.review()
    factories.offer(review.product)
    found = lock(review)
    assert found is not None
    scores, (paid,) = entries(review, "score"), entries(review, "paid_offer")
    assert (found.scored_at, found.locked_at, found.locked_by) == (scores[0].at, scores[-1].at, scores[-1].number)
    assert (found.paid_at, found.paid_by) == (paid.at, paid.number)
    assert found.was_scored_again is False


def test_nobody_pays() -> None:
    review = factories.review()
    factories.offer(review.product, paid=False)
    found = lock(review)
    assert found is not None
    assert (found.paid_at, found.was_scored_again) == (None, False)


def test_the_first_paid_offer_stays_the_first() -> None:
    """Also when it has lost its programme, and another has come."""
    review = factories.review()
    first = factories.offer(review.product)
    before = lock(review)
    Offer.objects.filter(pk=first.pk).update(programme=None)
    factories.offer(review.product, at=factories.merchant("other"))
    after = lock(review)
    assert before is not None
    assert after is not None
    assert (after.paid_at, after.paid_by) == (before.paid_at, before.paid_by)
    assert len(entries(review, "paid_offer")) == 3


def test_scored_again_after_somebody_paid() -> None:
    review = factories.review()
    factories.offer(review.product)
    factories.score(review, "label", "5.0", at=timezone.now(), changed_because="A new label.")
    found = lock(review)
    assert found is not None
    assert found.was_scored_again
    assert found.scored_at < found.locked_at


def test_the_row_in_the_table_of_scores_decides_nothing() -> None:
    """Whoever rewrote the date of a score would not move the lock."""
    review = factories.review()
    before = lock(review)
    review.scores.model._base_manager.filter(review=review).update(scored_at=timezone.now() - timedelta(days=900))
    assert lock(review) == before


def test_another_product_with_a_number_that_begins_the_same() -> None:
    review = factories.review()
    LedgerEntry.objects.create(kind="paid_offer", subject=f"product:{review.product_id}0", payload={"paid": True})
    found = lock(review)
    assert found is not None
    assert found.paid_at is None


def test_nothing_on_record_nothing_said() -> None:
    review = factories.review(published=False)
    assert locks.lock_of(review) is None


def test_it_asks_no_question_of_its_own(django_assert_num_queries: Any) -> None:
    review = factories.review()
    factories.offer(review.product)
    with django_assert_num_queries(1):
        locks.lock_of(sheets.rows().get(pk=review.pk))
