"""The time machine: a list at the end of a day of the site's zone, from the ledger alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.utils import timezone

from reviews import difference, past
from reviews.models import Ranking
from reviews.past import Moment, NoSuchDay
from tests.ledgers import DOSE, LABEL, START, Ledger, opened

LIST = cast(Ranking, SimpleNamespace(pk=1))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = {LABEL: "Label", DOSE: "Dose"}


def at(ledger: Ledger, day: str, now: datetime = NOW) -> Moment:
    return past.at(LIST, ledger.said, date.fromisoformat(day), now)


def order(moment: Moment) -> list[tuple[str, str, str]]:
    """Product, editorial score, shown place."""
    assert moment.rebuilt is not None
    return [(row.key, str(row.editorial_score), row.shown_label) for row in moment.rebuilt.rows]


def changes(ledger: Ledger, first: str, second: str) -> list[tuple[str, str]]:
    found = difference.between(at(ledger, first), at(ledger, second), ledger.said, NAMES)
    return [(one.about, one.what) for one in found]


def test_it_works() -> None:
    ledger = opened()
    assert order(at(ledger, "2026-01-10")) == [("p-1", "8.6", "1"), ("p-2", "7.0", "2"), ("p-3", "5.4", "3")]
    ledger.now = datetime(2026, 2, 1, 10, tzinfo=UTC)
    ledger.score(3, LABEL, "10", "A new label, read in February.")
    assert order(at(ledger, "2026-01-31"))[0][0] == "p-1"
    assert order(at(ledger, "2026-02-01")) == [("p-1", "8.6", "1"), ("p-3", "8.4", "2"), ("p-2", "7.0", "3")]


class TestDay:
    """What an address may ask for."""

    @pytest.mark.parametrize(
        "text", ["", "now", "2026-1-5", "20260105", "2026-01-05T00:00", "٢٠٢٦-٠١-٠٥", "2026-01-05 "]
    )
    def test_no_day_at_all(self, text: str) -> None:
        with pytest.raises(NoSuchDay, match="write it as year, month and day"):
            past.read_day(text, NOW)

    @pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "2026-00-10", "0000-01-01", "2025-02-29"])
    def test_no_day_of_the_calendar(self, text: str) -> None:
        with pytest.raises(NoSuchDay, match="calendar has no such day"):
            past.read_day(text, NOW)

    @pytest.mark.parametrize("text", ["2026-11-23", "2027-01-01", "9999-12-31"])
    def test_a_day_to_come(self, text: str) -> None:
        with pytest.raises(NoSuchDay, match="has not come yet"):
            past.read_day(text, NOW)

    def test_today_is_the_sites(self) -> None:
        """In London summer it is tomorrow already an hour before it is in UTC."""
        late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
        assert past.read_day("2026-07-02", late) == date(2026, 7, 2)
        with pytest.raises(NoSuchDay):
            past.read_day("2026-01-02", datetime(2026, 1, 1, 23, 30, tzinfo=UTC))

    @pytest.mark.parametrize("day", ["0001-01-01", "1970-01-01", "2026-01-09"])
    def test_before_the_list_was_there(self, day: str) -> None:
        with pytest.raises(NoSuchDay, match="speaks of it from 10 January 2026 on"):
            at(opened(), day)

    def test_a_ledger_that_says_nothing_of_it(self) -> None:
        with pytest.raises(NoSuchDay, match="does not speak of this list yet"):
            at(Ledger(), "2026-01-10")

    def test_a_list_that_begins_later_that_day_counts(self) -> None:
        ledger = opened()
        ledger.ranking(start=START + HOUR)
        assert at(ledger, "2026-01-10").is_shown
        ledger.ranking(start=None)
        assert not at(ledger, "2026-01-10").is_shown


class TestEndOfDay:
    """A day ends at midnight of the site's zone, whether it had 23, 24 or 25 hours."""

    DAYS = (
        ("2026-01-10", datetime(2026, 1, 11, tzinfo=UTC)),  # winter
        ("2026-07-01", datetime(2026, 7, 1, 23, tzinfo=UTC)),  # summer
        ("2026-03-28", datetime(2026, 3, 29, tzinfo=UTC)),  # the night before the clocks go forward
        ("2026-03-29", datetime(2026, 3, 29, 23, tzinfo=UTC)),  # 23 hours
        ("2026-10-24", datetime(2026, 10, 24, 23, tzinfo=UTC)),
        ("2026-10-25", datetime(2026, 10, 26, tzinfo=UTC)),  # 25 hours
    )

    @pytest.mark.parametrize(("day", "midnight"), DAYS)
    def test_it_works(self, day: str, midnight: datetime) -> None:
        end = past.end_of(date.fromisoformat(day), NOW)
        assert end == midnight - timedelta(microseconds=1)
        assert timezone.localdate(end) == date.fromisoformat(day)
        assert timezone.localdate(end + timedelta(microseconds=1)) == date.fromisoformat(day) + DAY

    @pytest.mark.parametrize(("day", "midnight"), DAYS)
    def test_an_entry_before_midnight_counts_and_one_at_midnight_does_not(self, day: str, midnight: datetime) -> None:
        for moment, first in ((midnight - timedelta(microseconds=1), "p-3"), (midnight, "p-1")):
            ledger = opened()
            ledger.now = moment
            for criterion in (LABEL, DOSE):
                ledger.score(3, criterion, "10")
            assert order(at(ledger, day))[0][0] == first

    def test_clocks_that_change_at_midnight(self) -> None:
        """In Beirut a day began with one o'clock; in São Paulo one had its last hour twice."""
        with timezone.override("Asia/Beirut"):
            assert past.end_of(date(2022, 3, 26), NOW) == datetime(2022, 3, 26, 21, 59, 59, 999_999, tzinfo=UTC)
        with timezone.override("America/Sao_Paulo"):
            assert past.end_of(date(2018, 2, 17), NOW) == datetime(2018, 2, 18, 2, 59, 59, 999_999, tzinfo=UTC)

    def test_today_ends_now(self) -> None:
        assert past.end_of(date(2026, 11, 22), NOW) == NOW


