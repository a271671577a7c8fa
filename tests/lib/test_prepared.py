"""Compiled once, a queryset gives what it would give anew: rows, values, relations, and nothing of other values."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q, Value

from articles.models import Article, Question
from crampinfo.editorial.models import Topic
from crampinfo.lib.prepared import Prepared
from tests import factories

pytestmark = pytest.mark.django_db


def test_it_works(django_assert_num_queries: Any) -> None:
    by_slug = Prepared(lambda slug: Topic.objects.filter(slug=slug))
    one, two = factories.topic("one"), factories.topic("two")
    assert by_slug.rows(slug="one") == [one]
    with django_assert_num_queries(1):
        assert by_slug.first(slug="two") == two
    assert by_slug.first(slug="three") is None


def test_relations_come_along(django_assert_num_queries: Any) -> None:
    guides = Prepared(lambda slug: Article.objects.filter(slug=slug).select_related("author", "evidence__reference"))
    made = factories.article("one", evidence=factories.evidence())
    with django_assert_num_queries(1):
        found = guides.first(slug="one")
        assert found.author == made.author
        assert found.evidence.reference == made.evidence.reference
    assert found._state.db == "default"
    assert not found._state.adding
    assert guides.first(slug="none") is None


def test_annotations_and_prefetches(django_assert_num_queries: Any) -> None:
    made = factories.article("one")
    made.topics.add(factories.topic("more"))
    guides = Prepared(lambda pk: Article.objects.filter(pk=pk).with_disclosures().prefetch_related("topics"))
    with django_assert_num_queries(2):
        found = guides.first(pk=made.pk)
        assert [topic.slug for topic in found.topics.all()] == ["more"]
    assert found.disclosure_commission


def test_values_and_unions() -> None:
    factories.article("one")
    factories.question("two")
    slugs = Prepared(lambda language: Article.objects.filter(language=language).values("slug", "language"))
    assert slugs.rows(language="en-gb") == [{"slug": "one", "language": "en-gb"}]
    assert slugs.rows(language="es") == []
    mixed = Prepared(
        lambda language: Article.objects.filter(language=language).annotate(n=Value(1)).values("n", "slug")
    )
    assert mixed.rows(language="en-gb") == [{"n": 1, "slug": "one"}]
    pairs = Prepared(lambda language: Article.objects.filter(language=language).values_list(Value(2), "slug"))
    assert pairs.rows(language="en-gb") == [(2, "one")]
    both = Prepared(
        lambda state: (
            Article.objects.filter(state=state)
            .order_by()
            .values_list("slug")
            .union(Question.objects.filter(state=state).order_by().values_list("slug"))
            .order_by("slug")
        )
    )
    assert both.rows(state="published") == [("one",), ("two",)]


def test_each_number_of_values_has_a_shape_of_its_own() -> None:
    topics = [factories.topic(name) for name in ("a", "b", "c")]
    by_keys = Prepared(lambda keys: Topic.objects.filter(pk__in=keys).order_by("slug"))
    for count in (1, 3, 2, 0, 3):
        assert by_keys.rows(keys=[topic.pk for topic in topics[:count]]) == topics[:count]


def test_flags_and_models_are_part_of_the_shape() -> None:
    live, draft = factories.article("one"), factories.article("two", published=False)
    found = Prepared(lambda model, live: model.objects.filter(Q(state="published") if live else Q()).order_by("slug"))
    assert found.rows(model=Article, live=True) == [live]
    assert found.rows(model=Article, live=False) == [live, draft]
    assert found.rows(model=Question, live=False) == []


def test_a_value_that_would_be_changed_is_refused() -> None:
    inside = Prepared(lambda word: Topic.objects.filter(name__icontains=word))
    with pytest.raises(ValueError, match="Not all of word reach the SQL"):
        inside.rows(word="a")


def test_the_same_value_in_two_places() -> None:
    made = factories.topic("same", name="same")
    twice = Prepared(lambda word: Topic.objects.filter(slug=word, name=word))
    assert twice.rows(word="same") == [made]
