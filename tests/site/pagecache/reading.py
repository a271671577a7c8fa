"""A small site and a reader of it, for the tests of the page cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.test import RequestFactory

from crampinfo.lib import shown
from crampinfo.site.pagecache import PageCache
from crampinfo.site.pagecache.clock import Clock


class Still(Clock):
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def wall(self) -> float:
        return self.now

    def steady(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Site:
    """A WSGI application whose answers a test sets, and the requests it got."""

    status: str = "200 OK"
    body: bytes = b'<main id="main"><p>one</p></main>'
    headers: list[tuple[str, str]] = field(default_factory=lambda: [("Content-Type", "text/html")])
    asked: list[dict[str, Any]] = field(default_factory=list)
    shows: tuple[str, ...] = ()
    priced_until: float | None = None
    before: Callable[[], object] = lambda: None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked.append(environ)
        self.before()
        seen = shown.current()
        if seen is not None:
            seen.tags.update(self.shows)
            if self.priced_until is not None:
                seen.ends(self.priced_until, priced=True)
        start_response(self.status, list(self.headers))
        return [self.body]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Reader:
    """Asks like a browser."""

    def __init__(self, pages: PageCache) -> None:
        self.pages = pages

    def get(self, path: str = "/guides/", method: str = "GET", **headers: str) -> Answer:
        environ = RequestFactory().generic(method, path, **headers).environ
        if "HTTP_COOKIE" not in headers:
            environ.pop("HTTP_COOKIE", None)
        environ.setdefault("HTTP_HOST", "testserver")
        found: dict[str, Any] = {}

        def start_response(status: str, given: list[tuple[str, str]], exc_info: Any = None) -> None:
            found.update(status=int(status[:3]), headers=dict(given))

        body = b"".join(self.pages(environ, start_response))
        return Answer(found["status"], found["headers"], body)
