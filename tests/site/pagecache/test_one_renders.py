"""No stampede: one renders, the others get the page before it or wait."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from crampinfo.site.pagecache import PageCache, application
from tests.site.pagecache.reading import Reader, Site, Still

pytestmark = pytest.mark.django_db


class Gate:
    """Holds the application until a test lets it go on."""

    def __init__(self, site: Site) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        site.before = self

    def __call__(self) -> None:
        self.entered.set()
        assert self.open.wait(5)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads have no test database: nothing is heard of here."""
    monkeypatch.setattr(PageCache, "_look", lambda self: None)


def ask_at_once(reader: Reader, count: int) -> tuple[list[threading.Thread], list[Any]]:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(reader.get())) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, found


def test_without_a_page_all_wait_for_one(reader: Reader, site: Site) -> None:
    gate = Gate(site)
    threads, found = ask_at_once(reader, 10)
    assert gate.entered.wait(5)
    gate.open.set()
    for thread in threads:
        thread.join(5)
    assert len(site.asked) == 1
    assert {answer.body for answer in found} == {site.body}


def test_a_page_that_is_only_old_is_given_meanwhile(reader: Reader, site: Site, clock: Still) -> None:
    before = reader.get().body
    clock.pass_by(301)
    gate = Gate(site)
    site.body = b"<p>two</p>"
    threads, _found = ask_at_once(reader, 1)
    assert gate.entered.wait(5)
    assert [reader.get().body for _ in range(5)] == [before] * 5
    gate.open.set()
    threads[0].join(5)
    assert reader.get().body == b"<p>two</p>"
    assert len(site.asked) == 2


def test_a_false_price_is_not_given_meanwhile(reader: Reader, site: Site, clock: Still) -> None:
    site.priced_until = clock.now + 10
    reader.get()
    site.priced_until = None
    clock.pass_by(11)
    gate = Gate(site)
    site.body = b"<p>two</p>"
    threads, found = ask_at_once(reader, 3)
    assert gate.entered.wait(5)
    gate.open.set()
    for thread in threads:
        thread.join(5)
    assert {answer.body for answer in found} == {b"<p>two</p>"}
    assert len(site.asked) == 2


def test_who_has_waited_long_enough_renders(
    reader: Reader, site: Site, monkeypatch: pytest.MonkeyPatch, pages: PageCache
) -> None:
    monkeypatch.setattr(application, "WAIT", 0.05)
    with pages._lock("/guides/"):
        assert reader.get().body == site.body
