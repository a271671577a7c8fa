"""Clicks counted in Redis: carried into the database once, whoever dies and whatever is away meanwhile."""

from __future__ import annotations

import os
import re
from datetime import date, timedelta
from typing import Any

import psycopg2
import pytest
from django.conf import settings as site
from django.db import DatabaseError, OperationalError, connection
from django.test import Client
from django.utils import timezone
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisLate

from bench import clicks as bench
from products import clicks, exits, redisclient, tallies
from products.clicks import Source
from products.models import ClickBatch, ClickCount, DoubtfulClick, Offer
from products.tallies import Place
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not site.REDIS_URL, reason="needs a Redis server")]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
ROW = Source("list-a", "row-3")


@pytest.fixture
def offer() -> Offer:
    return factories.offer(factories.product())


@pytest.fixture
def reader() -> Client:
    return Client(headers={"user-agent": FIREFOX})


def ask_again() -> None:
    """End the pause after a failure."""
    redisclient._failed_at = float("-inf")


def stored() -> list[tuple[str, int]]:
    return list(ClickCount.objects.order_by("slot").values_list("slot", "count"))


def test_it_works(offer: Offer) -> None:
    for _ in range(3):
        clicks.count(offer.pk, ROW)
    assert stored() == []
    assert clicks.flush() == 3
    assert stored() == [("row-3", 3)]
    assert clicks.flush() == 0


def test_numbers_add_up_over_flushes(offer: Offer) -> None:
    clicks.count(offer.pk, ROW)
    clicks.flush()
    clicks.count(offer.pk, ROW)
    clicks.count(offer.pk, Source("list-a", "band"))
    assert clicks.flush() == 2
    assert stored() == [("band", 1), ("row-3", 2)]


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place(12, "article-qué-más_1", "row-3", date(2026, 11, 22))
    assert Place.read(place.field()) == place


