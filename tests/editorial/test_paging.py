"""Keyset paging: every row once, in order, whatever is added meanwhile; a forged cursor is a 404."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import Http404, QueryDict
from django.utils import timezone

from articles.models import Question
from crampinfo.editorial import paging, workflow
from tests import factories

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)


def rows(count: int, at: datetime | None = None) -> list[Question]:
    """Questions a day apart, or all at one moment; newest first."""
    made = []
    for number in range(count):
        item = factories.question(f"q{number}", published=False, references=1)
        workflow.publish(item, at=at or START + timedelta(days=number))
        made.append(item)
    return made[::-1]


def page(query: str = "", size: int = 3) -> paging.Slice:
    return paging.newest_first(Question.objects.published(), QueryDict(query), size)


def slugs(part: paging.Slice) -> list[str]:
    return [row.slug for row in part.rows]


def test_it_works() -> None:
    rows(7)
    first = page()
    second = page(first.older)
    third = page(second.older)
    assert [slugs(part) for part in (first, second, third)] == [["q6", "q5", "q4"], ["q3", "q2", "q1"], ["q0"]]
    assert (first.newer, third.older) == ("", "")
    assert (first.is_first, second.is_first) == (True, False)


def test_the_way_back_shows_the_same_pages() -> None:
    rows(7)
    third = page(page(page().older).older)
    second = page(third.newer)
    first = page(second.newer)
    assert [slugs(part) for part in (second, first)] == [["q3", "q2", "q1"], ["q6", "q5", "q4"]]
    assert (first.is_first, first.newer) == (True, "")
    assert slugs(page(first.older)) == ["q3", "q2", "q1"]


def test_rows_of_one_moment_are_told_apart() -> None:
    rows(5, at=START)
    first = page(size=2)
    second = page(first.older, size=2)
    assert [slugs(first), slugs(second), slugs(page(second.older, size=2))] == [["q4", "q3"], ["q2", "q1"], ["q0"]]


def test_a_row_that_appears_meanwhile_moves_nothing() -> None:
    rows(4)
    older = page(size=2).older
    workflow.publish(factories.question("new", published=False, references=1), at=timezone.now())
    assert slugs(page(older, size=2)) == ["q1", "q0"]


def test_a_full_last_page_leads_nowhere() -> None:
    rows(3)
    assert page().older == ""


def test_an_empty_list_is_one_page() -> None:
    assert (page().rows, page().older, page().newer) == ([], "", "")


def test_before_the_newest_there_is_nothing() -> None:
    newest = rows(2)[0]
    part = page(f"before={paging.cursor(newest)}")
    assert (part.rows, part.is_first, part.older) == ([], True, "")


def test_addresses_are_relative() -> None:
    rows(5)
    second = page(page().older)
    assert page().older_address == f"?{page().older}"
    assert second.newer_address.startswith("?before=")
    assert second.older_address == ""


def test_a_page_is_one_query(django_assert_num_queries: Any) -> None:
    rows(5)
    older = page().older
    with django_assert_num_queries(1):
        page(older)


def code(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize("name", ["after", "before"])
@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "%FF", "é", "AAAA", "=" * 9, code("no"), code("yesterday|1"), code("2026-01-01T00:00:00+00:00")),
        code("2026-01-01T00:00:00|1"),
        code("2026-01-01T00:00:00+00:00|one"),
        code("2026-01-01T00:00:00+00:00|-1"),
        code(f"2026-01-01T00:00:00+00:00|{2**63}"),
        code(f"2026-01-01T00:00:00+00:00|{'9' * 5000}"),
        code("0001-01-01T00:00:00+14:00|1"),
        code("9999-12-31T23:59:59-14:00|1"),
    ],
)
def test_a_cursor_that_is_none_of_ours(name: str, cursor: str) -> None:
    with pytest.raises(Http404, match="This page number is not one of ours"):
        page(f"{name}={cursor}")
