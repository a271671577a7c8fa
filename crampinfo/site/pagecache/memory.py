"""The pages one process keeps: bounded by bytes, found by key, and by what they show."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable

from crampinfo.site.pagecache.news import EVERYTHING, is_grave
from crampinfo.site.pagecache.page import FALSE, STALE, Page


class Memory:
    """The least recently used go first. Pages with a query have a quarter of the room: there is no end of those."""

    def __init__(self, limit: int) -> None:
        self._rooms = (_Room(limit), _Room(limit // 4))
        self._guard = threading.Lock()

    def get(self, key: str) -> Page | None:
        """The page of a key, however old."""
        return self._room(key).pages.get(key)

    def keep(self, page: Page) -> None:
        """Take a page in, in place of an earlier one."""
        with self._guard:
            self._room(page.key).keep(page)

    def drop(self, key: str) -> None:
        """Forget a page."""
        with self._guard:
            self._room(key).drop(key)

    def touch(self, key: str) -> None:
        """It is wanted: others go first."""
        room = self._room(key)
        with self._guard:
            if key in room.pages:
                room.pages.move_to_end(key)

    def mark(self, tags: Iterable[str]) -> None:
        """These changed: the pages that show them are no longer true."""
        with self._guard:
            for room in self._rooms:
                room.mark(tags)

    def __len__(self) -> int:
        return sum(len(room.pages) for room in self._rooms)

    def _room(self, key: str) -> _Room:
        return self._rooms["?" in key]


class _Room:
    def __init__(self, limit: int) -> None:
        self.pages: OrderedDict[str, Page] = OrderedDict()
        self._limit, self._bytes = limit, 0
        self._showing: defaultdict[str, set[str]] = defaultdict(set)

    def keep(self, page: Page) -> None:
        self.drop(page.key)
        self.pages[page.key] = page
        self._bytes += page.size
        for tag in page.tags:
            self._showing[tag].add(page.key)
        while self._bytes > self._limit and len(self.pages) > 1:
            self.drop(next(iter(self.pages)))

    def drop(self, key: str) -> None:
        page = self.pages.pop(key, None)
        if page is None:
            return
        self._bytes -= page.size
        for tag in page.tags:
            keys = self._showing[tag]
            keys.discard(key)
            if not keys:
                del self._showing[tag]

    def mark(self, tags: Iterable[str]) -> None:
        for tag in tags:
            keys = list(self.pages) if tag == EVERYTHING else self._showing.get(tag, ())
            state = FALSE if is_grave(tag) else STALE
            for key in keys:
                self.pages[key].state = max(self.pages[key].state, state)
