"""Planning: the week, the month and the board, for each role what it may read, in a bounded number of questions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article
from crampinfo.editorial.models import State
from crampinfo.editorial.roles import Role
from crampinfo.site.planning import views
from tests import factories
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db
HOURS, DAYS = timedelta(hours=1), timedelta(days=1)


def context(role: Role = Role.PUBLISHER, month: str = "") -> dict[str, Any]:
    answer = signed_in(role).get("/admin/planning/", {"month": month} if month else {})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.context
    return found


def week(role: Role = Role.PUBLISHER) -> list[tuple[str, str]]:
    return [(event.title, event.what) for _day, events in context(role)["week"] for event in events]


def board() -> dict[str, list[tuple[str, bool]]]:
    return {str(column.title): [(text.title, change) for text, change in column.cards] for column in context()["board"]}


def scheduled(slug: str, after: timedelta) -> Article:
    made: Article = factories.article(slug, published=False, title=slug.capitalize())
    factories.publish(made, at=timezone.now() + after)
    return made


def test_it_works() -> None:
    scheduled("soon", 2 * DAYS)
    found = context()
    assert [(event.title, event.what) for _day, events in found["week"] for event in events] == [("Soon", "goes live")]
    assert [text.title for text, _change in found["board"][3].cards] == ["Soon"]


class TestWeek:
    def test_what_happens_by_itself_in_its_order(self) -> None:
        now = timezone.now()
        scheduled("later", 6 * DAYS)
        scheduled("soon", 1 * HOURS)
        ending = factories.article("ending", title="Ending")
        Article._base_manager.filter(pk=ending.pk).update(retire_at=now + 3 * DAYS)
        product = factories.product("magno")
        factories.placement(product, factories.slot(), starts_at=now - DAYS, ends_at=now + 2 * DAYS)
        assert week() == [
            ("Soon", "goes live"), ("Acme Ltd: Magno", "ends"), ("Ending", "disappears"), ("Later", "goes live"),
        ]  # fmt: skip

    def test_what_is_past_or_further_off_is_not_in_it(self) -> None:
        factories.article("old")
        scheduled("far", 8 * DAYS)
        assert week() == []

    def test_a_review_is_due_again_after_a_year(self) -> None:
        review = factories.review(factories.product("magno"))
        type(review)._base_manager.filter(pk=review.pk).update(content_changed_at=timezone.now() - 363 * DAYS)
        assert week() == [("Magno", "is due for review again")]

    def test_a_placement_that_waits_for_approval_happens_not_by_itself(self) -> None:
        slot, product = factories.slot(), factories.product("magno")
        factories.placement(product, slot, approved_at=None, approved_by="", ends_at=timezone.now() + DAYS)
        assert week() == []


@pytest.mark.parametrize("role", Role)
def test_who_scores_sees_no_booking(role: Role) -> None:
    factories.placement(factories.product("magno"), factories.slot(), ends_at=timezone.now() + DAYS)
    sees = role in (Role.EDITOR, Role.PUBLISHER, Role.COMPLIANCE, Role.AFFILIATE_MANAGER)
    assert bool(week(role)) is sees


def test_who_may_read_nothing_is_refused() -> None:
    client = Client()
    client.force_login(account(name="nobody"))
    assert client.get("/admin/planning/").status_code == 403
    assert Client().get("/admin/planning/").status_code == 302


class TestBoard:
    def test_each_state_has_its_column(self) -> None:
        for state in (State.DRAFT, State.IN_REVIEW, State.APPROVED):
            made = factories.article(f"a-{state}", published=False, title=f"{state}")
            made.state = state
            made.save()
        factories.article("live")
        assert board() == {
            "Draft": [("draft", False)],
            "In review": [("in_review", False)],
            "Approved": [("approved", False)],
            "Scheduled": [],
        }

    def test_the_longest_waiting_comes_first_and_a_full_column_counts_on(self) -> None:
        now = timezone.now()
        for number in range(32):
            made = factories.question(f"q-{number}", published=False, title=f"Question {number}")
            type(made)._base_manager.filter(pk=made.pk).update(saved_at=now - number * HOURS)
        column = context()["board"][0]
        assert (column.number, len(column.cards), column.more) == (32, 30, 2)
        assert column.cards[0][0].title == "Question 31"


class TestMonth:
    def days(self, month: str) -> list[views.Day]:
        return [day for row in context(month=month)["weeks"] for day in row]

    @pytest.mark.parametrize(("month", "first", "last"), [
        ("2026-02", date(2026, 1, 26), date(2026, 3, 1)), ("2024-02", date(2024, 1, 29), date(2024, 3, 3)),
        ("2026-06", date(2026, 6, 1), date(2026, 7, 5)), ("2026-12", date(2026, 11, 30), date(2027, 1, 3)),
    ])  # fmt: skip
    def test_whole_weeks_from_monday(self, month: str, first: date, last: date) -> None:
        days = self.days(month)
        assert (days[0].date, days[-1].date, len(days) % 7) == (first, last, 0)
        assert {day.date.month for day in days if day.inside} == {int(month[-2:])}

    @pytest.mark.parametrize("rubbish", ["2026-13", "november", "0001-01", "9999-12", "2026-1-1", "-"])
    def test_rubbish_is_this_month(self, rubbish: str) -> None:
        assert context(month=rubbish)["first"] == timezone.localdate().replace(day=1)

    def test_a_day_is_a_day_of_the_sites_zone(self, settings: Any) -> None:
        """Half past eleven at night in London is the next day in Madrid, and the night the clocks change too."""
        with time_machine.travel(datetime(2026, 10, 20, tzinfo=UTC), tick=False):
            scheduled("clocks", datetime(2026, 10, 24, 22, 30, tzinfo=UTC) - timezone.now())
            days = {"Europe/London": 24, "Europe/Madrid": 25}
            client = signed_in(Role.PUBLISHER)
            for zone, number in days.items():
                with timezone.override(ZoneInfo(zone)):
                    weeks = client.get("/admin/planning/", {"month": "2026-10"}).context["weeks"]
                found = [day.date for row in weeks for day in row if day.events]
                assert found == [date(2026, 10, number)]


def test_the_questions_do_not_grow() -> None:
    client = signed_in(Role.PUBLISHER)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/admin/planning/").status_code == 200
        return len(captured)

    factories.article("one", published=False)
    before = asked()
    for number in range(12):
        scheduled(f"s-{number}", number * HOURS + HOURS)
        factories.question(f"q-{number}", published=False)
        factories.placement(factories.product(f"p-{number}"), factories.slot(slug=f"slot-{number}"))
    assert asked() == before <= 15
