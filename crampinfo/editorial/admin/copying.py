"""Forms as plain data: what a form would send, what of it may be kept, and how two people's versions meet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst

from crampinfo.editorial.admin import typed
from crampinfo.editorial.admin.history import Difference, pieces
from crampinfo.editorial.admin.opened import Merged, Opened, Row, line, merge, put, sent_rows, stored, write
from crampinfo.editorial.admin.typed import digest

Post = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a form, and what this person may do with them."""

    rows: Any
    changes: bool
    adds: bool
    deletes: bool

    @property
    def is_open(self) -> bool:
        """Whether they may do anything."""
        return self.changes or self.adds or self.deletes


@dataclass(frozen=True, slots=True)
class Shown:
    """What a form showed of a draft of changes: which one ("" where there was none), a digest a field and a set of
    rows. mark is the draft's number and state."""

    mark: str
    fields: Mapping[str, str]
    rows: Mapping[str, str]

    @classmethod
    def of(cls, mark: str, post: QueryDict, form: Any, formsets: Iterable[Any]) -> Shown:
        """From what the form would send."""
        fields = {bound.name: digest(typed.posted(bound, post)) for bound in typed.editable(form)}
        return cls(mark, fields, {rows.prefix: _digest(sent_rows(post, rows)[0]) for rows in formsets})

    @classmethod
    def parse(cls, token: str) -> Shown:
        """From a hidden field; where there is none of ours, one that has seen nothing."""
        try:
            mark, fields, rows = json.loads(token)
        except (ValueError, TypeError):
            return cls("", {}, {})
        if not isinstance(mark, str) or not isinstance(fields, dict) or not isinstance(rows, dict):
            return cls("", {}, {})
        return cls(mark, fields, rows)

    def token(self) -> str:
        """For a hidden field."""
        return json.dumps([self.mark, dict(self.fields), dict(self.rows)], separators=(",", ":"))


def _digest(rows: Sequence[Row]) -> str:
    plain = [f"{row.key}:{digest(row.values)}:{row.deleted}" for row in rows]
    return sha256("\x1f".join(plain).encode()).hexdigest()[:12]


def default(form: Any, formsets: Iterable[Any]) -> QueryDict:
    """What a browser would send for a form that nobody touched, with all its stored rows."""
    post = QueryDict(mutable=True)
    for bound in typed.editable(form):
        put(post, typed.untouched(bound))
    for rows in formsets:
        write(post, rows, [Row(key, values) for key, values in stored(rows).items()], [])
    return post


def offered(post: QueryDict, form: Any, parts: Iterable[Part]) -> Post:
    """What was sent, without anything that the form did not offer to this person; lines broken as they are stored."""
    found = QueryDict(mutable=True)
    empty: Post = {}
    for bound in typed.editable(form):
        values = typed.posted(bound, post)
        put(found, values)
        empty |= {name: [] for name, several in values.items() if not any(several)}
    for part in parts:
        if part.is_open and f"{part.rows.prefix}-TOTAL_FORMS" in post:
            _offer_rows(found, post, part)
    return empty | {name: [_plain(value) for value in values] for name, values in found.lists()}


def _offer_rows(found: QueryDict, post: QueryDict, part: Part) -> None:
    sent, first_new = sent_rows(post, part.rows)
    now = stored(part.rows)
    kept = [
        Row(
            row.key,
            row.values if part.changes or row.key not in now else now[row.key],
            row.deleted and part.deletes,
        )
        for row in sent[:first_new]
    ]
    fresh = [row for row in sent[first_new:] if not row.deleted and any(map(any, row.values.values()))]
    write(found, part.rows, kept, fresh if part.adds else [])


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n")


def beyond(post: Mapping[str, Sequence[str]], form: Any, parts: Iterable[Part]) -> Post:
    """What a kept form holds that this person's form does not offer: it stays as whoever may write it left it."""
    mine = {name for bound in typed.editable(form) for name in typed.untouched(bound)}
    prefixes = tuple(f"{part.rows.prefix}-" for part in parts if part.is_open)
    return {
        name: list(values)
        for name, values in post.items()
        if name not in mine and not (prefixes and name.startswith(prefixes))
    }