class TestPlacements:
    """Bookings count by their dates, whatever time of the day the entry was made."""

    def booked(self, start: datetime, end: datetime, **what: Any) -> Ledger:
        ledger = opened(influenced=True)
        ledger.placement(1, 3, start, end, **({"points": "0.4"} | what))
        ledger.placement(2, 2, START + 900 * DAY, START + 901 * DAY, points="0.1")
        return ledger

    def paid(self, ledger: Ledger, day: str) -> dict[str, str]:
        moment = at(ledger, day)
        assert moment.rebuilt is not None
        return {row.key: str(row.paid_points) for row in moment.rebuilt.rows if row.effects}

    def test_it_works(self) -> None:
        ledger = self.booked(START + DAY, START + 3 * DAY)
        assert [self.paid(ledger, f"2026-01-{day}") for day in (10, 11, 12, 13)] == [
            {},
            {"p-3": "0.4"},
            {"p-3": "0.4"},
            {},
        ]

    def test_within_one_day(self) -> None:
        """No end of a day shows it, and yet what changed tells it."""
        ledger = self.booked(START + DAY, START + DAY + HOUR)
        assert self.paid(ledger, "2026-01-11") == {}
        [(advertiser, what)] = changes(ledger, "2026-01-10", "2026-01-11")
        assert advertiser == "Seller 1"
        assert what == "paid for +0.4 points for Product 3 from 11 Jan 2026 until 11 Jan 2026"

    def test_today_shows_one_that_runs_now(self) -> None:
        ledger = self.booked(NOW - HOUR, NOW + HOUR)
        assert self.paid(ledger, "2026-11-22") == {"p-3": "0.4"}
        assert at(ledger, "2026-11-22", NOW + 2 * HOUR).bookings == []

    def test_one_that_ends_at_midnight_ran_until_the_days_last_moment(self) -> None:
        ledger = self.booked(START, datetime(2026, 1, 12, tzinfo=UTC))
        assert self.paid(ledger, "2026-01-11") == {"p-3": "0.4"}
        ledger = self.booked(START, datetime(2026, 1, 12, tzinfo=UTC) - timedelta(microseconds=1))
        assert self.paid(ledger, "2026-01-11") == {}

    def test_across_a_change_of_clocks(self) -> None:
        """Booked from noon to noon of London: the day is 23 hours long, and the booking ends on its date."""
        noon = [timezone.make_aware(datetime(2026, 3, day, 12)) for day in (28, 29)]  # noqa: DTZ001
        ledger = self.booked(*noon)
        assert noon[1].astimezone(UTC) - noon[0].astimezone(UTC) == 23 * HOUR
        assert [bool(self.paid(ledger, f"2026-03-{day}")) for day in (27, 28, 29)] == [False, True, False]

    def test_ended_early(self) -> None:
        ledger = self.booked(START, START + 9 * DAY)
        ledger.now = START + 2 * DAY
        ledger.placement(1, 3, START, START + 9 * DAY, points="0.4", ended=ledger.now)
        assert [bool(self.paid(ledger, f"2026-01-{day}")) for day in (10, 11, 12, 13)] == [True, True, False, False]
        assert ("Seller 1", "paid for +0.4 points for Product 3 from 10 Jan 2026 until 12 Jan 2026") in changes(
            ledger, "2026-01-11", "2026-01-12"
        )

    def test_ended_before_it_began_never_ran(self) -> None:
        ledger = self.booked(START + 3 * DAY, START + 9 * DAY, ended=START + DAY)
        assert changes(ledger, "2026-01-10", "2026-01-20") == []

    def test_the_offer_ended(self) -> None:
        ledger = self.booked(START, START + 9 * DAY, offer_ends=START + DAY)
        assert [bool(self.paid(ledger, f"2026-01-{day}")) for day in (10, 11)] == [True, False]

    def test_on_hold(self) -> None:
        ledger = self.booked(START, START + 9 * DAY)
        ledger.now = START + 2 * DAY
        ledger.placement(1, 3, START, START + 9 * DAY, points="0.4", on_hold=True)
        assert [len(at(ledger, f"2026-01-{day}").bookings) for day in (11, 12)] == [1, 0]
        assert len(changes(ledger, "2026-01-11", "2026-01-12")) == 1

    def test_two_on_one_row(self) -> None:
        ledger = self.booked(START, START + 9 * DAY)
        ledger.placement(3, 3, START + DAY, START + 2 * DAY, points="0.3")
        assert [self.paid(ledger, f"2026-01-{day}") for day in (10, 11, 12)] == [
            {"p-3": "0.4"}, {"p-3": "0.5"}, {"p-3": "0.4"},
        ]  # fmt: skip

    def test_a_band_is_told_and_moves_nothing(self) -> None:
        ledger = opened()
        ledger.placement(1, 3, START + DAY, START + 3 * DAY, sells="band")
        then = at(ledger, "2026-01-11")
        assert [booking.advertiser for booking in then.bookings] == ["Seller 1"]
        assert order(then) == order(at(ledger, "2026-01-10"))
        assert changes(ledger, "2026-01-10", "2026-01-11") == [
            ("Seller 1", "paid for an ad for Product 3 from 11 Jan 2026 until 13 Jan 2026")
        ]

    def test_a_recalled_product_is_not_advertised(self) -> None:
        ledger = opened()
        ledger.placement(1, 3, START, START + 9 * DAY, sells="band")
        ledger.now = START + DAY
        ledger.product(3, recalled="2026-01-11")
        assert [len(at(ledger, f"2026-01-{day}").bookings) for day in (10, 11)] == [1, 0]

    def test_another_lists_slot(self) -> None:
        ledger = opened(influenced=True)
        ledger.placement(1, 3, START, START + 9 * DAY, points="0.4", slot=2)
        assert at(ledger, "2026-01-11").bookings == []


