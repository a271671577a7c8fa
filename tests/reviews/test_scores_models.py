"""Scores as rows: what each must say, and that they only add up; badges, tests, entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from crampinfo.editorial.models import LedgerEntry
from products.models import PlacementKind
from reviews import onrecord
from reviews.models import Criterion, Ranking, RankingEntry, RankingRejection, Review, Score
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
DAY = timedelta(days=1)
PRICE = {
    "reference_price": Decimal("12.90"), "reference_currency": "EUR", "reference_taken_on": timezone.localdate(),
    "reference_sources": [{"seller": "Pharmacy", "amount": "12.90", "programme": False}], "evidence": ["price_record"],
}  # fmt: skip


@pytest.fixture
def review() -> Review:
    """A review scored two days ago: label 8.0, dose 7.0."""
    return factories.review(published=False)


@pytest.fixture
def priced() -> Review:
    """A review whose second criterion is about price, not scored yet."""
    method = factories.methodology("priced", ("label", "price"))
    Criterion.objects.filter(methodology=method, slug="price").update(is_price=True)
    return Review.objects.create(
        product=factories.product(),
        methodology=method,
        author=factories.author(),
        acquisition="bought",
        verdict="V.",
        summary="S.",
        dek="D.",
    )


def refusals(of: Review, criterion: str = "label", value: str = "7.0", **fields: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        factories.score(of, criterion, value, **{"changed_because": "A new label.", **fields})
    return caught.value.messages


def test_it_works(review: Review) -> None:
    factories.score(review, "label", "8.5", at=NOW, changed_because="A new label.")
    assert [(score.criterion.slug, score.value) for score in Score.objects.current()] == [
        ("label", Decimal("8.5")),
        ("dose", Decimal("7.0")),
    ]


@pytest.mark.parametrize("value", ["-0.1", "10.1", "7.55", "NaN"])
def test_a_value_that_is_none(review: Review, value: str) -> None:
    assert refusals(review, value=value)


def test_the_constraint_says_the_scale(review: Review) -> None:
    score = Score(review=review, criterion=review.methodology.criteria.all()[0], value=Decimal(11), reason="R.")
    with pytest.raises(ValidationError, match=r"A score goes from 0 to 10\."):
        score.validate_constraints()


def test_no_reason(review: Review) -> None:
    assert "This field cannot be blank." in refusals(review, reason="")
    score = Score(review=review, criterion=review.methodology.criteria.all()[0], value=Decimal(1), reason="")
    with pytest.raises(ValidationError, match=r"Every score needs its reason\."):
        score.validate_constraints()


@pytest.mark.parametrize("evidence", [["hearsay"], ["label", "hearsay"], "label", {"label": 1}, [["label"]]])
def test_no_evidence_of_a_known_kind(review: Review, evidence: Any) -> None:
    assert refusals(review, evidence=evidence) == [
        "Name at least one kind of evidence: label, lab_report, calculation, trial, price_record, handling."
    ]


def test_no_evidence_at_all(review: Review) -> None:
    assert any("evidence" in sentence or "blank" in sentence for sentence in refusals(review, evidence=[]))


def test_a_criterion_of_another_methodology(review: Review) -> None:
    foreign = factories.methodology("other", ("taste",), ("1",)).criteria.get()
    with pytest.raises(ValidationError, match="This criterion belongs to another methodology"):
        Score.objects.create(review=review, criterion=foreign, value=Decimal(7), reason="R.", evidence=["label"])


class TestReferencePrice:
    def test_it_works(self, priced: Review) -> None:
        factories.score(priced, "price", "7.0", **PRICE)
        assert Score.objects.get().reference_sources == PRICE["reference_sources"]

    def test_a_price_criterion_without_one(self, priced: Review) -> None:
        assert refusals(priced, "price") == ["A price criterion needs a reference price; other criteria have none."]

    def test_another_criterion_with_one(self, priced: Review) -> None:
        assert refusals(priced, "label", **PRICE) == [
            "A price criterion needs a reference price; other criteria have none."
        ]

    @pytest.mark.parametrize(
        "change", [{"reference_price": Decimal(0)}, {"reference_currency": ""}, {"reference_taken_on": None}]
    )
    def test_half_of_one(self, priced: Review, change: dict[str, Any]) -> None:
        assert refusals(priced, "price", **{**PRICE, **change}) == [
            "A reference price is above 0 and has a currency and a date."
        ]

    def test_a_currency_that_is_none(self, priced: Review) -> None:
        assert refusals(priced, "price", **{**PRICE, "reference_currency": "eur"}) == [
            "A currency is three capital letters, such as EUR."
        ]

    def test_read_in_the_future(self, priced: Review) -> None:
        change = {"reference_taken_on": timezone.localdate() + 2 * DAY}
        assert refusals(priced, "price", **{**PRICE, **change}) == ["A price can't have been read in the future."]

    @pytest.mark.parametrize(
        "sources",
        [
            "Pharmacy",
            {"seller": "P"},
            ["Pharmacy"],
            [{"seller": "", "amount": "1"}],
            [{"seller": "P"}],
            [{"seller": "P", "amount": "0"}],
            [{"seller": "P", "amount": "much"}],
            [{"seller": "P", "amount": "NaN"}],
            [{"seller": "P", "amount": "1", "programme": "yes"}],
            [{"seller": "P", "amount": "1", "commission": 9}],
        ],
    )
    def test_sellers_that_are_none(self, priced: Review, sources: Any) -> None:
        assert refusals(priced, "price", **{**PRICE, "reference_sources": sources}) == [
            "Each seller needs a name, an amount above 0, and whether it has a programme."
        ]


class TestHistory:
    """History is added to at its end, and nowhere else."""

    def test_a_change_without_a_word(self, review: Review) -> None:
        assert refusals(review, changed_because=" ") == ["Say why it changed: readers see the score move."]

    def test_a_first_score_needs_none(self, priced: Review) -> None:
        factories.score(priced, "label", "7.0")

    def test_in_the_future(self, review: Review) -> None:
        assert refusals(review, at=timezone.now() + timedelta(hours=1)) == ["A score can't be given in the future."]

    def test_into_the_past(self, review: Review) -> None:
        assert refusals(review, at=NOW - 3 * DAY) == ["A newer score stands already: history is not filled in later."]

    def test_at_one_moment_the_later_row_counts(self, review: Review) -> None:
        at = Score.objects.get(criterion__slug="label").scored_at
        factories.score(review, "label", "3.0", at=at, changed_because="A slip.")
        assert Score.objects.current().get(criterion__slug="label").value == Decimal("3.0")

    def test_every_score_is_in_the_ledger(self, priced: Review) -> None:
        factories.score(priced, "price", "7.0", **PRICE)
        onrecord.note_score(Score.objects.get())
        entry = LedgerEntry.objects.get(kind="score")
        assert (entry.subject, entry.reason) == (f"product:{priced.product_id}", "Because of price.")
        assert (entry.payload["criterion"], entry.payload["value"]) == ("price", "7")
        assert entry.payload["reference_price"] == {
            "amount": "12.9",
            "currency": "EUR",
            "taken_on": str(timezone.localdate()),
            "sources": [{**row, "amount": row["amount"].rstrip("0")} for row in PRICE["reference_sources"]],
        }

    def test_a_change_is_there_with_its_reason(self) -> None:
        review = factories.review()
        factories.score(review, "label", "8.5", changed_because="A new label.")
        assert LedgerEntry.objects.latest("number").reason == "A new label."

    def test_a_draft_leaks_nothing(self, review: Review) -> None:
        factories.score(review, "label", "8.5", changed_because="A new label.")
        assert not LedgerEntry.objects.filter(kind="score").exists()

    def test_scores_in_bulk_are_checked_and_there_too(self, priced: Review) -> None:
        label = priced.methodology.criteria.get(slug="label")
        row = Score(review=priced, criterion=label, value=Decimal(7), reason="R.", evidence=["label"])
        Score.objects.bulk_create([row])
        assert Score.objects.count() == 1
        row = Score(review=priced, criterion=label, value=Decimal(7), reason="R.", evidence=["hearsay"])
        with pytest.raises(ValidationError, match="kind of evidence"):
            Score.objects.bulk_create([row])


def change_and_save(score: Score) -> None:
    score.value = Decimal(10)
    score.save()


def bulk_create_again(score: Score) -> None:
    score.value = Decimal(10)
    Score.objects.bulk_create([score])


def upsert(score: Score) -> None:
    row = Score(pk=score.pk, review=score.review, criterion=score.criterion, value=Decimal(10), reason="R.")
    Score.objects.bulk_create([row], update_conflicts=True, unique_fields=["pk"], update_fields=["value"])


@pytest.mark.parametrize(
    "way",
    [
        change_and_save,
        bulk_create_again,
        upsert,
        lambda score: Score.objects.update(value=Decimal(10)),
        lambda score: score.review.scores.update(value=Decimal(10)),
        lambda score: Score.objects.bulk_update([score], ["value"]),
        lambda score: Score.objects.update_or_create(pk=score.pk, defaults={"value": Decimal(10)}),
        lambda score: Score.objects.all().delete(),
        lambda score: score.delete(),
    ],
)
def test_no_way_changes_a_score(review: Review, way: Callable[[Score], object]) -> None:
    score = review.scores.get(criterion__slug="label")
    with pytest.raises(PermissionDenied, match=r"^Scores are append-only: add a new score with its reason\.$"):
        way(score)
    assert sorted(str(row.value) for row in Score.objects.all()) == ["7.0", "8.0"]


def test_a_number_that_is_taken_overwrites_nothing(review: Review) -> None:
    score = review.scores.get(criterion__slug="label")
    again = Score(
        pk=score.pk, review=review, criterion=score.criterion, value=Decimal(10), reason="R.", evidence=["label"],
        changed_because="A new label.",
    )  # fmt: skip
    with pytest.raises((ValidationError, IntegrityError)), transaction.atomic():
        again.save()
    assert Score.objects.get(pk=score.pk).value == Decimal("8.0")


def test_the_scores_of_a_public_review_stay_with_it() -> None:
    live = factories.review()
    with pytest.raises(PermissionDenied, match="retire it instead of deleting it"), transaction.atomic():
        live.delete()
    assert Score.objects.count() == 2


class TestRanking:
    def test_a_product_once(self) -> None:
        ranking = factories.ranking(products=(factories.review().product,))
        entry = ranking.entries.get()
        again = RankingEntry(ranking=ranking, product=entry.product, added_on=timezone.localdate())
        with pytest.raises(ValidationError, match="This product is already in the list"):
            again.full_clean()

    def test_a_share_that_is_none(self) -> None:
        ranking = factories.ranking(products=(factories.review().product,))
        entry = ranking.entries.get()
        entry.keeps_place = Decimal("1.001")
        with pytest.raises(ValidationError, match="A share goes from 0 to 1"):
            entry.validate_constraints()

    def test_rejected_once(self) -> None:
        ranking = factories.ranking(products=(factories.review().product,))
        RankingRejection.objects.create(ranking=ranking, name="Foo", reason="R.", considered_on=timezone.localdate())
        again = RankingRejection(ranking=ranking, name="Foo", reason="R.", considered_on=timezone.localdate())
        with pytest.raises(ValidationError, match="This product is already among the rejected"):
            again.full_clean()


def tried(way: Callable[[], object]) -> None:
    """In a transaction of its own: a refused addition rolls back."""
    with transaction.atomic():
        way()


class TestSlots:
    """A list takes what it can show, on every path."""

    def ranking(self, **fields: Any) -> Ranking:
        return factories.ranking(published=False, **fields)

    @pytest.mark.parametrize("kind", [PlacementKind.ORDER, PlacementKind.ADJUSTMENT, PlacementKind.BUTTON])
    def test_an_isolated_list_takes_a_band_alone(self, kind: str) -> None:
        ranking = self.ranking()
        ranking.slots.add(factories.slot(PlacementKind.BAND))
        slot = factories.slot(kind)
        for way in (
            lambda: ranking.slots.add(slot),
            lambda: slot.rankings.add(ranking),
            lambda: ranking.slots.set([slot]),
        ):
            with pytest.raises(ValidationError, match=f"List of magnesium does not take the slot slot-{kind}"):
                tried(way)

    def test_an_influenced_list_takes_what_moves_it(self) -> None:
        ranking = self.ranking(compensation="influenced")
        ranking.slots.add(
            *(factories.slot(kind) for kind in (PlacementKind.BAND, PlacementKind.ORDER, PlacementKind.ADJUSTMENT))
        )
        with pytest.raises(ValidationError, match="does not take"):
            ranking.slots.add(factories.slot(PlacementKind.BUTTON))

    def test_it_sells_its_places_once(self) -> None:
        """Two slots could book one place for two at one time."""
        ranking = self.ranking(compensation="influenced")
        one, two = factories.slot(PlacementKind.ORDER, "one"), factories.slot(PlacementKind.ORDER, "two")
        for way in (lambda: ranking.slots.add(one, two), lambda: (ranking.slots.add(one), two.rankings.add(ranking))):
            with pytest.raises(ValidationError, match="sells its places through one slot: two could book one place"):
                tried(way)

    def test_a_sensitive_list_takes_none(self) -> None:
        ranking = self.ranking(topic=factories.topic("pregnancy", sensitive=True))
        with pytest.raises(ValidationError, match="is on a sensitive topic: nothing is sold there"):
            ranking.slots.add(factories.slot(PlacementKind.BAND))

    def test_an_influenced_list_loses_its_slots_before_it_is_isolated(self) -> None:
        ranking = self.ranking(compensation="influenced")
        ranking.slots.add(factories.slot(PlacementKind.ORDER))
        ranking.compensation = "isolated"
        with pytest.raises(
            ValidationError, match="This list has slots that an isolated list does not take: remove them first"
        ):
            ranking.full_clean()


def test_influenced_lists_are_live_only_where_allowed(settings: Any) -> None:
    factories.ranking(products=(factories.review().product,), compensation="influenced")
    assert Ranking.objects.published().count() == 1
    settings.ALLOW_INFLUENCED_LISTS = False
    assert Ranking.objects.published().count() == 0
