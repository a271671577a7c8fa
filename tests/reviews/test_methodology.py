"""Methodologies: weights that are weights, versions that stay as they were used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from crampinfo.editorial.models import LedgerEntry
from reviews import weighing
from reviews.models import Criterion, Methodology, MethodologyVersion, Weight
from tests import factories

pytestmark = pytest.mark.django_db

FROZEN = "This version is frozen because scores or a list use it: make a new version."


def refusals(call: Callable[[], object]) -> list[str]:
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        call()
    return caught.value.messages


def version(of: Methodology, *weights: str, number: int = 2) -> MethodologyVersion:
    """A version that is open; weights in the order of the criteria."""
    rows = list(of.criteria.all())
    made = MethodologyVersion.objects.create(
        methodology=of, number=number, effective_from=date(2026, 2, 1), tie_breaker=rows[0]
    )
    for criterion, value in zip(rows, weights, strict=False):
        Weight.objects.create(version=made, criterion=criterion, value=Decimal(value))
    return made


def test_it_works() -> None:
    method = factories.methodology()
    new = version(method, "50", "50")
    weighing.put_in_force(new)
    method.refresh_from_db()
    assert method.current_version == new
    assert new.frozen_at is not None
    first, second = LedgerEntry.objects.filter(kind="methodology").order_by("number")
    assert first.payload["weights"] == {"label": "60", "dose": "40"}
    assert second.payload["weights"] == {"label": "50", "dose": "50"}
    assert (first.payload["version"], second.payload["version"]) == (1, 2)


class TestWeights:
    def test_a_negative_one(self) -> None:
        new = version(factories.methodology())
        weight = Weight(version=new, criterion=new.tie_breaker, value=Decimal(-1))
        assert refusals(weight.validate_constraints) == ["A weight is 0 or more."]
        with pytest.raises(IntegrityError), transaction.atomic():
            weight.save()

    def test_twice_the_same_criterion(self) -> None:
        new = version(factories.methodology(), "1")
        again = Weight(version=new, criterion=new.tie_breaker, value=Decimal(1))
        assert refusals(again.full_clean) == ["This criterion already has a weight in this version."]

    def test_of_another_methodology(self) -> None:
        new = version(factories.methodology())
        foreign = factories.methodology("other").criteria.all()[0]
        weight = Weight(version=new, criterion=foreign, value=Decimal(1))
        assert refusals(weight.save) == ["This criterion belongs to another methodology."]

    @pytest.mark.parametrize("weights", [(), ("0", "0")])
    def test_that_add_up_to_0(self, weights: tuple[str, ...]) -> None:
        new = version(factories.methodology(), *weights)
        assert refusals(new.freeze) == ["The weights add up to 0: give at least one criterion a weight."]
        assert new.frozen_at is None

    def test_without_the_tie_breaker(self) -> None:
        method = factories.methodology()
        new = version(method)
        Weight.objects.create(version=new, criterion=method.criteria.get(slug="dose"), value=Decimal(1))
        assert refusals(new.freeze) == [
            "The tie-breaking criterion has no weight in this version: give it one, 0 at least."
        ]

    def test_a_gap_is_not_put_in_force(self) -> None:
        new = version(factories.methodology(), "1")
        assert refusals(lambda: weighing.put_in_force(new)) == ["These criteria have no weight yet: Dose."]

    def test_0_for_a_criterion_that_no_longer_counts(self) -> None:
        new = version(factories.methodology(), "1", "0")
        new.freeze()
        assert new.frozen_at is not None


class TestVersions:
    def test_a_number_once(self) -> None:
        method = factories.methodology()
        again = MethodologyVersion(
            methodology=method, number=1, effective_from=date(2026, 1, 1), tie_breaker=method.criteria.all()[0]
        )
        assert refusals(again.full_clean) == ["This version number exists."]

    @pytest.mark.parametrize("margin", ["-0.1", "10.1"])
    def test_a_margin_that_is_none(self, margin: str) -> None:
        new = version(factories.methodology())
        new.margin = Decimal(margin)
        assert refusals(new.full_clean) == ["The margin goes from 0 to 10 points."]

    def test_a_tie_breaker_of_another_methodology(self) -> None:
        new = version(factories.methodology())
        new.tie_breaker = factories.methodology("other").criteria.all()[0]
        assert refusals(new.full_clean) == ["This criterion belongs to another methodology."]


def change_version(frozen: MethodologyVersion) -> None:
    frozen.margin = Decimal(5)
    frozen.save()


def change_a_stale_copy(frozen: MethodologyVersion) -> None:
    frozen.frozen_at = None
    frozen.margin = Decimal(5)
    frozen.save()


def change_weight(frozen: MethodologyVersion) -> None:
    weight = frozen.weights.all()[0]
    weight.value = Decimal(99)
    weight.save()


def change_weight_of_a_stale_copy(frozen: MethodologyVersion) -> None:
    weight = frozen.weights.all()[0]
    weight.version.frozen_at = None
    weight.value = Decimal(99)
    weight.save()


def move_weight_away(frozen: MethodologyVersion) -> None:
    weight = frozen.weights.all()[0]
    weight.version = version(frozen.methodology)
    weight.save()


def add_weight(frozen: MethodologyVersion) -> None:
    more = Criterion.objects.create(methodology=frozen.methodology, slug="more", name="More", description="How.")
    Weight.objects.create(version=frozen, criterion=more, value=Decimal(1))


def add_weight_in_bulk(frozen: MethodologyVersion) -> None:
    more = Criterion.objects.create(methodology=frozen.methodology, slug="more", name="More", description="How.")
    Weight.objects.bulk_create([Weight(version=frozen, criterion=more, value=Decimal(1))])


def delete_an_old_one(frozen: MethodologyVersion) -> None:
    weighing.put_in_force(version(frozen.methodology, "1", "1"))
    frozen.delete()


@pytest.mark.parametrize(
    "way",
    [
        change_version,
        change_a_stale_copy,
        change_weight,
        change_weight_of_a_stale_copy,
        move_weight_away,
        add_weight,
        add_weight_in_bulk,
        delete_an_old_one,
        lambda frozen: MethodologyVersion.objects.update(margin=5),
        lambda frozen: Weight.objects.update(value=1),
        lambda frozen: Weight.objects.bulk_update(list(frozen.weights.all()), ["value"]),
        lambda frozen: Weight.objects.all().delete(),
        lambda frozen: frozen.weights.all()[0].delete(),
    ],
)
def test_no_way_changes_a_frozen_version(way: Callable[[MethodologyVersion], object]) -> None:
    frozen = factories.methodology().current_version
    assert frozen is not None
    assert refusals(lambda: way(frozen)) == [FROZEN]
    stored = MethodologyVersion.objects.get(number=1)
    assert (stored.margin, [weight.value for weight in stored.weights.all()]) == (Decimal("0.2"), [60, 40])


def test_an_open_one_may_change() -> None:
    new = version(factories.methodology(), "1", "2")
    new.margin = Decimal(0)
    new.save()
    new.weights.update(value=3)
    new.delete()
    assert MethodologyVersion.objects.count() == 1


class TestCurrent:
    def test_a_version_that_could_still_change(self) -> None:
        method = factories.methodology()
        method.current_version = version(method, "1", "1")
        assert refusals(method.save) == ["This version is not frozen yet: put it in force."]

    def test_a_version_of_another_methodology(self) -> None:
        method = factories.methodology()
        method.current_version = factories.methodology("other").current_version
        assert refusals(method.save) == ["This version belongs to another methodology."]


class TestCriterion:
    def test_a_slug_once(self) -> None:
        method = factories.methodology()
        again = Criterion(methodology=method, slug="label", name="Label", description="How.")
        assert refusals(again.full_clean) == ["This methodology already has a criterion of that slug."]

    @pytest.mark.parametrize("change", [{"slug": "other"}, {"is_price": True}])
    def test_what_scores_stand_on_stays(self, change: dict[str, Any]) -> None:
        criterion = factories.review().scores.all()[0].criterion
        for name, value in change.items():
            setattr(criterion, name, value)
        assert refusals(criterion.full_clean) == ["Scores stand on this criterion: make another one instead."]

    def test_its_words_may_change(self) -> None:
        criterion = factories.review().scores.all()[0].criterion
        criterion.name = "Exact label"
        criterion.full_clean()

    def test_without_scores_everything_may(self) -> None:
        criterion = factories.methodology().criteria.all()[0]
        criterion.is_price = True
        criterion.full_clean()
