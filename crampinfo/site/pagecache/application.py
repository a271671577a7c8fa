"""The page cache itself: a WSGI application around the site's."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.client import responses
from typing import Any

from django.conf import settings
from django.db import connection

from crampinfo.lib import shown
from crampinfo.site.pagecache import page as pages
from crampinfo.site.pagecache import redisstore, spare
from crampinfo.site.pagecache.asking import Application, Environ, StartResponse, anonymous, key_of
from crampinfo.site.pagecache.clock import Clock
from crampinfo.site.pagecache.memory import Memory
from crampinfo.site.pagecache.news import News, is_grave
from crampinfo.site.pagecache.page import FALSE, FRESH, STALE, Page
from crampinfo.site.pagecache.timetable import Timetable

logger = logging.getLogger(__name__)

WAIT = 10.0  # seconds for which a request waits for the one that renders its page
POLL = 0.05  # seconds between two looks at what another process renders
PAUSE = 1.0  # seconds in which an application that failed is not asked for pages that can stand in


class PageCache:
    """Answers anonymous GETs and HEADs from finished pages, and renders each of them once.

    Behind it views see a request without cookies, language or anything else that a visitor sends: an address that
    needs them belongs into asking.PASSED.
    """

    def __init__(self, application: Application, clock: Clock | None = None) -> None:
        self._application = application
        self._clock = clock or Clock()
        self._memory = Memory(settings.PAGE_CACHE_MB * 1024 * 1024)
        self._timetable = Timetable()
        self._news = News(self._clock, self._hear)
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._next_look = float("-inf")
        self._failed_at = float("-inf")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        if key is None:
            return self._application(environ, start_response)
        self._look()
        now = self._clock.wall()
        page = self._memory.get(key)
        if page is not None and page.state_at(now) == FRESH:
            second = int(now)
            if page.used != second:
                page.used = second
                self._memory.touch(key)
            return pages.answer(page, environ, start_response, now)
        return self._make(key, page, environ, start_response)

    def _hear(self, tags: list[str]) -> None:
        self._memory.mark(tags)
        self._timetable.hear()

    def _look(self) -> None:
        """Hear what changed elsewhere and what changes by the clock."""
        steady = self._clock.steady()
        if steady < self._next_look:
            return
        self._next_look = steady + 0.05
        self._news.look()
        due = self._timetable.due(self._clock.wall(), steady)
        if due:
            self._memory.mark(due)

    def _make(self, key: str, old: Page | None, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Render a page, or hand out what another renders or an earlier page that may stand in."""
        old = _newer(old, self._shared(key))
        now = self._clock.wall()
        state = FALSE if old is None else old.state_at(now)
        if old is not None and state == FRESH:
            return pages.answer(old, environ, start_response, now)
        stand_in = old if old is not None and state == STALE and old.may_be_shown(now) else None
        lock = self._lock(key)
        mine = lock.acquire(blocking=False) if stand_in else lock.acquire(timeout=WAIT)
        if not mine and stand_in is not None:
            return pages.answer(stand_in, environ, start_response, now)  # one renders, the others need not wait
        try:
            made = self._fresh(key) or self._claimed(key, old, stand_in, environ, start_response)
        finally:
            if mine:
                lock.release()
        if isinstance(made, Page):
            return pages.answer(made, environ, start_response, self._clock.wall())
        return made

    def _claimed(
        self, key: str, old: Page | None, stand_in: Page | None, environ: Environ, start_response: StartResponse
    ) -> Page | Iterable[bytes]:
        """Render, unless another process does."""
        claim = self._claim(key, stand_in)
        if isinstance(claim, Page):
            return claim
        try:
            return self._render(key, old, environ, start_response)
        finally:
            redisstore.unlock(key, claim)

    def _claim(self, key: str, stand_in: Page | None) -> str | Page:
        """The right to render a page among all processes, or the page to hand out instead."""
        until = self._clock.steady() + WAIT
        while True:
            token = redisstore.lock(key)
            if token is not None:
                return token
            if stand_in is not None:
                return stand_in
            if self._clock.steady() >= until:
                return ""
            time.sleep(POLL)
            page = self._shared(key)
            if page is not None and page.state_at(self._clock.wall()) == FRESH:
                return page

    def _fresh(self, key: str) -> Page | None:
        page = self._memory.get(key)
        return page if page is not None and page.state_at(self._clock.wall()) == FRESH else None

    def _shared(self, key: str) -> Page | None:
        """What another process has rendered, into this one's memory."""
        page = redisstore.get(key)
        return self._kept(page) if page is not None else None

    def _kept(self, page: Page) -> Page:
        """Keep a page, marked with what has changed since it was made."""
        changed = self._news.changed_since(page.number, page.tags)
        changed += self._timetable.passed_since(page.made, page.tags)
        if changed:
            page.state = FALSE if any(map(is_grave, changed)) else STALE
        known = self._memory.get(page.key)
        if known is None or known.made <= page.made:
            self._memory.keep(page)
        return page

    def _lock(self, key: str) -> threading.Lock:
        with self._guard:
            if len(self._locks) > 2000:
                self._locks = {known: lock for known, lock in self._locks.items() if lock.locked()}
            return self._locks.setdefault(key, threading.Lock())

    def _render(
        self, key: str, old: Page | None, environ: Environ, start_response: StartResponse
    ) -> Page | Iterable[bytes]:
        """Ask the application; keep a plain 200 without a cookie, hand everything else through as it is."""
        if self._clock.steady() - self._failed_at < PAUSE:
            instead = self._instead(key, old, environ, start_response)
            if instead is not None:
                return instead
        number, made = self._news.number, self._clock.wall()
        with _recording() as seen:
            status, headers, body = _asked(self._application, anonymous(environ, key))
        if status >= 500:
            self._failed_at = self._clock.steady()
            instead = self._instead(key, old, environ, start_response)
            if instead is not None:
                logger.error("%s for a page that was finished before: readers get that one.", status)
                return instead
        elif _is_page(status, headers):
            return self._finished(key, headers, body, seen, number, made)
        else:
            self._drop(key)
        start_response(f"{status} {responses.get(status, 'Unknown')}", headers)
        return [body] if environ["REQUEST_METHOD"] != "HEAD" else [b""]

    def _finished(
        self, key: str, headers: pages.Headers, body: bytes, seen: shown.Shown, number: int, made: float
    ) -> Page:
        page = pages.make(
            key,
            headers,
            body,
            number=number,
            made=made,
            until=seen.until,
            priced_until=seen.priced_until,
            tags=seen.tags,
        )
        before = self._memory.get(key)
        self._kept(page)
        redisstore.keep(page)
        if before is None or before.digest != page.digest:
            spare.store(page)
        return page

    def _instead(
        self, key: str, old: Page | None, environ: Environ, start_response: StartResponse
    ) -> Page | Iterable[bytes] | None:
        """What readers get while a page can't be made: the last one, and nothing on it that must not be stale."""
        now = self._clock.wall()
        if old is not None and old.may_be_shown(now):
            if old.state_at(now) != FALSE:
                return old
            return spare.answer(spare.without_offers(old.body), environ, start_response)
        copy = spare.read(key)
        return spare.answer(copy, environ, start_response) if copy is not None else None

    def _drop(self, key: str) -> None:
        """There is no such page, or no longer."""
        if self._memory.get(key) is not None:
            self._memory.drop(key)
            redisstore.drop(key)
            spare.forget([key.removeprefix("s")])


def _newer(one: Page | None, other: Page | None) -> Page | None:
    if one is None or other is None:
        return one or other
    return other if other.made > one.made else one


@contextmanager
def _recording() -> Iterator[shown.Shown]:
    with shown.recording() as seen, connection.execute_wrapper(seen.statement):
        yield seen


def _asked(application: Application, environ: Environ) -> tuple[int, pages.Headers, bytes]:
    """The whole answer of the application."""
    caught: list[Any] = []

    def catch(status: str, headers: pages.Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        caught[:] = [status, headers]
        return lambda data: None

    response = application(environ, catch)
    try:
        body = b"".join(response)
    finally:
        close = getattr(response, "close", None)
        if close is not None:
            close()
    return int(caught[0][:3]), list(caught[1]), body


def _is_page(status: int, headers: pages.Headers) -> bool:
    """Whether an answer is the same for everybody: a 200 without a cookie that nobody asked not to keep."""
    found = {name.lower(): value.lower() for name, value in headers}
    control = found.get("cache-control", "")
    personal = "set-cookie" in found or "content-encoding" in found or "cookie" in found.get("vary", "")
    return status == 200 and not personal and "no-store" not in control and "private" not in control
