"""Drawings: where an interval, a dose, an order and a history stand in their boxes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampinfo.lib import charts

WORDS = {"value": "v", "unit": "u", "low_label": "fewer", "high_label": "more", "summary": "s"}


def test_it_works() -> None:
    drawn = charts.interval(D("-0.18"), D("-0.84"), D("0.49"), (D(-2), D(2)), D(0), WORDS)
    assert (drawn.effect, drawn.low, drawn.high, drawn.null) == (45.5, 29.0, 62.25, 50.0)
    assert [(tick.x, tick.label, tick.is_null) for tick in drawn.ticks] == [
        (0.0, "−2", False), (25.0, "−1", False), (50.0, "0", True), (75.0, "1", False), (100.0, "2", False),
    ]  # fmt: skip
    assert (drawn.value, drawn.unit, drawn.low_label, drawn.high_label, drawn.summary) == (
        "v",
        "u",
        "fewer",
        "more",
        "s",
    )


def test_an_axis_without_the_null_draws_none() -> None:
    assert charts.interval(D(3), D(2), D(4), (D(1), D(5)), D(0), WORDS).null is None


def test_what_lies_beyond_the_axis_ends_at_it() -> None:
    drawn = charts.interval(D(3), D(-9), D(9), (D(0), D(5)), D(0), WORDS)
    assert (drawn.low, drawn.high) == (0.0, 100.0)


@given(low=st.decimals(-1000, 1000, places=2), span=st.decimals("0.02", 2000, places=2))
def test_an_axis_has_few_ticks_and_all_inside(low: D, span: D) -> None:
    drawn = charts.interval(low, low, low, (low, low + span), D(0), WORDS)
    assert 1 <= len(drawn.ticks) <= 6
    assert all(0 <= tick.x <= 100 for tick in drawn.ticks)


@pytest.mark.parametrize(
    ("value", "text"),
    [("-0.180", "−0.18"), ("1.50", "1.5"), ("100", "100"), ("0.000", "0"), ("-0.0", "0"), ("-3", "−3")],
)
def test_a_number_as_it_is_printed(value: str, text: str) -> None:
    assert charts.signed(D(value)) == text


def test_a_dose_under_every_limit() -> None:
    drawn = charts.ruler(D(100), [("EU", D(250)), ("US", D(350))])
    assert (drawn.value, drawn.over_from, drawn.over_to) == (24.84, None, None)
    assert [(mark.x, mark.label) for mark in drawn.marks] == [(62.11, "EU 250"), (86.96, "US 350")]


def test_a_dose_at_the_limit_is_not_over_it() -> None:
    assert charts.ruler(D(250), [("EU", D(250))]).over_from is None


def test_a_dose_over_the_lowest_limit_is_hatched_from_there() -> None:
    drawn = charts.ruler(D(400), [("EU", D(250)), ("US", D(350))])
    assert (drawn.value, drawn.over_from, drawn.over_to) == (54.35, 54.35, 86.96)


def test_an_order_before_and_after_payment() -> None:
    before = [("a", "1", "Ada"), ("b", "2=", "Bea"), ("c", "2=", "Cal")]
    after = [("c", "1", "Cal"), ("a", "2", "Ada"), ("b", "3", "Bea")]
    drawn = charts.slope(before, after, {"c"})
    assert drawn.before == (("1", "Ada"), ("2=", "Bea"), ("2=", "Cal"))
    assert drawn.after == (("1", "Cal"), ("2", "Ada"), ("3", "Bea"))
    assert [(line.path, line.paid) for line in drawn.lines] == [
        ("M0 5C40 5 60 15 100 15", False), ("M0 15C40 15 60 25 100 25", False), ("M0 25C40 25 60 5 100 5", True),
    ]  # fmt: skip
    assert drawn.height == 30


def test_a_history_is_a_step_line_to_the_end() -> None:
    def on(day: int) -> datetime:
        return datetime(2026, 1, day, tzinfo=UTC)

    drawn = charts.history([(on(1), D("7.0"), "January"), (on(16), D("8.0"), "Later")], on(31), "s")
    assert [(point.x, point.label, point.date) for point in drawn.points] == [
        (0.0, "7.0", "January"),
        (50.0, "8.0", "Later"),
    ]
    assert drawn.path.startswith("M0.0 ")
    assert drawn.path.endswith("H100")
    assert [tick.label for tick in drawn.ticks] == ["6", "7", "8", "9"]


def test_a_history_of_one_moment_is_drawn_too() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert charts.history([(now, D("10.0"), "now")], now, "s").points[0].x == 0.0
