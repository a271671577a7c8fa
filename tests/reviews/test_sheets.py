"""A review as a page: its arithmetic, its history, its offers, and what stands beside it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crampinfo.editorial import workflow
from crampinfo.editorial.models import Citation, Topic
from products.models import Certification, ConflictDeclaration
from reviews import scoring, sheets
from reviews.models import Badge, Criterion, MethodologyVersion, Review, TestRecord, Weight
from tests import factories

pytestmark = pytest.mark.django_db


def sheet(of: Review | None = None) -> sheets.ReviewSheet:
    made = of or factories.review()
    return sheets.load(sheets.rows().get(pk=made.pk))


def test_it_works() -> None:
    found = sheet(factories.review(scores=("8.0", "7.0")))
    assert [(line.score.criterion.slug, line.weight, line.points) for line in found.lines] == [
        ("label", Decimal(60), Decimal(480)),
        ("dose", Decimal(40), Decimal(280)),
    ]
    assert (found.total_text, found.weights_text, found.exact_text, found.score_text) == ("760", "100", "7.6", "7.6")
    assert (found.bar, found.lines[0].bar, found.lines[0].points_text) == (76.0, 80.0, "480")
    assert (found.failures, found.reference, found.beside) == ((), None, ())


def test_it_is_seven_queries(django_assert_num_queries: Any) -> None:
    review = factories.review()
    factories.offer(review.product)
    factories.ranking(products=(review.product,))
    factories.score(review, "label", "5.0", changed_because="A new label.")
    with django_assert_num_queries(7):
        found = sheets.load(sheets.rows().get())
        assert [(entry.ranking.title, entry.place) for entry in found.places] == [("List of magnesium", "")]
        assert [entry.reference for entry in found.numbering.entries] == []


def test_the_newest_score_counts_and_the_old_one_is_history() -> None:
    review = factories.review(scores=("8.0", "7.0"))
    factories.score(review, "label", "5.0", at=timezone.now(), changed_because="A new label.")
    found = sheet(review)
    assert found.score_text == "5.8"
    assert [(step.score, step.why) for step in found.steps] == [
        (Decimal("7.6"), "First review"),
        (Decimal("5.8"), "A new label."),
    ]
    assert found.steps_newest_first == found.steps[::-1]


@pytest.mark.parametrize("scored", [True, False])
def test_a_missing_score_is_an_error(scored: bool) -> None:
    review = factories.review()
    method = review.methodology
    taste = Criterion.objects.create(methodology=method, slug="taste", name="Taste", description="How.", position=3)
    version = MethodologyVersion.objects.create(
        methodology=method, number=2, effective_from=timezone.localdate(), tie_breaker=method.criteria.all()[0]
    )
    for criterion in method.criteria.all():
        Weight.objects.create(version=version, criterion=criterion, value=Decimal(1))
    version.freeze()
    method.current_version = version
    method.save()
    if scored:
        factories.score(review, "taste", "3.0")
        assert sheet(review).score_text == "6.0"
    else:
        assert taste.pk
        with pytest.raises(scoring.MissingScore, match="Acme 100 is not scored on every criterion"):
            sheet(review)


def test_a_gate_that_fails() -> None:
    review = factories.review(factories.product(recalled_on=timezone.localdate(), recall_notice="Glass."))
    assert [failure.code for failure in sheet(review).failures] == ["recalled"]


def test_the_reference_price() -> None:
    method = factories.methodology("priced", ("label", "price"))
    Criterion.objects.filter(methodology=method, slug="price").update(is_price=True)
    review = Review.objects.create(
        product=factories.product(), methodology=method, author=factories.author(), acquisition="bought", verdict="V.",
        summary="S.", dek="D.", cons="C.", not_for="N.",
    )  # fmt: skip
    factories.score(review, "label", "8.0")
    price = factories.score(
        review, "price", "7.0", reference_price=Decimal("12.90"), reference_currency="EUR",
        reference_taken_on=timezone.localdate(), evidence=["price_record"],
    )  # fmt: skip
    ConflictDeclaration.objects.create(
        author=review.author, brand=review.product.brand, declared_on=timezone.localdate(), has_conflict=False
    )
    workflow.publish(review)
    assert sheet(review).reference == price


class TestOffers:
    def test_of_the_product_lowest_first(self) -> None:
        review = factories.review()
        factories.offer(review.product, price="9.00")
        factories.offer(review.product, paid=False, price="8.00")
        factories.offer(factories.product("other"), price="1.00")
        found = sheet(review)
        assert [(item.offer.merchant.slug, item.amount, item.per_100_mg) for item in found.offers] == [
            ("pharmacy", Decimal("8.00"), Decimal("0.13")),
            ("northshop", Decimal("9.00"), Decimal("0.15")),
        ]

    def test_those_its_text_links_to(self) -> None:
        other = factories.offer(factories.product("other"))
        review = factories.review(body=f'<p><a data-offer="{other.pk}">x</a></p>')
        found = sheet(review)
        assert found.offers == ()
        assert found.linked == {other.pk: other}

    def test_none_on_a_sensitive_topic(self) -> None:
        review = factories.review()
        factories.offer(review.product)
        review.product.topics.add(factories.topic())
        assert len(sheet(review).offers) == 1
        Topic.objects.update(sensitive=True)
        found = sheet(review)
        assert (found.offers, found.linked) == ((), {})


@pytest.mark.parametrize(
    ("scores", "weights", "exact", "rounded"),
    [
        (("8.0", "7.0"), ("60", "40"), "7.6", "7.6"),
        (("8.0", "7.0"), ("1", "2"), "7.3333…", "7.3"),
        (("8.1", "8.2"), ("50.04", "49.96"), "8.1499…", "8.1"),  # 8.14996 rounded to 8.1500 would seem to make 8.2
        (("8.1", "8.2"), ("50", "50"), "8.15", "8.2"),
        (("0.0", "0.0"), ("1", "1"), "0", "0.0"),
        (("10.0", "10.0"), ("3", "7"), "10", "10.0"),
    ],
)
def test_the_quotient_as_printed_rounds_to_the_score(
    scores: tuple[str, ...], weights: tuple[str, ...], exact: str, rounded: str
) -> None:
    found = sheet(factories.review(methodology=factories.methodology("m", weights=weights), scores=scores))
    assert (found.exact_text, found.score_text) == (exact, rounded)


class TestBeside:
    def test_everything_small(self) -> None:
        review = factories.review()
        other = factories.review(factories.product("other"))
        draft = factories.review(factories.product("draft"), published=False)
        review.alternatives.set([other.product, draft.product])
        review.product.topics.add(factories.topic())
        badge = Badge.objects.create(review=review, name="Clear label", reason="Why.", awarded_on=timezone.localdate())
        badge.compared.set([factories.product(f"rival-{number}") for number in (1, 2, 3)])
        TestRecord.objects.create(
            review=review, tested_on="2026-02-09", tester=review.author, method="Dissolved it.", result="Fine."
        )
        Certification.objects.create(product=review.product, name="Halal", issuer="Somebody", link="https://a.example/")
        found = sheet(review)
        assert [(one.label, one.about, one.on, one.version, one.compared) for one in found.badges] == [
            ("Clear label", "Why.", timezone.localdate(), "1", ("Rival 1", "Rival 2", "Rival 3"))
        ]
        assert [(item.key, item.label, item.about) for item in found.tests] == [
            ("2026-02-09", "Dissolved it.", "Fine.")
        ]
        assert [(item.key, item.label) for item in found.certifications] == [("https://a.example/", "Halal")]
        assert [(item.label, item.about, item.url) for item in found.alternatives] == [
            ("Other", "Clear label.", "/reviews/other/")
        ]
        assert [(item.label, item.url) for item in found.topics] == [("Night cramps", "/topics/night-cramps/")]

    def test_of_other_reviews_nothing(self) -> None:
        other = factories.review(factories.product("other"))
        Badge.objects.create(review=other, name="B", reason="R.", awarded_on=timezone.localdate())
        found = sheet()
        assert (found.beside, found.badges) == ((), ())


class TestRows:
    def test_the_author_s_newest_declaration(self) -> None:
        review = factories.review()
        for days, statement in ((400, "Old."), (3, "I owned shares until May.")):
            ConflictDeclaration.objects.create(
                author=review.author,
                brand=review.product.brand,
                declared_on=timezone.localdate() - timedelta(days=days),
                has_conflict=True,
                statement=statement,
            )
        row = sheets.rows().get()
        assert (row.conflict_on, row.has_conflict, row.conflict_statement) == (timezone.localdate(), False, "")
        ConflictDeclaration.objects.filter(has_conflict=False).delete()
        assert sheets.rows().get().conflict_statement == "I owned shares until May."

    def test_only_live_reviews(self) -> None:
        factories.review(published=False)
        assert not sheets.rows().exists()

    def test_sources_are_numbered(self) -> None:
        review = factories.review()
        for number in range(2):
            Citation.objects.create(content=review, reference=factories.reference(f"r{number}"), position=number)
        entries = sheet(review).numbering.entries
        assert [(entry.number, entry.reference.slug) for entry in entries] == [(1, "r0"), (2, "r1")]
