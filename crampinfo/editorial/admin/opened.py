"""What a form held when it was opened, small enough to travel with it, and what became of that meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.forms import CheckboxInput
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst

from crampinfo.editorial.admin import typed
from crampinfo.editorial.admin.history import Difference, pieces
from crampinfo.editorial.admin.typed import digest

_DELETED = CheckboxInput()


@dataclass(frozen=True, slots=True)
class Opened:
    """A digest a field, a digest a row by the number of the formset and key, and how the object stood (such as its
    state). Two are equal when a person would see no difference between the forms."""

    fields: Mapping[str, str]
    rows: Mapping[str, Mapping[str, str]]
    stands: str = ""

    @classmethod
    def of(cls, form: Any, formsets: Iterable[Any], stands: str) -> Opened:
        """From a form that was opened, not sent, and those of its formsets whose rows this person can change."""
        fields = {bound.name: digest(typed.untouched(bound)) for bound in typed.editable(form)}
        rows = {rows.prefix: {key: digest(row) for key, row in stored(rows).items()} for rows in formsets}
        return cls(fields, rows, stands)

    @classmethod
    def parse(cls, token: str) -> Opened | None:
        """From a hidden field; None where there is none, or none of ours."""
        try:
            fields, rows, stands = json.loads(token)
        except (ValueError, TypeError):
            return None
        if not isinstance(fields, dict) or not isinstance(rows, dict):
            return None
        return cls(fields, {key: value for key, value in rows.items() if isinstance(value, dict)}, str(stands))

    def token(self) -> str:
        """For a hidden field."""
        return json.dumps([dict(self.fields), dict(self.rows), self.stands], separators=(",", ":"))


@dataclass(slots=True)
class Merged:
    """A form as it comes back: what only they changed is taken over, everything that was typed stands."""

    post: QueryDict
    both: list[Difference] = field(default_factory=list)  # from theirs to mine; mine stands in the form
    taken: list[Difference] = field(default_factory=list)  # from what I had opened to theirs


def stored(formset: Any) -> dict[str, dict[str, list[str]]]:
    """The stored rows of an unbound formset by key, each as a browser sends it, named without its number."""
    return {str(row.instance.pk): _as_sent(row, formset) for row in formset.initial_forms}


def _as_sent(row: Any, formset: Any) -> dict[str, list[str]]:
    start = len(row.prefix) + 1
    return {
        name[start:]: values for bound in typed.cells(row, formset) for name, values in typed.untouched(bound).items()
    }


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was sent: its key ("" for a new one), its values without its number, and whether it is to go."""

    key: str
    values: dict[str, list[str]]
    deleted: bool = False


def merge(post: QueryDict, seen: Opened, form: Any, formsets: Iterable[Any]) -> Merged:
    """Put what was typed over what is stored now: field by field, and row by row.

    form and formsets are those that would open now. A row that they removed and I changed stands as a new one.
    """
    merged = Merged(post.copy())
    for bound in typed.editable(form):
        _merge_field(merged, bound, seen.fields.get(bound.name))
    for formset in formsets:
        if formset.prefix in seen.rows:
            _merge_rows(merged, formset, seen.rows[formset.prefix])
    return merged


def _merge_field(merged: Merged, bound: Any, seen: str | None) -> None:
    theirs, mine = typed.untouched(bound), typed.posted(bound, merged.post)
    if seen in (None, digest(theirs)) or digest(mine) == digest(theirs):
        return
    label, told, typed_words = str(bound.label), typed.words(bound, theirs), typed.words(bound, mine)
    if digest(mine) == seen:
        put(merged.post, theirs)
        merged.taken.append(Difference(label, pieces(typed_words, told)))
    else:
        merged.both.append(Difference(label, pieces(told, typed_words)))


def put(post: QueryDict, values: typed.Values, prefix: str = "") -> None:
    """Set what a browser would send; nothing where there is no value."""
    for name, several in values.items():
        post.pop(prefix + name, None)
        if several:
            post.setlist(prefix + name, list(several))


