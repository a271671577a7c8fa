"""The ledger's chain: canonical JSON, digests, hashes, and what is wrong with a row of entries (docs/ledger.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

Entry = Mapping[str, Any]

BEGINNING = "0" * 64
"""What the first entry follows."""
HEADER = ("number", "at", "recorded", "kind", "subject", "role", "reason")
FIELDS = frozenset((*HEADER, "payload", "marks", "previous", "hash"))
WORDS = frozenset({"advertiser", "evidence_note", "name", "reason", "reference_price", "title"})
"""Fields that may have to go, and that no place rests upon; all others stay for good."""
_NAMED_BY = 8  # digits of a field's digest in marks
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical(value: Any) -> str:
    """The one way to write a plain value: keys sorted, no spaces, nothing escaped that need not be."""
    return _encode(value)


def number(value: Decimal) -> str:
    """A number as text: plain notation without needless zeros. NaN and infinities are a ValueError."""
    if not value.is_finite():
        raise ValueError(f"{value} can't stand in the ledger: it is no number.")
    return format(value.normalize(), "f") if value else "0"


def moment(value: datetime) -> str:
    """A moment as text: UTC, six decimals, so that texts sort as moments do. One without a zone is a ValueError."""
    if value.tzinfo is None:
        raise ValueError(f"{value} can't stand in the ledger: it has no time zone.")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(value: Any) -> Any:
    """A value as an entry holds it: text, whole numbers, yes or no, null, lists and objects of those.

    Decimals, moments and days become text in their fixed forms. A float, which has no one way to be written, and
    anything else that is not listed is a TypeError; U+0000 and half characters, which databases refuse, a ValueError.
    """
    if isinstance(value, str):
        if "\x00" in value or not value.isprintable() and _broken(value):
            raise ValueError("A text in the ledger holds a character that can't be stored.")
        return str(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} can't stand in the ledger: use text, Decimal, int, bool or a moment.")


def _broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def digest(value: Any) -> str:
    """SHA-256 of a plain value's canonical JSON, in hexadecimal."""
    return sha256(_encode(value).encode()).hexdigest()


def fields_of(entry: Entry) -> dict[str, Any]:
    """Every field: those of the header and those of the payload, which may have none of a header's name."""
    doubled = entry["payload"].keys() & set(HEADER)
    if doubled:
        raise ValueError(f"A payload can't have a field named {', '.join(sorted(doubled))}: every entry has one.")
    return {name: entry[name] for name in HEADER} | dict(entry["payload"])


def digests(entry: Entry) -> dict[str, str]:
    """The digest of every field. Of a removed one it is the digest that was kept."""
    kept: Mapping[str, str] = entry.get("removed") or {}
    return {name: (name in WORDS and kept.get(name)) or digest(value) for name, value in fields_of(entry).items()}


def marks(entry: Entry) -> str:
    """The beginnings of the digests in order of the fields' names: they name a field that was changed."""
    fields = digests(entry)
    return "".join(fields[name][:_NAMED_BY] for name in sorted(fields))


def entry_hash(entry: Entry) -> str:
    """The hash of an entry: of its fields, marks and previous, with words replaced by their digests.

    It binds every field and, through previous, every entry before; and words may go while their digests stay.
    """
    kept: Mapping[str, str] = entry.get("removed") or {}
    fields = fields_of(entry).items()
    bound = {name: kept.get(name) or digest(value) if name in WORDS else value for name, value in fields}
    return digest([bound, entry["marks"], entry["previous"]])


def sealed(entry: Entry, previous: str) -> dict[str, Any]:
    """The entry (its header and payload, plain already) with marks, previous and hash."""
    marked = {**entry, "marks": marks(entry), "previous": previous}
    return {**marked, "hash": entry_hash(marked)}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an entry: its number, the field ('' where it is no field's fault), and a sentence."""

    number: int
    field: str
    sentence: str

    def __str__(self) -> str:
        return f"Entry {self.number}{f', {self.field}' if self.field else ''}: {self.sentence}"


class Walk:
    """Walks along a chain, entry by entry, and says what is wrong; remembers the end and what was removed so far."""

    def __init__(self) -> None:
        self.number = 0
        self.head = BEGINNING
        self._links = frozenset({BEGINNING})
        self._times = {"at": "", "recorded": ""}
        self._removed: set[tuple[int, str]] = set()

    def step(self, entry: Entry) -> Iterator[Problem]:
        """The next entry's problems; nothing where it continues the chain untouched."""
        expected = self.number + 1
        missing = sorted(FIELDS - entry.keys())
        if missing or not isinstance(entry["payload"], Mapping):
            self.number = expected
            yield Problem(expected, ", ".join(missing) or "payload", "This field is missing or of a wrong form.")
            return
        at: int = entry["number"]
        if at != expected:
            yield Problem(at, "number", _misplaced(at, expected))
        yield from self._content(entry, at)
        yield from self._order(entry, at)
        self.number = at if isinstance(at, int) else expected

    def _content(self, entry: Entry, at: int) -> Iterator[Problem]:
        """Whether the fields make the hash, and if not which of them was changed."""
        computed = entry_hash(entry)
        if computed != entry["hash"]:
            sentence = "It was changed after it was written: it no longer makes the entry's hash."
            yield from (Problem(at, name, sentence) for name in self._changed(entry))
        elif entry["previous"] not in self._links:
            yield Problem(at, "previous", f"It does not follow entry {self.number}: something between was changed.")
        self.head = entry["hash"]
        self._links = frozenset({entry["hash"], computed})

    def _changed(self, entry: Entry) -> list[str]:
        """The fields without whose change the hash would be right."""
        if entry_hash({**entry, "marks": marks(entry)}) == entry["hash"]:
            return ["marks"]
        fields = digests(entry)
        parts = [entry["marks"][start : start + _NAMED_BY] for start in range(0, len(entry["marks"]), _NAMED_BY)]
        if len(parts) != len(fields):
            return ["payload"]
        names = [name for name, part in zip(sorted(fields), parts, strict=True) if not fields[name].startswith(part)]
        return names or (["hash"] if entry["previous"] in self._links else ["previous"])

    def _order(self, entry: Entry, at: int) -> Iterator[Problem]:
        """Times that don't go back, and removals that are on record."""
        for name, before in self._times.items():
            if entry[name] < before:
                yield Problem(at, name, f"It is earlier than the entry before ({before}).")
        self._times = {name: entry[name] for name in self._times}
        for name in entry.get("removed") or {}:
            if name not in WORDS:
                yield Problem(at, name, "This field can't be removed from an entry.")
            self._removed.add((at, name))
        if entry["kind"] == "redaction":
            number = int(entry["subject"].removeprefix("entry:") or 0)
            self._removed -= {(number, name) for name in entry["payload"].get("fields", ())}

    def close(self) -> Iterator[Problem]:
        """At the end: removals that no later entry accounts for."""
        for at, name in sorted(self._removed):
            yield Problem(at, name, "It was removed, but no redaction entry says so.")


def _misplaced(at: Any, expected: int) -> str:
    if not isinstance(at, int) or at < expected:
        return f"Entry {expected} should stand here: entries are doubled or in another order."
    return f"Entry {expected} should stand here: entries are missing or in another order."