class TestDifference:
    """What changed, in plain words."""

    def test_nothing(self) -> None:
        assert changes(opened(), "2026-01-10", "2026-05-01") == []

    def test_a_score_with_its_reason(self) -> None:
        ledger = opened()
        ledger.wait(days=1)
        ledger.score(3, LABEL, "9.5", "The new pack names the compound.")
        [row] = [
            one for one in difference.between(at(ledger, "2026-01-10"), at(ledger, "2026-01-11"), ledger.said, NAMES)
            if one.about == "Product 3"
        ]  # fmt: skip
        assert row.what == "editorial place 2, was 3; score 8.1, was 5.4"
        assert row.reasons == ("11 Jan 2026, Label: The new pack names the compound.",)
        assert ("Product 2", "editorial place 3, was 2") in changes(ledger, "2026-01-10", "2026-01-11")

    def test_weights(self) -> None:
        ledger = opened()
        ledger.wait(days=1)
        ledger.methodology({LABEL: "20", DOSE: "80"}, version=2, reason="Dose matters more.")
        found = difference.between(at(ledger, "2026-01-10"), at(ledger, "2026-01-11"), ledger.said, NAMES)
        assert (found[0].about, found[0].what) == (
            "Version 2 of the weights", "Label weighs 20, was 60; Dose weighs 80, was 40",
        )  # fmt: skip
        assert found[0].reasons == ("11 Jan 2026: Dose matters more.",)

    def test_margin_alone(self) -> None:
        ledger = opened()
        ledger.wait(days=1)
        ledger.methodology(version=2, margin="2")
        assert ("Version 2 of the weights", "margin or ties changed") in changes(ledger, "2026-01-10", "2026-01-11")

    def test_came_and_went(self) -> None:
        ledger = opened()
        ledger.wait(days=1)
        ledger.reviewed(4, "9", "9")
        ledger.listing(4)
        ledger.listing(2, listed=False)
        found = changes(ledger, "2026-01-10", "2026-01-11")
        assert ("Product 4", "came in at place 1 with 9.0") in found
        assert ("Product 2", "left the list") in found

    def test_a_gate(self) -> None:
        ledger = opened()
        ledger.wait(days=1)
        ledger.product(1, mg="300")
        assert ("Product 1", "is not recommended any more: a gate keeps it out") in changes(
            ledger, "2026-01-10", "2026-01-11"
        )

    def test_appeared_and_was_withdrawn(self) -> None:
        ledger = opened()
        ledger.wait(days=1)
        ledger.ranking(start=None)
        assert ("The list", "was withdrawn") in changes(ledger, "2026-01-10", "2026-01-11")
        ledger.wait(days=1)
        ledger.ranking(start=ledger.now)
        assert ("The list", "appeared") in changes(ledger, "2026-01-11", "2026-01-12")

    def test_a_changed_criterion_is_called_as_it_is_known(self) -> None:
        ledger = opened()
        ledger.wait(days=1)
        ledger.methodology({LABEL: "20", "gone": "80"}, version=2)
        assert "gone weighs 80, was –" in dict(changes(ledger, "2026-01-10", "2026-01-11"))["Version 2 of the weights"]


class TestTrueUntil:
    """A page knows when the clock makes it untrue."""

    def until(self, ledger: Ledger) -> datetime:
        return past.true_until([at(ledger, "2026-11-22")], NOW)

    def test_midnight(self) -> None:
        assert self.until(opened()) == datetime(2026, 11, 23, tzinfo=UTC)

    def test_a_placement_that_begins_or_ends_before(self) -> None:
        ledger = opened(influenced=True)
        ledger.placement(1, 3, NOW + 2 * HOUR, NOW + 5 * DAY, points="0.1")
        assert self.until(ledger) == NOW + 2 * HOUR
        ledger.placement(2, 2, NOW - DAY, NOW + HOUR, points="0.1")
        assert self.until(ledger) == NOW + HOUR

    def test_a_review_or_the_list_itself(self) -> None:
        ledger = opened()
        ledger.review(2, START, NOW + 3 * HOUR)
        assert self.until(ledger) == NOW + 3 * HOUR
        ledger.ranking(start=START, end=NOW + HOUR)
        assert self.until(ledger) == NOW + HOUR
