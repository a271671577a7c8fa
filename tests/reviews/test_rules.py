"""What the gate asks of reviews and lists."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crampinfo.editorial import gate, workflow
from crampinfo.editorial.gate import Finding, Severity
from crampinfo.editorial.models import Citation
from products.models import ConflictDeclaration
from reviews.models import Badge, Methodology, Ranking, Review
from tests import factories

pytestmark = pytest.mark.django_db


def findings(instance: Any) -> list[tuple[str, str, str]]:
    """Code, field and excerpt of everything found."""
    return [(finding.code, finding.field, finding.excerpt) for finding in gate.inspect(instance)]


def draft(**fields: Any) -> Review:
    return factories.review(published=False, **fields)


def test_it_works() -> None:
    review = factories.review()
    assert findings(review) == []
    assert findings(factories.ranking(products=(review.product,))) == []


class TestReview:
    @pytest.mark.parametrize("field", ["verdict", "summary", "dek", "acquisition"])
    def test_what_it_must_say(self, field: str) -> None:
        review = draft()
        setattr(review, field, "")
        assert findings(review) == [("PUB-02", field, "")]

    def test_every_product_has_a_drawback(self) -> None:
        assert findings(draft(cons=" ")) == [("SEO-REV-01", "cons", "")]

    def test_a_supplement_says_whom_it_is_not_for(self) -> None:
        assert findings(draft(not_for="")) == [("HC-10", "not_for", "")]

    def test_an_accessory_need_not(self) -> None:
        strap = factories.product(category="accessory", form="strap", mg=None)
        assert findings(factories.review(strap, published=False, not_for="")) == []

    def test_a_criterion_without_a_score(self) -> None:
        review = Review.objects.create(
            product=factories.product(), methodology=factories.methodology(), author=factories.author(),
            acquisition="bought", verdict="V.", summary="S.", dek="D.", cons="C.", not_for="N.",
        )  # fmt: skip
        factories.score(review, "label", "7.0")
        ConflictDeclaration.objects.create(
            author=review.author, brand=review.product.brand, declared_on=timezone.localdate(), has_conflict=False
        )
        found = gate.inspect(review)
        assert [(finding.code, finding.field, finding.excerpt, finding.why, finding.remedy) for finding in found] == [
            ("US-RANK-04", "scores", "Dose", "This criterion has no score:", "Score it, with its reason and evidence.")
        ]
        with pytest.raises(gate.GateRefused):
            workflow.publish(review)

    def test_a_methodology_that_is_not_in_force(self) -> None:
        review = draft()
        Methodology._base_manager.update(current_version=None)
        review = Review.objects.get(pk=review.pk)
        assert findings(review) == [("US-RANK-04", "methodology", "How we score label")]

    def test_another_methodology_than_its_live_list(self) -> None:
        other = factories.methodology("other", ("taste",), ("1",))
        review = draft(methodology=other, scores=("5.0",))
        Ranking.objects.bulk_create([])
        ranking = factories.ranking(products=(factories.review(factories.product("b")).product,))
        ranking.entries.create(product=review.product, added_on=timezone.localdate())
        assert findings(review) == [("US-RANK-04", "methodology", "List of magnesium")]

    @pytest.mark.parametrize("days", [None, 367])
    def test_no_declaration_of_the_last_year(self, days: int | None) -> None:
        review = draft()
        ConflictDeclaration.objects.all().delete()
        if days is not None:
            ConflictDeclaration.objects.create(
                author=review.author, brand=review.product.brand, has_conflict=False,
                declared_on=timezone.localdate() - timedelta(days=days),
            )  # fmt: skip
        assert findings(review) == [("US-DISC-12", "author", "Maren / Acme")]

    def test_a_declaration_on_another_brand(self) -> None:
        review = draft()
        ConflictDeclaration.objects.update(brand=factories.brand("other"))
        assert findings(review) == [("US-DISC-12", "author", "Maren / Acme")]

    def test_a_mark_without_its_reference(self) -> None:
        review = draft(body="<p>Little or no effect. [@garrison-2020]</p>")
        assert findings(review) == [("HC-04", "body", "[@garrison-2020]")]
        Citation.objects.create(content=review, reference=factories.reference("garrison-2020"))
        assert findings(review) == []

    @pytest.mark.parametrize("field", ["verdict", "dek", "pros", "cons"])
    def test_a_mark_where_none_is_read(self, field: str) -> None:
        review = draft(**{field: "Yes. [@garrison-2020]"})
        Citation.objects.create(content=review, reference=factories.reference("garrison-2020"))
        assert findings(review) == [("HC-04", field, "[@garrison-2020]")]


class TestBadge:
    def badge(self, rivals: int, *, itself: bool = False) -> Review:
        review = draft()
        badge = Badge.objects.create(review=review, name="Clear label", reason="R.", awarded_on=timezone.localdate())
        badge.compared.set([factories.product(f"rival-{number}") for number in range(rivals)])
        if itself:
            badge.compared.add(review.product)
        return review

    @pytest.mark.parametrize("rivals", [0, 2])
    def test_against_too_few(self, rivals: int) -> None:
        assert findings(self.badge(rivals)) == [("US-RANK-03", "badges", "Clear label")]

    def test_it_is_no_rival_of_its_own(self) -> None:
        assert findings(self.badge(2, itself=True)) == [("US-RANK-03", "badges", "Clear label")]

    def test_against_three(self) -> None:
        assert findings(self.badge(3)) == []


class TestLabel:
    """617 mg of trimagnesium dicitrate hold 99.954 mg."""

    @pytest.mark.parametrize("printed", ["100", "117.59", "86.92"])
    def test_that_agrees(self, printed: str) -> None:
        assert findings(factories.review(factories.product(label_elemental_mg=Decimal(printed)), published=False)) == []

    def test_that_does_not(self) -> None:
        review = factories.review(factories.product(label_elemental_mg=Decimal("617.00")), published=False)
        (found,) = gate.inspect(review)
        assert (found.code, found.severity, found.field) == ("HC-04", Severity.WARN, "product")
        assert found.excerpt == "617.00 mg / 100 mg"

    def test_that_says_nothing(self) -> None:
        assert findings(factories.review(factories.product(label_elemental_mg=None), published=False)) == []


class TestList:
    def ranking(self, **fields: Any) -> Ranking:
        return factories.ranking(products=(factories.review().product,), published=False, **fields)

    @pytest.mark.parametrize("field", ["title", "dek", "none_text"])
    def test_what_it_must_say(self, field: str) -> None:
        ranking = self.ranking()
        setattr(ranking, field, "")
        assert findings(ranking) == [("PUB-02", field, "")]

    def test_no_product(self) -> None:
        assert findings(factories.ranking(published=False)) == [("PUB-02", "entries", "")]

    def test_a_methodology_that_is_not_in_force(self) -> None:
        ranking = self.ranking()
        Methodology._base_manager.update(current_version=None)
        assert findings(Ranking.objects.get(pk=ranking.pk)) == [("US-RANK-04", "methodology", "How we score label")]

    def test_a_review_of_another_methodology(self) -> None:
        other = factories.methodology("other", ("taste",), ("1",))
        odd = factories.review(factories.product("odd"), methodology=other, scores=("5.0",)).product
        ranking = self.ranking()
        ranking.entries.create(product=odd, added_on=timezone.localdate())
        assert findings(ranking) == [("US-RANK-04", "entries", "Odd")]


class TestInfluenced:
    def ranking(self, **fields: Any) -> Ranking:
        return factories.ranking(
            products=(factories.review().product,), published=False, compensation="influenced", **fields
        )

    def test_it_works(self) -> None:
        ranking = self.ranking(dek="The editorial score stands beside the shown place.")
        assert findings(ranking) == []
        workflow.publish(ranking)

    def test_where_it_is_not_allowed(self, settings: Any) -> None:
        settings.ALLOW_INFLUENCED_LISTS = False
        ranking = self.ranking()
        (found,) = gate.inspect(ranking)
        assert found == Finding(
            "US-RANK-01", Severity.BLOCK, "compensation", "",
            "This site does not allow lists whose order payment changes.",
            "Make the list isolated (16 CFR 255.4(b)(3), Example 3).",
        )  # fmt: skip
        with pytest.raises(gate.GateRefused):
            workflow.publish(ranking)

    @pytest.mark.parametrize(
        "words",
        [
            "best",
            "Top",
            "#1",
            "# 1",
            "number one",
            "top-rated",
            "Recommended",
            "independent",
            "Independently",
            "unbiased",
            "un-biased",
            "objective",
            "winner",
        ],
    )
    def test_it_claims_nothing(self, words: str) -> None:
        found = [
            finding
            for finding in gate.inspect(self.ranking(title=f"The {words} straps"))
            if finding.code == "US-RANK-02"
        ]
        assert [finding.field for finding in found] == ["title"]

    @pytest.mark.parametrize(
        "words", ["editorial score", "stop", "topic", "laptop", "objection", "bestow", "Not recommended"]
    )
    def test_facts_stay(self, words: str) -> None:
        found = [code for code, _, _ in findings(self.ranking(title=f"Straps: {words}"))]
        assert found == (["US-RANK-02"] if words == "Not recommended" else [])

    def test_in_every_text(self) -> None:
        ranking = self.ranking()
        ranking.rejections.create(name="Foo", reason="It was the best.", considered_on=timezone.localdate())
        assert findings(ranking) == [("US-RANK-02", "rejections[1].reason", "best")]

    def test_an_isolated_list_is_another_matter(self) -> None:
        ranking = factories.ranking(products=(factories.review().product,), published=False, title="Independent views")
        assert findings(ranking) == []