def test_a_worker_that_dies_before_the_database_has_it(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    clicks.count(offer.pk, ROW)

    def die(*args: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(tallies, "upsert", die)
    with pytest.raises(OperationalError):
        clicks.flush()
    monkeypatch.undo()
    clicks.count(offer.pk, ROW)  # a reader leaves meanwhile
    assert clicks.flush() == 2
    assert stored() == [("row-3", 2)]


def test_a_worker_that_dies_after_the_database_has_it(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    clicks.count(offer.pk, ROW)
    monkeypatch.setattr(tallies, "_DROP", "return 0")
    assert clicks.flush() == 1
    monkeypatch.undo()
    assert stored() == [("row-3", 1)]
    assert clicks.flush() == 0
    assert stored() == [("row-3", 1)]


def test_a_slow_worker_drops_nothing_of_the_next_batch(offer: Offer) -> None:
    clicks.count(offer.pk, ROW)
    server = redisclient.client()
    assert server is not None
    batch, name = redisclient.key("clicks:batch"), redisclient.key("clicks:name")
    server.eval(tallies._TAKE, 3, redisclient.key("clicks:open"), batch, name, "mine")
    assert server.eval(tallies._DROP, 2, batch, name, "another") == 0
    assert clicks.flush() == 1


def test_an_offer_that_is_gone_takes_its_clicks_along(offer: Offer) -> None:
    clicks.count(offer.pk, ROW)
    clicks.count(offer.pk + 1000, ROW)
    assert clicks.flush() == 1
    assert stored() == [("row-3", 1)]


def test_names_of_old_batches_are_forgotten(offer: Offer) -> None:
    ClickBatch.objects.create(name="old")
    ClickBatch.objects.update(carried_at=timezone.now() - timedelta(days=31))
    clicks.count(offer.pk, ROW)
    clicks.flush()
    assert ClickBatch.objects.count() == 1


def test_what_is_kept_there_says_nothing_of_a_reader(offer: Offer, reader: Client) -> None:
    reader.get(f"/go/{offer.pk}/{ROW}/?email=a@b.example", REMOTE_ADDR="203.0.113.9", HTTP_REFERER="https://x.example/")
    server = redisclient.client()
    assert server is not None
    kept = server.hgetall(redisclient.key("clicks:open"))
    assert kept == {f"{offer.pk}|{timezone.localdate()}|list-a|row-3": "1"}
    names = sorted(server.scan_iter(match=redisclient.key("*")))
    known = r":(clicks:open|clicks:once:[0-9a-f]{32}|exits:\d+|exits:changes)$"
    assert [name for name in names if not re.search(known, name)] == []


class TestRedisAway:
    @pytest.fixture(autouse=True)
    def _away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: Any, **kwargs: Any) -> None:
            raise RedisAway("refused")

        monkeypatch.setattr(Redis, "execute_command", fail)

    def test_the_database_counts(self, offer: Offer, reader: Client) -> None:
        assert reader.get(f"/go/{offer.pk}/{ROW}/").status_code == 302
        assert stored() == [("row-3", 1)]

    def test_it_is_left_alone_for_a_while(self, offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
        ask_again()
        clicks.count(offer.pk, ROW)
        asked: list[int] = []
        monkeypatch.setattr(Redis, "execute_command", lambda *args, **kwargs: asked.append(1))
        clicks.count(offer.pk, ROW)
        assert asked == []
        assert stored() == [("row-3", 1)], "the second one: the first waits as doubtful"

    def test_doubtful_clicks_wait_for_it(self, offer: Offer) -> None:
        ask_again()
        clicks.count(offer.pk, ROW)
        assert clicks.flush() == 0
        assert DoubtfulClick.objects.count() == 1


def test_a_click_whose_answer_was_lost_is_counted_once(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis counts it, and the reader's process never hears of it: neither lost nor doubled."""
    execute = Redis.execute_command

    def late(server: Any, *args: Any, **kwargs: Any) -> Any:
        execute(server, *args, **kwargs)
        raise RedisLate("no answer in time")

    clicks.count(offer.pk, ROW)  # the server knows the script by now
    monkeypatch.setattr(Redis, "execute_command", late)
    clicks.count(offer.pk, ROW)
    monkeypatch.undo()
    ask_again()
    assert DoubtfulClick.objects.count() == 1
    assert clicks.flush() == 2
    assert (stored(), DoubtfulClick.objects.count()) == ([("row-3", 2)], 0)


class TestRemembered:
    """0 queries while Redis is warm, and never an old shop."""

    def go(self, reader: Client, offer: Offer) -> Any:
        return reader.get(f"/go/{offer.pk}/{ROW}/")

    def test_a_warm_redirect_asks_the_database_nothing(
        self, offer: Offer, reader: Client, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(1):
            first = self.go(reader, offer)
        with django_assert_num_queries(0):
            assert self.go(reader, offer)["Location"] == first["Location"] == offer.url

    def test_a_change_is_seen_at_once(self, offer: Offer, reader: Client) -> None:
        self.go(reader, offer)
        offer.url = "https://northshop.example/new"
        offer.save()
        assert self.go(reader, offer)["Location"] == offer.url
        offer.programme.partner_parameter, offer.programme.partner_code = "ref", "us"
        offer.programme.save()
        assert self.go(reader, offer)["Location"] == f"{offer.url}?ref=us"
        offer.is_paused = True
        offer.save()
        assert self.go(reader, offer).status_code == 410

    def test_what_is_written_past_the_models_is_seen_within_a_minute(self, offer: Offer, reader: Client) -> None:
        self.go(reader, offer)
        way, _offer = exits.find(offer.pk)
        assert way is not None
        assert way.believed_until <= timezone.now().timestamp() + 60

    def test_an_end_bounds_it(self, offer: Offer) -> None:
        offer.ends_at = timezone.now() + timedelta(seconds=20)
        offer.save()
        way, _offer = exits.find(offer.pk)
        assert way is not None
        assert way.believed_until == way.ends_at == offer.ends_at.timestamp()

    def test_readers_still_leave_while_the_database_is_away(
        self, offer: Offer, reader: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.go(reader, offer)
        exits.changed()

        def away(**values: Any) -> None:
            raise DatabaseError("away")

        monkeypatch.setattr(exits._stored, "rows", away)
        assert self.go(reader, offer).status_code == 302
        monkeypatch.undo()
        assert clicks.flush() == 2

    def test_not_to_what_has_ended_meanwhile(self, offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
        offer.ends_at = timezone.now() + timedelta(seconds=20)
        offer.save()
        exits.find(offer.pk)
        later = timezone.now() + timedelta(seconds=21)
        monkeypatch.setattr(timezone, "now", lambda: later)

        def away(**values: Any) -> None:
            raise DatabaseError("away")

        monkeypatch.setattr(exits._stored, "rows", away)
        with pytest.raises(DatabaseError):
            exits.find(offer.pk)


class Away:
    """A database that goes away and comes back as its server would, for a test that may not stop the server."""

    def __init__(self, server: str, name: str) -> None:
        self.server, self.name = server, name

    def stop(self) -> None:
        """Nobody gets in, and who is in is put out."""
        self._say(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS false')
        self._say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'")

    def start(self) -> None:
        """Everybody gets in again."""
        self._say(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS true')

    def _say(self, sql: str) -> None:
        link = psycopg2.connect(self.server)
        link.autocommit = True  # ALTER DATABASE stands outside transactions
        try:
            with link.cursor() as cursor:
                cursor.execute(sql)
        finally:
            link.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_eight_processes_lose_nothing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of them are killed after their last answer, the worker again and again, and the database goes away twice."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": ""}}  # as in the processes
    redisclient.forget_everything()
    offers = [factories.offer(factories.product(f"p-{number}")) for number in range(4)]
    paths = [f"/go/{offer.pk}/{Source('list-a', 'row')}/" for offer in offers]
    database = connection.settings_dict
    at = f"{database['HOST']}:{database['PORT'] or 5432}"
    login = ":".join(filter(None, (database["USER"], database["PASSWORD"])))
    for name, value in {
        "DATABASE_URL": f"postgres://{login}@{at}/{database['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "crampinfo.settings",
        "ALLOWED_HOSTS": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    connection.close()
    answered = bench.storm(paths, 20_000, Away(f"postgres://{login}@{at}/postgres", database["NAME"]))
    assert answered == 20_000
    clicks.flush()
    assert sum(ClickCount.objects.values_list("count", flat=True)) == answered
    assert "KEY_PREFIX" not in os.environ
