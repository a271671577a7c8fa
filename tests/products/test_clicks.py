"""Counting: one row of (offer, page, slot, day), and nothing about who clicked."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from products import clicks
from products.clicks import Source
from products.models import ClickCount, Offer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer() -> Offer:
    return factories.offer(factories.product())


@pytest.fixture
def embedded(settings: Any) -> None:
    """Without Redis."""
    settings.REDIS_URL = ""


def counts() -> list[tuple[str, str, int]]:
    clicks.flush()
    return list(ClickCount.objects.order_by("page", "slot").values_list("page", "slot", "count"))


def test_it_works(offer: Offer) -> None:
    for source in (
        Source("list-a", "row"),
        Source("list-a", "row"),
        Source("list-a", "band"),
        Source("review-b", "row"),
    ):
        clicks.count(offer.pk, source)
    assert counts() == [("list-a", "band", 1), ("list-a", "row", 2), ("review-b", "row", 1)]
    assert set(ClickCount.objects.values_list("day", flat=True)) == {timezone.localdate()}


def test_a_row_knows_nothing_of_the_visitor() -> None:
    assert {field.column for field in ClickCount._meta.get_fields()} == {
        "id",
        "offer_id",
        "page",
        "slot",
        "day",
        "count",
    }


def test_another_day_is_another_row(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    clicks.count(offer.pk, Source("list-a", "row"))
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda: tomorrow)
    clicks.count(offer.pk, Source("list-a", "row"))
    clicks.flush()
    assert [row.count for row in ClickCount.objects.all()] == [1, 1]


@pytest.mark.usefixtures("embedded")
def test_it_is_one_statement(offer: Offer, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3) as asked:  # it stands between a savepoint and its release
        clicks.count(offer.pk, Source("list-a", "row"))
    assert [query["sql"].split(" ")[0] for query in asked.captured_queries] == ["SAVEPOINT", "INSERT", "RELEASE"]


@pytest.mark.usefixtures("embedded")
def test_a_database_that_cannot_count_is_logged(
    offer: Offer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(connection, "cursor", fail)
    clicks.count(offer.pk, Source("list-a", "row"))
    monkeypatch.undo()
    assert "A click could not be counted." in caplog.text
    assert counts() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="threads share no database in memory")
def test_clicks_at_one_moment_are_all_counted() -> None:
    offer = factories.offer(factories.product())
    start = threading.Barrier(8)

    def click() -> None:
        start.wait()
        for _ in range(5):
            clicks.count(offer.pk, Source("list-a", "row"))
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts() == [("list-a", "row", 40)]


class TestSource:
    @pytest.mark.parametrize(
        "source",
        [
            Source("list-magnesium", "row"),
            Source("home", "band"),
            Source("article-qué-más_1", "body"),
            Source("review-" + "a" * 80, "button-top"),
        ],
    )
    def test_what_is_written_is_read(self, source: Source) -> None:
        assert clicks.parse(str(source)) == source

    def test_it_is_the_same_for_everybody(self) -> None:
        assert str(Source("list-a", "row")) == str(Source("list-a", "row"))

    def test_a_page_that_was_never_written_is_none(self) -> None:
        mark = str(Source("list-a", "row")).rpartition("~")[2]
        assert clicks.parse(f"list-b.row~{mark}") is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "list-a",
            "list-a.row",
            "list-a.row~",
            "list-a.row~abcdefgh",
            "List-a.row~abcdefgh",
            "a" * 5000,
            "list-a.row~abcdefgh\n",
            "../x.row~abcdefgh",
            "%00",
        ],
    )
    def test_rubbish_is_none(self, text: str) -> None:
        assert clicks.parse(text) is None

    def test_another_key_makes_other_marks(self, settings: Any) -> None:
        text = str(Source("list-other", "row"))
        settings.SECRET_KEY = "another"
        clicks._mark.cache_clear()
        try:
            assert clicks.parse(text) is None
        finally:
            clicks._mark.cache_clear()

    def test_it_fits_its_columns(self) -> None:
        longest = Source("question-" + "a" * 80, "s" * 30)
        assert clicks.parse(str(longest)) == longest
        assert len(longest.page) <= ClickCount._meta.get_field("page").max_length
        assert len(longest.slot) <= ClickCount._meta.get_field("slot").max_length


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


class TestCrawlers:
    @pytest.mark.parametrize(
        "agent",
        [
            "",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; bingbot/2.0)",
            "curl/8.5.0",
            "python-requests/2.31",
            "facebookexternalhit/1.1",
        ],
    )
    def test_are_known(self, agent: str) -> None:
        assert clicks.is_crawler(agent)

    @pytest.mark.parametrize(
        "agent",
        [
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/126.0.0.0 Safari/537.36",
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
        ],
    )
    def test_are_not_people(self, agent: str) -> None:
        assert not clicks.is_crawler(agent)
