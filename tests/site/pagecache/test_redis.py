"""Redis shares pages and rings the bell; hanging, full, restarted or full of nonsense, it costs a rendering at most."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import ResponseError

from crampinfo.site.pagecache import PageCache, news, redisstore
from tests.site.pagecache.reading import Reader, Site, Still

pytestmark = pytest.mark.django_db


class Kept:
    """What of Redis the store uses, in a dictionary; trouble is raised by every question."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}
        self.trouble: Exception | None = None
        self.asked = 0

    def get(self, name: str) -> bytes | None:
        self._ask()
        return self.data.get(name)

    def set(self, name: str, value: Any, nx: bool = False, px: int = 0, ex: int = 0) -> bool | None:
        self._ask()
        if nx and name in self.data:
            return None
        self.data[name] = value if isinstance(value, bytes) else str(value).encode()
        return True

    def delete(self, name: str) -> None:
        self._ask()
        self.data.pop(name, None)

    def flushall(self) -> None:
        self.data.clear()

    def named(self, kind: str) -> list[str]:
        return [name for name in self.data if f":{kind}:" in name]

    def _ask(self) -> None:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble


class Real:
    """The Redis of REDIS_URL, in the same words; only keys of this run."""

    def __init__(self, url: str, prefix: str) -> None:
        self.redis, self.prefix = Redis.from_url(url), prefix
        self.get, self.set, self.delete = self.redis.get, self.redis.set, self.redis.delete

    def flushall(self) -> None:
        for name in self.redis.keys(f"{self.prefix}:*"):
            self.redis.delete(name)

    def named(self, kind: str) -> list[str]:
        return [name.decode() for name in self.redis.keys(f"{self.prefix}:*:{kind}:*")]


