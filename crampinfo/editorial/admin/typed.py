"""What a browser sends for a field that nobody touched, and what a person reads in what it sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.formsets import DELETION_FIELD_NAME, ORDERING_FIELD_NAME
from django.forms.models import ModelChoiceField
from django.utils.translation import gettext as _

from crampinfo.editorial.admin.history import readable
from crampinfo.editorial.admin.widgets import BodyWidget

Values = Mapping[str, Sequence[str]]  # by the name of the input; what is not sent is an empty list

_DIGITS = 12
_NOT_ROWS = frozenset({DELETION_FIELD_NAME, ORDERING_FIELD_NAME})


def editable(form: forms.BaseForm) -> list[BoundField]:
    """The fields somebody can type in; files are sent only when they are chosen anew."""
    return [bound for bound in form if not bound.field.disabled and not isinstance(bound.field, forms.FileField)]


def cells(row: Any, formset: Any) -> list[BoundField]:
    """The fields of a row that say something: not its key, nor whose it is."""
    parent = getattr(formset, "fk", None)  # rows of anything have none among their fields
    silent = {*_NOT_ROWS, formset.model._meta.pk.name, parent.name if parent is not None else ""}
    return [bound for bound in editable(row) if bound.name not in silent]


def untouched(bound: BoundField) -> dict[str, list[str]]:
    """What a browser sends for a field of an unbound form as it came."""
    return dict(_sent(_plain(bound), bound.html_name, bound.value()))


def as_sent(bound: BoundField, value: Any) -> dict[str, list[str]]:
    """What a browser would send for a field that held this value."""
    return dict(_sent(_plain(bound), bound.html_name, value))


def posted(bound: BoundField, post: Any, name: str = "") -> dict[str, list[str]]:
    """What was sent for a field; name stands in for its own where a row has another number."""
    found = dict(_sent(_plain(bound), name or bound.html_name, None))
    return {key: post.getlist(key) for key in found}


def digest(values: Values) -> str:
    """The same for the same words, however a browser breaks their lines."""
    parts = [f"{name}={_settled(value)}" for name in sorted(values) for value in sorted(values[name]) if value]
    return sha256("\x1f".join(parts).encode()).hexdigest()[:_DIGITS]


def _settled(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


def words(bound: BoundField, values: Values) -> str:
    """What was sent, as a person reads it: names for keys, text for markup."""
    field, sent = bound.field, [value for several in values.values() for value in several if value]
    if isinstance(_plain(bound), forms.CheckboxInput):
        return _("yes") if sent else _("no")
    if isinstance(field, ModelChoiceField):
        rows = field.queryset.filter(pk__in=[key for key in sent if key.isdecimal()])  # type: ignore[union-attr]
        return ", ".join(field.label_from_instance(row) for row in rows)
    choices, prose = dict(getattr(field, "choices", ())), is_prose(bound)
    return " ".join(str(choices.get(value) or (readable(value) if prose else value)) for value in sent)


def is_prose(bound: BoundField) -> bool:
    """Whether its words are markup."""
    return isinstance(_plain(bound), BodyWidget)


def _plain(bound: BoundField) -> Any:
    """The widget inside the admin's wrapper."""
    return getattr(bound.field.widget, "widget", bound.field.widget)


def _sent(widget: Any, name: str, value: Any) -> Iterator[tuple[str, list[str]]]:
    if isinstance(widget, forms.MultiWidget):
        parts: list[Any] = value if isinstance(value, list) else list(widget.decompress(value) or [])
        endings: list[str] = widget.widgets_names  # type: ignore[attr-defined]  # the stubs have not heard of it
        for ending, inner, part in zip(endings, widget.widgets, parts, strict=False):
            yield from _sent(inner, name + ending, part)
    elif isinstance(widget, forms.CheckboxInput):
        yield name, ["on"] if widget.check_test(value) else []
    else:
        shown = widget.format_value(value)
        yield name, [str(item) for item in shown] if isinstance(shown, list) else ["" if shown is None else str(shown)]
