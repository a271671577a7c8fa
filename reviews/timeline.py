"""Walks through the ledger and says when each list changed: by an entry, or because a date had come. Pure.

Only the lists that an entry or a date touches are rebuilt, and what is kept does not grow with the entries.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from reviews.reconstruction import Rebuilt, State
from reviews.recorded import Payload


@dataclass(frozen=True, slots=True)
class Moved:
    """A list that changed at a moment. number is the entry that did it, 0 where only the time had come."""

    at: datetime
    number: int
    before: Rebuilt | None
    after: Rebuilt


class Timeline:
    """Takes entries in their order. Each step says which lists it changed, those between two entries first."""

    def __init__(self, only: int | None = None) -> None:
        """only: the number of the one list that matters."""
        self.state = State()
        self.lists: dict[int, Rebuilt] = {}
        self._only = only
        self._due: list[tuple[datetime, str, str]] = []

    def step(self, at: datetime, number: int, kind: str, subject: str, payload: Payload) -> Iterator[Moved]:
        """Up to the next entry, and over it."""
        yield from self.until(at)
        touched = self.state.apply(kind, subject, payload)
        for edge in self.state.edges(kind, subject):
            if edge > at:
                heapq.heappush(self._due, (edge, kind, subject))
        yield from self._look(touched, at, number)

    def until(self, at: datetime) -> Iterator[Moved]:
        """Let the time pass to a moment: what begins and ends by date, up to and with it."""
        while self._due and self._due[0][0] <= at:
            edge, _kind, subject = heapq.heappop(self._due)
            yield from self._look(self.state.touched(subject), edge, 0)

    def _look(self, keys: Iterable[int], at: datetime, number: int) -> Iterator[Moved]:
        for key in sorted(keys):
            if self._only not in (None, key):
                continue
            after = self.state.rebuild(key, at)
            before = self.lists.get(key)
            if after is not None and after != before:
                self.lists[key] = after
                yield Moved(at, number, before, after)