def laid_over(kept: Mapping[str, Sequence[str]], base: Opened | None, form: Any, formsets: Sequence[Any]) -> Merged:
    """A kept form over the live object as it stands now: what changed there since it was begun is merged into it."""
    post = default(form, formsets)
    for name in [name for name in post if name.startswith(tuple(_prefixes(kept, formsets)))]:
        del post[name]
    for name, values in kept.items():
        put(post, {name: values})
    return merge(post, base, form, formsets) if base is not None else Merged(post)


def _prefixes(kept: Mapping[str, Sequence[str]], formsets: Iterable[Any]) -> Iterator[str]:
    yield from (f"{rows.prefix}-" for rows in formsets if f"{rows.prefix}-TOTAL_FORMS" in kept)
    yield "\x00"  # no name begins so: where nothing of the kind was kept nothing is taken out


def meet(post: QueryDict, seen: Shown, theirs: QueryDict, form: Any, formsets: Iterable[Any]) -> Merged:
    """Put what was typed over a draft that somebody else has saved since it was opened: fields one by one, rows of a
    kind together. What only they changed is taken over, what both changed stays as it was typed."""
    merged = Merged(post.copy())
    for bound in typed.editable(form):
        mine, his = typed.posted(bound, post), typed.posted(bound, theirs)
        if digest(mine) == digest(his) or digest(his) == seen.fields.get(bound.name):
            continue
        before, after = typed.words(bound, his), typed.words(bound, mine)
        if digest(mine) == seen.fields.get(bound.name):
            put(merged.post, his)
            merged.taken.append(Difference(str(bound.label), pieces(after, before)))
        else:
            merged.both.append(Difference(str(bound.label), pieces(before, after)))
    for rows in formsets:
        if f"{rows.prefix}-TOTAL_FORMS" in post:
            _meet_rows(merged, rows, seen.rows.get(rows.prefix), theirs)
    return merged


def _meet_rows(merged: Merged, rows: Any, seen: str | None, theirs: QueryDict) -> None:
    (mine, _first), (his, _second) = sent_rows(merged.post, rows), sent_rows(theirs, rows)
    if _digest(mine) == _digest(his) or _digest(his) == seen:
        return
    if _digest(mine) == seen:
        start = f"{rows.prefix}-"
        for name in [name for name in merged.post if name.startswith(start)]:
            del merged.post[name]
        for name, values in theirs.lists():
            if name.startswith(start):
                merged.post.setlist(name, values)
        merged.taken.extend(_between(rows, mine, his))
    else:
        merged.both.extend(_between(rows, his, mine))


def differences(before: QueryDict, after: QueryDict, form: Any, formsets: Iterable[Any]) -> list[Difference]:
    """From one filling of a form to another: fields word by word, rows line by line."""
    found = []
    for bound in typed.editable(form):
        old, new = typed.posted(bound, before), typed.posted(bound, after)
        if digest(old) != digest(new):
            words = typed.words(bound, old), typed.words(bound, new)
            found.append(Difference(str(bound.label), pieces(*words)))
    for rows in formsets:
        (old_rows, _first), (new_rows, _second) = sent_rows(before, rows), sent_rows(after, rows)
        found.extend(_between(rows, old_rows, new_rows))
    return found


def _between(rows: Any, before: Sequence[Row], after: Sequence[Row]) -> Iterator[Difference]:
    label = capfirst(str(rows.model._meta.verbose_name))
    old = {row.key: row for row in before if row.key and not row.deleted}
    new = {row.key: row for row in after if row.key and not row.deleted}
    for key in dict.fromkeys((*old, *new)):
        first, second = old.get(key), new.get(key)
        if first is None or second is None or digest(first.values) != digest(second.values):
            yield Difference(label, pieces(line(rows, first), line(rows, second)))
    fresh = [digest(row.values) for row in before if not row.key]
    for row in after:
        if not row.key and digest(row.values) not in fresh:
            yield Difference(label, pieces("", line(rows, row)))
    kept = [digest(row.values) for row in after if not row.key]
    for row in before:
        if not row.key and digest(row.values) not in kept:
            yield Difference(label, pieces(line(rows, row), ""))