@pytest.fixture(params=["in words", *(["real"] if os.environ.get("REDIS_URL") else [])])
def store(request: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    settings.REDIS_URL = os.environ.get("REDIS_URL") or "redis://redis.example/0"
    settings.PAGE_CACHE_PREFIX = f"test-{os.getpid()}"
    kept = Kept() if request.param == "in words" else Real(settings.REDIS_URL, settings.PAGE_CACHE_PREFIX)
    monkeypatch.setattr(redisstore, "_client", lambda url: kept)
    monkeypatch.setattr(redisstore, "_breaker", redisstore._Breaker())
    yield kept
    kept.flushall()


@pytest.fixture
def other(store: Any, clock: Still) -> tuple[Site, Reader]:
    """Another process."""
    site = Site()
    return site, Reader(PageCache(site, clock))


def test_it_works(store: Any, reader: Reader, other: tuple[Site, Reader]) -> None:
    body = reader.get().body
    assert other[1].get().body == body
    assert other[0].asked == []


def test_a_change_is_heard_within_a_tenth_of_a_second(
    store: Any, reader: Reader, site: Site, clock: Still, other: tuple[Site, Reader]
) -> None:
    site.shows = other[0].shows = ("articles.article:1",)
    reader.get()
    other[1].get()
    clock.pass_by(1.01)
    other[1].get()
    site.body = other[0].body = b"<p>two</p>"
    news.publish(["articles.article:1"])
    clock.pass_by(0.11)
    assert other[1].get().body == b"<p>two</p>"
    assert reader.get().body == b"<p>two</p>"
    assert len(site.asked) + len(other[0].asked) == 2  # made once before, and once after


def test_a_page_made_before_a_change_is_not_taken_after_it(
    store: Any, reader: Reader, site: Site, clock: Still, other: tuple[Site, Reader]
) -> None:
    site.shows = ("articles.article:1",)
    reader.get()
    news.publish(["articles.article:1"])
    other[0].body = b"<p>two</p>"
    clock.pass_by(0.2)
    assert other[1].get().body == b"<p>two</p>"


@pytest.mark.parametrize("trouble", [RedisGone("gone"), ResponseError("OOM command not allowed"), OSError("reset")])
def test_trouble_costs_a_rendering_at_most(
    store: Any, reader: Reader, site: Site, clock: Still, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept()
    kept.trouble = trouble
    monkeypatch.setattr(redisstore, "_client", lambda url: kept)
    assert reader.get().body == site.body
    assert reader.get().body == site.body
    assert len(site.asked) == 1
    assert kept.asked == 1  # then it is left alone for a while
    site.body = b"<p>two</p>"
    news.publish(["*"])
    clock.pass_by(1.01)
    assert reader.get().body == b"<p>two</p>"  # heard from the database


def test_a_redis_that_hangs_holds_nobody_up(
    settings: Any, reader: Reader, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        monkeypatch.setattr(redisstore, "TIMEOUT", 0.05)
        monkeypatch.setattr(redisstore, "_breaker", redisstore._Breaker())
        redisstore._client.cache_clear()
        assert reader.get().body == site.body
        assert redisstore._breaker.until > 0
        redisstore._client.cache_clear()


def test_a_restarted_redis_has_forgotten_and_nothing_is_wrong(
    store: Any, reader: Reader, site: Site, clock: Still
) -> None:
    reader.get()
    store.flushall()
    site.body = b"<p>two</p>"
    news.publish(["*"])
    store.flushall()
    clock.pass_by(1.01)
    assert reader.get().body == b"<p>two</p>"


@pytest.mark.parametrize("nonsense", [b"", b"x", b"CIP1" + b"0" * 99, b"CIP2" + b"0" * 99, b"\x80\x04pickle", b"CIP2"])
def test_a_corrupt_entry_is_rendered_again(
    store: Any, reader: Reader, other: tuple[Site, Reader], nonsense: bytes
) -> None:
    reader.get()
    (name,) = store.named("page")
    store.set(name, nonsense)
    assert other[1].get().body == other[0].body
    assert len(other[0].asked) == 1


def test_an_entry_cut_short_is_rendered_again(store: Any, reader: Reader, other: tuple[Site, Reader]) -> None:
    reader.get()
    (name,) = store.named("page")
    store.set(name, store.get(name)[:-9])
    other[1].get()
    assert len(other[0].asked) == 1


def test_another_pages_entry_is_never_taken(store: Any, reader: Reader, other: tuple[Site, Reader]) -> None:
    reader.get("/guides/")
    (name,) = store.named("page")
    store.set(redisstore._named("page", "/reviews/"), store.get(name))
    other[0].body = b"<p>reviews</p>"
    assert other[1].get("/reviews/").body == b"<p>reviews</p>"


def test_another_releases_entries_are_not_seen(
    store: Any, reader: Reader, other: tuple[Site, Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.get()
    monkeypatch.setattr(redisstore, "release", lambda: "the next one")
    other[1].get()
    assert len(other[0].asked) == 1


def test_one_of_two_processes_renders(store: Any, reader: Reader, site: Site, clock: Still, other: Any) -> None:
    before = reader.get().body
    other[1].get()
    clock.pass_by(301)
    site.before = lambda: asked.append(other[1].get().body)
    asked: list[bytes] = []
    reader.get()
    assert asked == [before]  # the other process gives the page before it meanwhile
    assert other[0].asked == []


def test_a_worker_killed_while_rendering_holds_nobody_up(
    store: Any, reader: Reader, site: Site, clock: Still, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert redisstore.lock("/guides/")
    monkeypatch.setattr("crampinfo.site.pagecache.application.time.sleep", clock.pass_by)
    assert reader.get().body == site.body
    assert len(site.asked) == 1


def test_a_claim_is_given_back(store: Any, reader: Reader) -> None:
    reader.get()
    assert store.named("lock") == []
    token = redisstore.lock("/guides/")
    redisstore.unlock("/guides/", "another")
    assert redisstore.lock("/guides/") is None
    redisstore.unlock("/guides/", token or "")
    assert redisstore.lock("/guides/")


@pytest.mark.parametrize("value", [b"", b"banana", b"-1", b"99999999999999999999999"])
def test_a_bell_that_lies_costs_a_look_at_the_log(
    store: Any, reader: Reader, site: Site, clock: Still, value: bytes
) -> None:
    reader.get()
    store.set(redisstore._doorbell(), value)
    site.body = b"<p>two</p>"
    news.publish(["*"])
    store.set(redisstore._doorbell(), value)
    clock.pass_by(1.01)
    assert reader.get().body == b"<p>two</p>"
