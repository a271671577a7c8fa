"""Entries of the ledger that wait to be written together, as an import makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crampinfo.editorial.models import LedgerEntry


class Journal:
    """Entries in the order they came, each with the moment it dates from in since, if it has one."""

    def __init__(self) -> None:
        self.entries: list[LedgerEntry] = []
        self._by_subject: dict[tuple[str, str], list[LedgerEntry]] = {}

    def add(self, entry: LedgerEntry) -> None:
        """One more."""
        self.entries.append(entry)
        self._by_subject.setdefault((entry.kind, entry.subject), []).append(entry)

    def of(self, kind: str, subject: str) -> Sequence[LedgerEntry]:
        """Those of a kind about a subject."""
        return self._by_subject.get((kind, subject), [])

    def last(self, kind: str, subject: str, key: str, value: Any) -> LedgerEntry | None:
        """The last of a kind about a subject, whose payload holds that value where a key is given."""
        for entry in reversed(self.of(kind, subject)):
            if not key or entry.payload.get(key) == value:
                return entry
        return None

    def by_date(self) -> Sequence[LedgerEntry]:
        """In the order of the moments they date from; those without one were so from the beginning."""
        dated = [entry.since for entry in self.entries if entry.since is not None]
        if not dated:
            return self.entries
        beginning = min(dated)
        for entry in self.entries:
            entry.since = entry.since or beginning
        return sorted(self.entries, key=lambda entry: entry.since or beginning)

    def by_now(self) -> Sequence[LedgerEntry]:
        """As they came; they count from when they are written."""
        for entry in self.entries:
            entry.since = None
        return self.entries
