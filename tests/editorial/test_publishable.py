"""What every published thing obeys: the constraints and their sentences, and a queryset that goes round no gate."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles.models import Article
from crampinfo.editorial import workflow
from crampinfo.editorial.models import Disclosure, MedicalReview, State
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def force(article: Article, **values: Any) -> Article:
    """Write past the house's own guards, as only somebody with the database can."""
    Article._base_manager.filter(pk=article.pk).update(**values)
    return Article.objects.get(pk=article.pk)


def sentences(article: Article) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        article.validate_constraints()
    return caught.value.messages


def test_it_works() -> None:
    article = factories.article()
    assert article.is_live
    assert list(Article.objects.published()) == [article]


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.APPROVED, State.RETIRED])
def test_no_other_state_is_live(state: str) -> None:
    article = force(factories.article(), state=state)
    assert not article.is_live
    assert not Article.objects.published().exists()


@pytest.mark.parametrize(
    ("dates", "live"),
    [
        ({"publish_at": NOW - timedelta(hours=1)}, True),
        ({"publish_at": NOW + timedelta(hours=1)}, False),
        ({"publish_at": NOW - timedelta(hours=2), "retire_at": NOW - timedelta(hours=1)}, False),
        ({"publish_at": NOW - timedelta(hours=2), "retire_at": NOW + timedelta(hours=1)}, True),
    ],
)
def test_row_and_queryset_agree_on_what_is_live(dates: dict[str, datetime], live: bool) -> None:
    article = force(factories.article(), **dates)
    assert article.is_live is live
    assert Article.objects.published().exists() is live


def test_the_queryset_can_ask_for_another_moment() -> None:
    force(factories.article(), publish_at=NOW - timedelta(days=3), retire_at=NOW - timedelta(days=1))
    assert Article.objects.published(NOW - timedelta(days=2)).count() == 1
    assert Article.objects.published(NOW - timedelta(days=4)).count() == 0


def test_published_without_the_gate_is_refused() -> None:
    article = factories.article(published=False)
    article.state, article.publish_at, article.first_published_at = State.PUBLISHED, NOW, NOW
    assert sentences(article) == ["Only what passed the publish gate can be published: use Publish, not a saved state."]


def test_the_database_refuses_it_too() -> None:
    with pytest.raises(IntegrityError, match="published_means_gated"), transaction.atomic():
        force(factories.article(), gate_hash="")


def test_published_without_its_dates_is_refused() -> None:
    article = factories.article()
    article.first_published_at = None
    assert sentences(article) == ["A published page needs its publishing time."]


def test_retiring_before_publishing_is_refused() -> None:
    article = factories.article(published=False)
    article.publish_at, article.retire_at = NOW, NOW
    assert sentences(article) == ["It would retire before it is published: set a later retiring time."]


def test_an_updated_date_of_the_same_day_says_nothing() -> None:
    article = factories.article()
    article.content_changed_at = article.first_published_at
    assert article.updated_for_readers is None
    article.content_changed_at = article.first_published_at + timedelta(days=2)
    assert article.updated_for_readers == article.content_changed_at


def test_contents_of_one_section_are_no_contents() -> None:
    article = factories.article(published=False, body="<h2>One</h2><h3>Part</h3><p>a</p>")
    assert article.contents == [[2, "s-one", "One"], [3, "s-part", "Part"]]
    assert article.contents_top == []
    article.body = "<h2>One</h2><h3>Part</h3><h2>Two</h2>"
    article.save()
    assert article.contents_top == [("s-one", "One"), ("s-two", "Two")]


def test_a_medical_review_counts_for_what_was_read() -> None:
    article = factories.article()
    read = MedicalReview.objects.create(
        reviewer=factories.author(),
        content=article,
        content_hash=article.content_hash,
        reviewed_on=timezone.localdate(),
    )
    article.medical_review = read
    assert article.reviewed == read
    article.key_answer = "Something else."
    workflow.publish(article)
    assert article.reviewed is None


def test_disclosures_come_along_in_the_page_s_language() -> None:
    factories.article("uno", language="es")
    Disclosure.objects.create(kind="commission", language="es", version=99, text="Enlaces pagados.")
    row = Article.objects.published().with_disclosures().get()
    assert row.disclosure_commission == "Enlaces pagados."


class TestUpdate:
    @pytest.mark.parametrize(
        "values",
        [
            {"state": State.PUBLISHED},
            {"gate_hash": "x"},
            {"gate_passed_at": NOW},
            {"content_hash": "x"},
            {"first_published_at": NOW},
            {"content_changed_at": NOW},
        ],
    )
    def test_what_the_workflow_writes_is_refused(self, values: dict[str, Any]) -> None:
        with pytest.raises(FieldError, match=r"^State changes go through crampinfo\.editorial\.workflow"):
            Article.objects.filter(slug="none").update(**values)

    def test_a_body_is_refused_because_saving_cleans_it(self) -> None:
        article = factories.article(published=False)
        with pytest.raises(FieldError, match=r"^A text is cleaned when its object is saved"):
            Article.objects.update(body="<script>alert(1)</script>")
        article.refresh_from_db()
        assert "script" not in article.body

    @pytest.mark.parametrize("name", ["title", "author", "author_id"])
    def test_content_of_a_live_object_is_refused(self, name: str) -> None:
        article = factories.article()
        value = "Something else" if name == "title" else factories.author("other").pk
        with pytest.raises(FieldError, match=r"^Some of these are live: publish each change"):
            Article.objects.filter(pk=article.pk).update(**{name: value})

    def test_in_bulk_objects_too(self) -> None:
        article = factories.article()
        article.title = "Something else"
        with pytest.raises(FieldError, match="live"):
            Article.objects.bulk_update([article], ["title"])

    def test_content_of_drafts_is_not(self) -> None:
        factories.article(published=False)
        assert Article.objects.update(title="Something else") == 1

    def test_what_is_no_content_is_not(self) -> None:
        factories.article()
        assert Article.objects.update(is_demo=True) == 1


class TestBulkCreate:
    def test_drafts_are_cleaned(self) -> None:
        first = factories.article(published=False)
        first.pk, first.slug, first.body, first._state.adding = None, "second", "<h1>A</h1><script>x</script>", True
        Article.objects.bulk_create([first])
        assert Article.objects.get(slug="second").body == "<h2>A</h2>"

    def test_nothing_goes_live(self) -> None:
        article = Article(slug="a", state=State.PUBLISHED, gate_hash="x", gate_passed_at=NOW, publish_at=NOW)
        with pytest.raises(FieldError, match=r"^Create drafts, then publish each"):
            Article.objects.bulk_create([article])

    def test_nothing_stored_is_overwritten(self) -> None:
        with pytest.raises(FieldError, match=r"^Create drafts"):
            Article.objects.bulk_create([], update_conflicts=True, unique_fields=["slug"], update_fields=["title"])