def _merge_rows(merged: Merged, formset: Any, seen: Mapping[str, str]) -> None:
    now = stored(formset)
    if {key: digest(row) for key, row in now.items()} == seen:
        return
    sent, first_new = sent_rows(merged.post, formset)
    mine = {row.key: row for row in sent[:first_new]}
    kept = [_settled(merged, formset, Row(key, theirs), mine.get(key), seen.get(key)) for key, theirs in now.items()]
    rescued = [
        Row("", row.values)
        for row in sent[:first_new]
        if row.key not in now and not _gone(merged, formset, row, seen.get(row.key))
    ]
    write(merged.post, formset, kept, [*rescued, *sent[first_new:]])


def _settled(merged: Merged, formset: Any, theirs: Row, mine: Row | None, seen: str | None) -> Row:
    """Which of two versions of a stored row stands in the form."""
    if mine is None:
        _note(merged.taken, formset, None, theirs)
        return theirs
    changed_by_them = digest(theirs.values) != seen
    changed_by_me = mine.deleted or digest(mine.values) != seen
    if changed_by_them and not changed_by_me:
        _note(merged.taken, formset, mine, theirs)
        return theirs
    if changed_by_them and digest(theirs.values) != digest(mine.values):
        _note(merged.both, formset, theirs, None if mine.deleted else mine)
    return mine


def _gone(merged: Merged, formset: Any, row: Row, seen: str | None) -> bool:
    """Whether a row that they removed stays away: it does unless I had changed it."""
    if row.deleted:
        return True
    untouched = digest(row.values) == seen
    _note(merged.taken if untouched else merged.both, formset, *((row, None) if untouched else (None, row)))
    return untouched


def _note(notes: list[Difference], formset: Any, before: Row | None, after: Row | None) -> None:
    label = capfirst(str(formset.model._meta.verbose_name))
    notes.append(Difference(label, pieces(*(line(formset, row) for row in (before, after)))))


def line(formset: Any, row: Row | None) -> str:
    """A row as a person reads it, without its place in the order."""
    if row is None:
        return ""
    blank = formset.empty_form
    start = len(blank.prefix) + 1
    parts = [
        typed.words(bound, {name: row.values.get(name[start:], []) for name in typed.untouched(bound)})
        for bound in typed.cells(blank, formset)
        if bound.name != "position"
    ]
    return " · ".join(part for part in parts if part)


def sent_rows(post: QueryDict, formset: Any) -> tuple[list[Row], int]:
    """The rows as they were sent, and the number of the first that is not stored."""
    blank, prefix = formset.empty_form, formset.prefix
    start = len(blank.prefix) + 1
    endings = [name[start:] for bound in typed.cells(blank, formset) for name in typed.untouched(bound)]
    key = formset.model._meta.pk.name
    total, initial = (_number(post.get(f"{prefix}-{name}_FORMS")) for name in ("TOTAL", "INITIAL"))
    rows = [
        Row(
            post.get(f"{prefix}-{number}-{key}", ""),
            {ending: post.getlist(f"{prefix}-{number}-{ending}") for ending in endings},
            _DELETED.value_from_datadict(post, MultiValueDict(), f"{prefix}-{number}-DELETE"),
        )
        for number in range(min(total, formset.absolute_max))
    ]
    return rows, min(initial, len(rows))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() else 0


def write(post: QueryDict, formset: Any, kept: list[Row], new: list[Row]) -> None:
    """Rows in the order they now have, under new numbers."""
    prefix, key = formset.prefix, formset.model._meta.pk.name
    for name in [name for name in post if name.startswith(f"{prefix}-") and name[len(prefix) + 1 :][:1].isdecimal()]:
        del post[name]
    for number, row in enumerate([*kept, *new]):
        start = f"{prefix}-{number}-"
        put(post, {**row.values, key: [row.key]}, start)
        if row.deleted:
            post[f"{start}DELETE"] = "on"
    post[f"{prefix}-INITIAL_FORMS"], post[f"{prefix}-TOTAL_FORMS"] = str(len(kept)), str(len(kept) + len(new))
