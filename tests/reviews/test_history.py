from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.history import ScoreRecord, Step, steps
from reviews.scoring import InvalidScore, editorial_score

D = Decimal
START = datetime(2026, 1, 10, tzinfo=UTC)
WEIGHTS = {"dose": D(2), "label": D(1)}


def record(criterion: str, value: str, day: int, because: str = "", reason: str = "Read on the label.") -> ScoreRecord:
    return ScoreRecord(criterion, D(value), START + timedelta(days=day), reason, because)


def test_it_works() -> None:
    found = steps(
        [
            record("dose", "8.0", 0),
            record("label", "5.0", 0),
            record("label", "8.0", 30, "The maker printed a new label."),
        ],
        WEIGHTS,
    )
    assert found == (
        Step(START, D("7.0"), "First review"),
        Step(START + timedelta(days=30), D("8.0"), "The maker printed a new label."),
    )


def test_nothing_is_said_before_every_criterion_is_scored() -> None:
    assert steps([], WEIGHTS) == ()
    assert steps([record("dose", "8.0", 0)], WEIGHTS) == ()
    (first,) = steps([record("dose", "8.0", 0), record("label", "5.0", 3, "Late")], WEIGHTS)
    assert first == Step(START + timedelta(days=3), D("7.0"), "First review")


def test_an_equal_score_is_a_step_only_with_a_reason_for_the_change() -> None:
    start = [record("dose", "8.0", 0), record("label", "5.0", 0)]
    assert len(steps([*start, record("label", "5.0", 5)], WEIGHTS)) == 1
    kept = steps([*start, record("label", "5.1", 5, "Read again.")], WEIGHTS)
    assert [step.score for step in kept] == [D("7.0"), D("7.0")]
    assert kept[1].why == "Read again."


def test_a_change_without_a_reason_for_it_shows_the_reason_of_the_score() -> None:
    start = [record("dose", "8.0", 0), record("label", "5.0", 0)]
    found = steps([*start, record("label", "8.0", 5, " ", "All salts named.")], WEIGHTS)
    assert found[-1].why == "All salts named."


def test_reasons_of_one_moment_are_joined_once_each() -> None:
    start = [record("dose", "8.0", 0), record("label", "5.0", 0)]
    both = [record("dose", "7.0", 5, "New recipe."), record("label", "6.0", 5, "New label.")]
    assert steps(start + both, WEIGHTS)[-1].why == "New recipe; New label"
    same = [record("dose", "7.0", 5, "New recipe."), record("label", "6.0", 5, "New recipe.")]
    assert steps(start + same, WEIGHTS)[-1].why == "New recipe."


def test_the_order_given_decides_only_within_a_moment() -> None:
    records = [record("dose", "6.0", 9, "Weaker."), record("dose", "8.0", 0), record("label", "5.0", 0)]
    assert [step.score for step in steps(records, WEIGHTS)] == [D("7.0"), D("5.7")]
    corrected = [record("dose", "1.0", 0), record("dose", "8.0", 0), record("label", "5.0", 0)]
    assert [step.score for step in steps(corrected, WEIGHTS)] == [D("7.0")]


def test_a_criterion_that_is_not_weighted_makes_no_step() -> None:
    start = [record("dose", "8.0", 0), record("label", "5.0", 0)]
    assert steps([*start, record("old", "99", 4, "Old version.")], WEIGHTS) == steps(start, WEIGHTS)


def test_a_criterion_of_weight_zero_is_waited_for() -> None:
    weights = {**WEIGHTS, "idle": D(0)}
    start = [record("dose", "8.0", 0), record("label", "5.0", 0)]
    assert steps(start, weights) == ()
    assert len(steps([*start, record("idle", "1.0", 2)], weights)) == 1


def test_a_wrong_score_is_refused() -> None:
    with pytest.raises(InvalidScore):
        steps([record("dose", "11", 0), record("label", "5.0", 0)], WEIGHTS)


@given(
    st.lists(
        st.builds(
            record,
            st.sampled_from(["dose", "label", "old"]),
            st.integers(0, 100).map(lambda tenths: str(D(tenths) / 10)),
            st.integers(0, 6),
            st.sampled_from(["", "Because."]),
        )
    )
)
def test_each_step_is_the_score_of_its_moment(records: list[ScoreRecord]) -> None:
    found = steps(records, WEIGHTS)
    assert [step.on for step in found] == sorted({step.on for step in found})
    for step in found:
        known: dict[str, Decimal] = {}
        for given_ in sorted(records, key=lambda one: one.on):
            if given_.on <= step.on:
                known[given_.criterion] = given_.value
        assert step.score == editorial_score(known, WEIGHTS)
    for one, two in zip(found, found[1:], strict=False):
        assert one.score != two.score or two.why == "Because."
    both = {"dose", "label"} <= {given_.criterion for given_ in records}
    assert bool(found) == both
    if found:
        last = {given_.criterion: given_.value for given_ in sorted(records, key=lambda one: one.on)}
        assert found[-1].score == editorial_score(last, WEIGHTS)
