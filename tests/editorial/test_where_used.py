"""Where something is used: every relation is known, everything is counted, and nothing that is used is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from articles.models import Article, FaqEntry
from crampinfo.editorial import whereused
from crampinfo.editorial.models import Reference
from crampinfo.editorial.whereused import uses
from products.models import Offer, Placement, Product
from reviews.models import RankingRejection
from tests import factories

pytestmark = pytest.mark.django_db


def said(instance: models.Model) -> set[tuple[str, str, str, bool | None]]:
    return {(use.kind, use.title, use.how, use.live) for use in uses(instance).rows}


def linking(slug: str, body: str, **fields: Any) -> Article:
    return factories.article(slug, body=f"<p>{body}</p>", published=False, references=0, **fields)


def test_it_works() -> None:
    item = factories.product("magno")
    factories.review(item)
    linking("a", '<a href="/reviews/magno/">it</a>')
    assert said(item) == {
        ("Review", "Magno", "judges it", True),
        ("Guide", "About a", "links to it", False),
    }
    found = uses(item)
    assert (found.total, found.holding, found.linking) == (2, 2, 1)


def test_a_product() -> None:
    item, other = factories.product("magno"), factories.product("other")
    review = factories.review(other)
    review.alternatives.add(item)
    ranking = factories.ranking(products=(item,), published=False)
    RankingRejection.objects.create(
        ranking=ranking, name="M", product=item, reason="No.", considered_on="2026-01-01"
    )  # fmt: skip
    linking("a", "Words").products.add(item)
    deal = factories.offer(item)
    factories.placement(item, factories.slot(), offer=deal)
    assert {how for _kind, _title, how, _live in said(item)} == {
        "names it as an alternative", "ranks it", "considered and rejected it", "speaks of it", "offers it",
        "advertises it",
    }  # fmt: skip


def test_a_reference_by_its_list_and_by_marks_is_one_use() -> None:
    source = factories.reference("ref-0")
    article = factories.article("a", key_answer="So [@ref-0].", references=1)
    FaqEntry.objects.create(article=linking("b", "Words"), question="Q", answer="No [@ref-0].")
    factories.evidence(reference=source, outcome=None, axis_min=None, axis_max=None)
    newer = factories.reference("newer")
    Reference.objects.filter(pk=source.pk).update(superseded_by=newer)
    assert said(source) == {
        ("Guide", str(article), "cites it", True),
        ("Guide", "About b", "cites it", False),
        ("Evidence box", "Little or no effect in older adults.", "rests on it", None),
    }
    assert {use.how for use in uses(newer).rows} == {"is superseded by it"}


def test_an_offer_an_author_a_topic_and_a_page() -> None:
    deal = factories.offer(factories.product())
    text = linking("a", f'<a data-offer="{deal.pk}">shop</a> <a href="/topics/night-cramps/">all</a>')
    assert said(deal) == {("Guide", "About a", "links to it", False)}
    assert {use.how for use in uses(text.topic).rows} == {"is about it", "links to it"}
    assert ("Guide", "About a", "byline", False) in said(text.author)
    linking("b", '<a href="/guides/a/">first</a>')
    assert said(text) == {("Guide", "About b", "links to it", False)}


def test_what_speaks_of_itself_is_not_used_by_that() -> None:
    assert uses(linking("a", '<a href="/guides/a/">me</a>')).total == 0


def test_an_object_that_is_not_stored_is_used_nowhere() -> None:
    assert uses(Product(slug="x")) == whereused.Uses()


def test_many_are_counted_and_fifty_listed_in_two_queries() -> None:
    item = factories.product("magno")
    base, body = linking("a", "Words"), '<p><a href="/reviews/magno/">x</a></p>'
    Article.objects.bulk_create(
        Article(slug=f"n{n}", title=f"N{n}", body=body, author=base.author, topic=base.topic)
        for n in range(60)
    )  # fmt: skip
    factories.review(item)
    uses(item)  # content types are known from here on
    with CaptureQueriesContext(connection) as asked:
        found = uses(item)
    assert (len(found.rows), found.total, found.linking) == (50, 61, 60)
    assert len(asked) == 2


@pytest.mark.parametrize("hidden", [Offer, Placement])
def test_what_somebody_may_not_see_is_neither_listed_nor_counted(hidden: type[models.Model]) -> None:
    item = factories.product("magno")
    factories.placement(item, factories.slot(), offer=factories.offer(item))
    found = uses(item, lambda model: model is not hidden)
    assert hidden not in {use.model for use in found.rows}
    assert found.total == 1


# --- the registry ---------------------------------------------------------------------------------------------------

# Rows that are a part of something else, or that the system keeps about it: they are no use of it.
PARTS = {
    ("editorial.author", "editorial.credential"),
    ("editorial.reference", "editorial.referenceoutcome"),
    ("products.product", "products.ingredient"),
    ("products.product", "products.certification"),
    *(("products.offer", f"products.{part}") for part in ("price", "clickcount", "linkcheck")),
    *(("products.feed", f"products.{part}") for part in ("feedrun", "feeditem")),
    ("products.feedrun", "products.feedrejection"),
    *(("reviews.methodology", f"reviews.{part}") for part in ("criterion", "methodologyversion")),
    ("reviews.methodologyversion", "reviews.weight"),
    *(("reviews.review", f"reviews.{part}") for part in ("testrecord", "badge", "score")),
    *(("reviews.ranking", f"reviews.{part}") for part in ("rankingentry", "rankingrejection")),
    ("articles.article", "articles.faqentry"),
    ("articles.page", "articles.pagestep"),
}  # fmt: skip
# Children stand for the page they are a row of.
ROW_OF = {
    "products.ingredient": "products.product",
    "reviews.rankingentry": "reviews.ranking",
    "reviews.rankingrejection": "reviews.ranking",
    "reviews.testrecord": "reviews.review",
    "reviews.badge": "reviews.review",
    "reviews.score": "reviews.review",
    "reviews.weight": "reviews.methodologyversion",
}


OURS = ("editorial", "products", "reviews", "articles")


def relations() -> set[tuple[str, str]]:
    """(what is pointed at, what points at it) for everything in the admin, lists of related objects too."""
    found = set()
    for model in apps.get_models():
        for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many):
            used = field.related_model
            if used in admin.site._registry and model._meta.app_label in (
                "editorial",
                "products",
                "reviews",
                "articles",
            ):
                found.add((used._meta.label_lower, model._meta.label_lower))
    return {pair for pair in found if not pair[0].startswith("auth.")}


def test_every_relation_is_a_use_or_a_part() -> None:
    known = {
        (used._meta.label_lower, look.by._meta.label_lower)
        for used, looks in whereused._looks.items()
        for look in looks
    }
    missing = {
        (used, by)
        for used, by in relations() - PARTS
        if (used, ROW_OF.get(by, by)) not in known
        and not (by == "editorial.citation" and used == "editorial.reference")
    }
    assert missing == set(), "register it with whereused.found_in, or name it among the parts"


# --- nothing that is used is deleted -------------------------------------------------------------------------------


def test_a_reference_that_only_a_mark_names_is_kept() -> None:
    source = factories.reference("only")
    text = linking("a", "So [@only].")
    with pytest.raises(PermissionDenied, match="used elsewhere"), transaction.atomic():
        source.delete()
    text.body = "<p>So.</p>"
    text.save()
    source.delete()
    assert not Reference.objects.filter(slug="only").exists()


def test_an_offer_that_a_body_leads_to_is_kept() -> None:
    deal = factories.offer(factories.product())
    linking("a", f'<a data-offer="{deal.pk}">shop</a>')
    with pytest.raises(PermissionDenied), transaction.atomic():
        Offer.objects.filter(pk=deal.pk).delete()
    assert Offer.objects.filter(pk=deal.pk).exists()


def test_a_page_that_a_path_leads_to_is_kept() -> None:
    page = linking("a", "Words")
    other = linking("b", '<a href="/guides/a/">first</a>')
    with pytest.raises(PermissionDenied), transaction.atomic():
        page.delete()
    other.delete()
    page.delete()


def test_a_list_of_related_objects_protects_too() -> None:
    topic = factories.topic("more")
    linking("a", "Words").topics.add(topic)
    with pytest.raises(PermissionDenied), transaction.atomic():
        topic.delete()


def test_a_translation_does_not_keep_its_original() -> None:
    original = linking("a", "Words")
    linking("b", "Palabras", language="es", translation_of=original)
    assert said(original) == {("Guide", "About b", "translation of it", False)}
    original.delete()


def test_who_is_used_nowhere_goes() -> None:
    for made in (factories.topic("alone"), factories.reference("alone"), factories.author("alone")):
        made.delete()
