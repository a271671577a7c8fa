"""A version comes into force on its day, with the table of what it moves, and leaves no live page without a score."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from crampinfo.editorial.gate import GateRefused
from crampinfo.editorial.models import LedgerEntry
from reviews import impact, tasks, weighing
from reviews.models import Criterion, Methodology, MethodologyVersion, RankingEntry, Weight
from reviews.scoring import MissingScore
from tests import factories

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def today() -> date:
    return timezone.localdate()


def version(of: Methodology, *weights: str, on: date | None = None, number: int = 2) -> MethodologyVersion:
    """An open version; weights in the order of the criteria."""
    rows = list(of.criteria.all())
    made: MethodologyVersion = MethodologyVersion.objects.create(
        methodology=of, number=number, effective_from=on or today(), tie_breaker=rows[0], changes="Dose weighs more."
    )
    for criterion, value in zip(rows, weights, strict=False):
        Weight.objects.create(version=made, criterion=criterion, value=Decimal(value))
    return made


def listed() -> Methodology:
    """a: label 9, dose 5 (7.4 of 60:40); b: label 6, dose 9 (7.2). With 40:60 b leads by 7.8 to 6.6."""
    items = [factories.product(slug) for slug in ("a", "b")]
    factories.review(items[0], scores=("9.0", "5.0"))
    factories.review(items[1], scores=("6.0", "9.0"))
    factories.ranking(products=tuple(items))
    return factories.methodology()


def in_force(of: Methodology) -> int:
    of.refresh_from_db()
    assert of.current_version is not None
    return int(of.current_version.number)


def on_record() -> list[int]:
    """The versions that the ledger says have counted."""
    return [entry.payload["version"] for entry in LedgerEntry.objects.filter(kind="methodology").order_by("number")]


def test_it_works(django_capture_on_commit_callbacks: Any) -> None:
    method = listed()
    with django_capture_on_commit_callbacks(execute=True):
        assert weighing.put_in_force(version(method, "40", "60")) is True
    assert in_force(method) == 2
    assert dict(RankingEntry.objects.values_list("product__slug", "place")) == {"b": "1", "a": "2"}


def test_it_waits_for_its_day(django_capture_on_commit_callbacks: Any) -> None:
    method = listed()
    new = version(method, "40", "60", on=today() + 3 * DAY)
    assert weighing.put_in_force(new) is False
    assert (in_force(method), new.frozen_at is not None) == (1, True)
    assert on_record() == [1], "what counts, not what will"
    assert weighing.take_effect(today() + 2 * DAY) == []
    with django_capture_on_commit_callbacks(execute=True):
        assert weighing.take_effect(today() + 3 * DAY) == [new]
    assert in_force(method) == 2
    assert dict(RankingEntry.objects.values_list("product__slug", "place")) == {"b": "1", "a": "2"}
    assert on_record() == [1, 2]
    assert weighing.take_effect(today() + 4 * DAY) == [], "once"


def test_the_worker_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    method = listed()
    weighing.put_in_force(version(method, "40", "60", on=today() + DAY))
    monkeypatch.setattr(timezone, "localdate", lambda *args: date.max)
    tasks.let_versions_take_effect.call_local()
    assert in_force(method) == 2


def test_of_two_that_are_due_the_newest_counts() -> None:
    method = listed()
    weighing.put_in_force(version(method, "40", "60", on=today() + DAY))
    weighing.put_in_force(version(method, "50", "50", on=today() + DAY, number=3))
    assert [one.number for one in weighing.take_effect(today() + DAY)] == [3]
    assert in_force(method) == 3


def test_an_older_one_never_comes_back() -> None:
    """Version 2 was to count later than version 3: by then 3 is newer."""
    method = listed()
    weighing.put_in_force(version(method, "40", "60", on=today() + 5 * DAY))
    weighing.put_in_force(version(method, "50", "50", number=3))
    assert in_force(method) == 3
    assert weighing.take_effect(today() + 9 * DAY) == []
    assert in_force(method) == 3


def test_the_first_version_of_a_methodology() -> None:
    method = factories.methodology()
    Methodology.objects.update(current_version=None)
    method.refresh_from_db()
    new = version(method, "1", "1", on=today() + DAY)
    weighing.put_in_force(new)
    assert new.impact == []
    assert weighing.take_effect(today() + DAY) == [new]


def test_an_open_version_takes_no_effect() -> None:
    method = listed()
    version(method, "40", "60", on=today() - DAY)
    assert weighing.take_effect() == []
    assert in_force(method) == 1


def test_a_day_that_has_passed_becomes_today() -> None:
    method = listed()
    new = version(method, "40", "60", on=date(2020, 1, 1))
    weighing.put_in_force(new)
    new.refresh_from_db()
    assert new.effective_from == today()


class TestMissingScores:
    """A new criterion that nobody has scored would turn every page of the list into an error."""

    def with_new_criterion(self, on: date | None = None) -> MethodologyVersion:
        method = listed()
        Criterion.objects.create(methodology=method, slug="taste", name="Taste", description="How.", position=5)
        return version(method, "40", "50", "10", on=on)

    def test_it_is_refused_with_names(self) -> None:
        new = self.with_new_criterion()
        with pytest.raises(ValidationError) as caught:
            weighing.put_in_force(new)
        assert caught.value.messages == ["Score these first, their pages would fail: A (Taste), B (Taste)."]
        new.refresh_from_db()
        assert (new.frozen_at, in_force(new.methodology)) == (None, 1)

    def test_drafts_may_lack_it(self) -> None:
        new = self.with_new_criterion()
        for review in new.methodology.reviews.all():
            factories.score(review, "taste", "5.0")
        factories.review(factories.product("c"), scores=("1.0", "1.0", "1.0"), published=False).scores.filter(
            criterion__slug="taste"
        )._raw_delete("default")
        assert weighing.put_in_force(new) is True

    def test_a_frozen_version_asks_of_what_is_published_meanwhile(self) -> None:
        new = self.with_new_criterion(on=today() + DAY)
        for review in new.methodology.reviews.all():
            factories.score(review, "taste", "5.0")
        weighing.put_in_force(new)
        draft = factories.review(factories.product("c"), scores=("1.0", "1.0", "1.0"), published=False)
        draft.scores.filter(criterion__slug="taste")._raw_delete("default")
        with pytest.raises(GateRefused, match="Taste"):
            factories.workflow.publish(draft)

    def test_one_that_would_break_a_page_is_held_back(self, caplog: pytest.LogCaptureFixture) -> None:
        new = self.with_new_criterion(on=today() + DAY)
        for review in new.methodology.reviews.all():
            factories.score(review, "taste", "5.0")
        weighing.put_in_force(new)
        new.methodology.reviews.first().scores.filter(criterion__slug="taste")._raw_delete("default")
        with caplog.at_level(logging.ERROR):
            assert weighing.take_effect(today() + DAY) == []
        assert "can't take effect" in caplog.text
        assert in_force(new.methodology) == 1


class TestImpact:
    """The table that is taken before a version counts, and published with it."""

    def test_every_place_that_moves_and_by_how_much(self) -> None:
        (found,) = impact.of(version(listed(), "40", "60"))
        assert (found.slug, found.ranked, found.moving) == ("magnesium", 2, 2)
        assert [(row.slug, row.scores, row.places, row.by) for row in found.rows] == [
            ("b", (Decimal("7.2"), Decimal("7.8")), ("2", "1"), 1),
            ("a", (Decimal("7.4"), Decimal("6.6")), ("1", "2"), -1),
        ]

    def test_the_same_weights_in_another_size_move_nothing(self) -> None:
        (found,) = impact.of(version(listed(), "6", "4"))
        assert (found.rows, found.moving) == ((), 0)

    def test_a_score_that_changes_without_a_place(self) -> None:
        (found,) = impact.of(version(listed(), "70", "30"))
        assert [(row.slug, row.by) for row in found.rows] == [("a", 0), ("b", 0)]
        assert found.moving == 0

    def test_a_margin_that_makes_places_shared(self) -> None:
        new = version(listed(), "60", "40")
        MethodologyVersion._base_manager.filter(pk=new.pk).update(margin=Decimal("0.5"))
        new.refresh_from_db()
        (found,) = impact.of(new)
        assert [(row.slug, row.places, row.by) for row in found.rows] == [("a", ("1", "1="), 0), ("b", ("2", "1="), 1)]

    def test_what_a_gate_keeps_out_is_not_in_it(self) -> None:
        method = listed()
        factories.Product.objects.filter(slug="b").update(recalled_on=today(), recall_notice="Recalled.")
        (found,) = impact.of(version(method, "40", "60"))
        assert (found.ranked, [row.slug for row in found.rows]) == (1, ["a"])

    def test_an_open_version_with_a_gap_says_so(self) -> None:
        method = listed()
        Criterion.objects.create(methodology=method, slug="taste", name="Taste", description="How.", position=5)
        with pytest.raises(MissingScore, match="taste"):
            impact.of(version(method, "40", "50", "10"))

    def test_it_is_kept_with_the_version_and_says_who_earns(self) -> None:
        method = listed()
        factories.offer(factories.Product.objects.get(slug="b"))
        new = version(method, "40", "60")
        weighing.put_in_force(new)
        new.refresh_from_db()
        (table,) = new.impact
        assert (table["list"], table["ranked"], table["moving"]) == ("magnesium", 2, 2)
        names = ("product", "scores", "places", "by", "down", "earns")
        assert [tuple(row[name] for name in names) for row in table["rows"]] == [
            ("b", ["7.2", "7.8"], ["2", "1"], 1, 0, True),
            ("a", ["7.4", "6.6"], ["1", "2"], -1, 1, False),
        ]  # fmt: skip

    def test_money_is_no_input(self) -> None:
        method = listed()
        before = impact.of(version(method, "40", "60"))
        for slug in "ab":
            factories.offer(factories.Product.objects.get(slug=slug), price="99.00")
        assert impact.of(MethodologyVersion.objects.get(number=2)) == before
