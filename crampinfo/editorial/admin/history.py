"""Who changed what: the sentence kept with a revision, and the differences between two of them, word by word."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.forms import BaseForm, BaseFormSet
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crampinfo.editorial import revisions
from crampinfo.editorial.models import Publishable, Revision

_AROUND = 12  # unchanged words shown on each side of a change
_BLOCK = re.compile(r"</(?:p|h[2-4]|li|tr|td|th|blockquote|figcaption|caption|dd|dt|aside|pre)>|<br>", re.I)
_LONG = 80  # characters; longer values are compared word by word


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a difference: kept, added, gone, or left out between two changes."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field or row that differs between two revisions."""

    label: str
    pieces: tuple[Piece, ...]


def summarise(form: BaseForm, formsets: Iterable[BaseFormSet]) -> str:
    """What a save changed, in one sentence; empty when nothing did."""
    parts = []
    if form.changed_data:
        names = [str(form.fields[name].label or name).lower() for name in form.changed_data if name in form.fields]
        parts.append(_("changed %(fields)s") % {"fields": ", ".join(names)})
    for rows in formsets:
        parts.extend(_rows_changed(rows))
    return capfirst("; ".join(parts))


def _rows_changed(rows: Any) -> Iterator[str]:
    meta = rows.model._meta
    for words, changed in (
        (_("added"), rows.new_objects),
        (_("changed"), rows.changed_objects),
        (_("removed"), rows.deleted_objects),
    ):
        if changed:
            name = ngettext("%(one)s", "%(many)s", len(changed)) % {
                "one": meta.verbose_name,
                "many": meta.verbose_name_plural,
            }
            yield f"{words} {len(changed)} {name}"


def differences(
    model: type[Publishable], old: Mapping[str, Any], new: Mapping[str, Any], names: Names
) -> list[Difference]:
    """What differs between two snapshots of an object, in the order of its fields (a stored snapshot has no order).

    A field that only one of them has came or went with a release; nobody changed it.
    """
    found: list[Difference] = []
    old, new = revisions.filled(model, old), revisions.filled(model, new)
    for key in (*model.content_fields, *_children(model)):
        before, after = old.get(key), new.get(key)
        if before == after or key not in old or key not in new:
            continue
        if key in _children(model):
            found.extend(_rows(model, key, before or [], after or [], names))
        else:
            words = pieces(names.value(model, key, before), names.value(model, key, after))
            found.append(Difference(_label(model, key), words))
    return found


def _children(model: type[models.Model]) -> Mapping[str, Sequence[str]]:
    children: Mapping[str, Sequence[str]] = getattr(model, "content_children", {})
    return children


def _rows(model: type[models.Model], key: str, old: list[Any], new: list[Any], names: Names) -> Iterator[Difference]:
    child: Any = model._meta.get_field(key).related_model
    label = capfirst(str(child._meta.verbose_name))
    order = [name for name in _children(model)[key] if all(name in row for row in (*old, *new))]
    lines_old = [_line(child, row, order, names) for row in old]
    lines_new = [_line(child, row, order, names) for row in new]
    matcher = difflib.SequenceMatcher(None, lines_old, lines_new, autojunk=False)
    for kind, start_old, end_old, start_new, end_new in matcher.get_opcodes():
        if kind == "equal":
            continue
        gone, come = lines_old[start_old:end_old], lines_new[start_new:end_new]
        for number in range(max(len(gone), len(come))):
            before = gone[number] if number < len(gone) else ""
            after = come[number] if number < len(come) else ""
            yield Difference(label, pieces(before, after))


def _line(child: type[models.Model], row: Mapping[str, Any], order: Sequence[str], names: Names) -> str:
    return " · ".join(text for key in order if (text := names.value(child, key, row[key])))


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """The difference of two texts in words, with a few unchanged ones around each change."""
    if not before or not after or (len(before) < _LONG and len(after) < _LONG):
        both = (Piece("gone", before), Piece("added", after))
        return tuple(piece for piece in both if piece.text)
    old, new = before.split(), after.split()
    found: list[Piece] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.extend(_context(old[a:b], first=a == 0, last=b == len(old)))
        else:
            found.extend(
                piece for piece in (Piece("gone", " ".join(old[a:b])), Piece("added", " ".join(new[c:d]))) if piece.text
            )
    return tuple(found)


def _context(words: list[str], *, first: bool, last: bool) -> Iterator[Piece]:
    head = [] if first else words[:_AROUND]
    tail = [] if last else words[-_AROUND:]
    if len(head) + len(tail) >= len(words):
        yield Piece("kept", " ".join(words))
        return
    if head:
        yield Piece("kept", " ".join(head))
    yield Piece("left out", "…")
    if tail:
        yield Piece("kept", " ".join(tail))


def readable(value: Any) -> str:
    """A stored value as text: bodies without their markup, a line a block."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(readable(item) for item in value)
    text = str(value)
    return html.unescape(strip_tags(_BLOCK.sub("\n", text))) if "<" in text else text


def _label(model: type[models.Model], key: str) -> str:
    try:
        return capfirst(str(getattr(model._meta.get_field(key.removesuffix("_id")), "verbose_name", key)))
    except FieldDoesNotExist:
        return capfirst(key.replace("_", " "))


class Names:
    """The names behind the numbers in snapshots, fetched once for a whole page of history."""

    def __init__(self, model: type[models.Model], snapshots: Iterable[Mapping[str, Any]]) -> None:
        wanted: dict[type[models.Model], set[int]] = {}
        for data in snapshots:
            for owner, key, value in _keys(model, data):
                target = _target(owner, key)
                if target is not None and isinstance(value, int):
                    wanted.setdefault(target, set()).add(value)
        self._found = {target: {row.pk: str(row) for row in _named(target, keys)} for target, keys in wanted.items()}

    def value(self, model: type[models.Model], key: str, value: Any) -> str:
        """One stored value as a person reads it."""
        target = _target(model, key)
        if target is not None and isinstance(value, int):
            return self._found.get(target, {}).get(value, f"#{value}")
        try:
            choices = dict(getattr(model._meta.get_field(key), "flatchoices", ()))
        except FieldDoesNotExist:
            choices = {}
        return str(choices[value]) if isinstance(value, str) and value in choices else readable(value)


def _named(target: type[models.Model], keys: set[int]) -> Iterable[models.Model]:
    return target._default_manager.filter(pk__in=keys)


def _keys(model: type[models.Model], data: Mapping[str, Any]) -> Iterator[tuple[type[models.Model], str, Any]]:
    for relation, order in _children(model).items():
        child: Any = model._meta.get_field(relation).related_model
        for row in data.get(relation) or ():
            yield from ((child, key, row[key]) for key in order if key in row)
    yield from ((model, key, data[key]) for key in getattr(model, "content_fields", ()) if key in data)


def _target(model: type[models.Model], key: str) -> type[models.Model] | None:
    if not key.endswith("_id"):
        return None
    return model._meta.get_field(key.removesuffix("_id")).related_model


@dataclass(frozen=True, slots=True)
class Entry:
    """One revision as the history page lists it."""

    revision: Revision
    differences: list[Difference]


def entries(model: type[Publishable], found: list[Revision]) -> list[Entry]:
    """Each revision with what it changed; they come newest first, the last one only to compare with."""
    names = Names(model, (revision.data for revision in found))
    return [
        Entry(new, differences(model, old.data, new.data, names) if old is not None else [])
        for new, old in zip(found, [*found[1:], None], strict=False)
    ]
