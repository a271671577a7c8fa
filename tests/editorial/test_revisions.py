"""Snapshots: what makes the content, its hash, and the numbered history."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from articles.models import Article, FaqEntry
from crampinfo.editorial import revisions
from crampinfo.editorial.models import Revision
from tests import factories

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    article = factories.article(published=False)
    FaqEntry.objects.create(article=article, question="Why?", answer="Nobody knows.")
    user = User.objects.create_user("maren")
    made = revisions.record(article, summary="Written", author=user, gate_report=[{"code": "P6"}])
    assert (made.number, made.summary, made.author, made.gate_report) == (1, "Written", user, [{"code": "P6"}])
    assert made.content == article
    assert made.data["title"] == "About causes"
    assert made.data["faq"] == [{"question": "Why?", "answer": "Nobody knows."}]
    assert [row["position"] for row in made.data["citations"]] == [0, 1, 2]
    assert made.content_hash == revisions.content_hash(article)


def test_the_fields_of_a_snapshot_are_the_content() -> None:
    assert set(revisions.snapshot(factories.article(published=False))) == {
        *("slug", "title", "short_title", "summary", "key_answer", "body", "author_id", "topic_id", "evidence_id"),
        *("red_flags_emergency", "red_flags_today", "urgent", "button_slot_id", "language", "faq", "citations"),
    }


def test_an_unsaved_object_has_no_children() -> None:
    article = Article(slug="a", title="A", author=factories.author(), topic=factories.topic())
    assert revisions.snapshot(article)["faq"] == []


def test_the_hash_is_of_the_canonical_form() -> None:
    """SHA-256 of sorted keys without spaces: anybody can compute it again."""
    assert revisions.digest({"b": "é", "a": [1, None]}) == revisions.digest({"a": [1, None], "b": "é"})
    assert revisions.digest({"a": 1}) == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"


def test_the_hash_is_the_same_before_and_after_storing() -> None:
    review = factories.review(published=False)
    factories.score(review, "label", "7.0", changed_because="A new label.")
    before = revisions.content_hash(review)
    assert revisions.content_hash(type(review).objects.get(pk=review.pk)) == before


@pytest.mark.parametrize("field", ["title", "short_title", "summary", "key_answer", "body", "red_flags_today"])
def test_every_content_field_changes_the_hash(field: str) -> None:
    article = factories.article(published=False)
    before = revisions.content_hash(article)
    setattr(article, field, "Something else")
    assert revisions.content_hash(article) != before


def test_what_is_no_content_does_not() -> None:
    article = factories.article(published=False)
    before = revisions.content_hash(article)
    article.is_demo = True
    article.publish_at = None
    article.save()
    assert revisions.content_hash(article) == before


def test_a_new_score_changes_the_hash_of_its_review() -> None:
    review = factories.review(published=False)
    before = revisions.content_hash(review)
    factories.score(review, "dose", "6.0", changed_because="Weighed again.")
    assert revisions.content_hash(review) != before
    assert {row["value"] for row in revisions.snapshot(review)["scores"]} == {"8.0", "7.0", "6.0"}
    assert Decimal("6.0") in {score.value for score in review.scores.all()}


def test_numbers_count_each_object_apart() -> None:
    one, two = factories.article("one", published=False), factories.article("two", published=False)
    question = factories.question("one", published=False)
    numbers = [revisions.record(item, summary="x").number for item in (one, two, one, question, one)]
    assert numbers == [1, 1, 2, 1, 3]


def test_a_long_summary_is_cut() -> None:
    assert len(revisions.record(factories.article(published=False), summary="x" * 600).summary) == 500


def test_two_revisions_never_share_a_number() -> None:
    made = revisions.record(factories.article(published=False), summary="x")
    again = Revision(content=made.content, number=1, data={"a": 1}, content_hash="x", summary="y")
    with pytest.raises(ValidationError, match="Somebody else saved at the same moment: load the page again"):
        again.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_a_field_that_came_later_changes_no_hash_while_it_is_empty() -> None:
    """What was approved, read and published before there were pictures still has its hash."""
    article = factories.article(published=False)
    assert "picture_id" not in revisions.snapshot(article)
    before = revisions.content_hash(article)
    article.picture_id = 7
    assert revisions.snapshot(article)["picture_id"] == 7
    assert revisions.content_hash(article) != before
    assert revisions.filled(Article, {"title": "A"}) == {"title": "A", "picture_id": None}
