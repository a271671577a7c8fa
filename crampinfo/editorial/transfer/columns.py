"""Columns of a table: how a cell becomes a value and a value a cell; a cell that makes none says what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from import_export import fields, widgets

_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")


class Column(fields.Field):  # type: ignore[misc]  # import_export has no types
    """One column. hint says what to write; a fixed one is exported and may only come back as it is.

    view is a permission without which the column does not exist for somebody.
    """

    def __init__(
        self, attribute: str, widget: widgets.Widget, hint: Any = "", *, fixed: bool = False, view: str = ""
    ) -> None:
        super().__init__(attribute=attribute, widget=widget)
        self.hint, self.fixed, self.view = hint, fixed, view

    @property
    def many(self) -> bool:
        """Whether its value is rows of another table, kept after the object itself."""
        return isinstance(self.widget, Many)

    def export(self, instance: models.Model, **kwargs: Any) -> str:
        """The cell of an object."""
        return str(self.widget.render(instance if self.many else self.get_value(instance)))


class Part(Column):
    """A column that, with others, names another object; Sheet.link() finds it."""


class Words(widgets.Widget):  # type: ignore[misc]
    """Text. What no keyboard types is refused."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        """See the class."""
        if _CONTROL.search(value):
            raise ValueError(_("It holds a control character: type the text again."))
        return value

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The text."""
        return "" if value is None else str(value)


class Number(widgets.Widget):  # type: ignore[misc]
    """A decimal number with a point."""

    example: Any = "12.5"

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Decimal | None:
        """An empty cell is no number."""
        if not value:
            return None
        if not _DECIMAL.fullmatch(value):
            raise ValueError(_("Write a number with a point and without thousands separators, such as 1234.50."))
        return Decimal(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Without exponent, and without zeros that say nothing."""
        if value is None:
            return ""
        text = f"{Decimal(value):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text


class Amount(Number):
    """Money: above 0 (or from 0 where it may be free), up to a limit, always with its cents."""

    example = "12.90"

    def __init__(self, most: int, *, free: bool = False) -> None:
        super().__init__()
        self.most, self.free = most, free

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Decimal | None:
        """See the class."""
        amount = super().clean(value)
        if amount == 0 and self.free:
            return amount
        if amount is not None and not 0 < amount <= self.most:
            raise ValueError(_("Write an amount above 0 and at most %(most)s.") % {"most": f"{self.most:,}"})
        return amount

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """See the class."""
        return "" if value is None else f"{value:.2f}"


class Whole(widgets.Widget):  # type: ignore[misc]
    """A whole number from 0."""

    example = "60"

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> int | None:
        """An empty cell is no number."""
        if not value:
            return None
        if not (value.isascii() and value.isdecimal() and len(value) <= 9):
            raise ValueError(_("Write a whole number, such as 60."))
        return int(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Its digits."""
        return "" if value is None else str(value)


class YesNo(widgets.Widget):  # type: ignore[misc]
    """yes or no; where nobody may know, also an empty cell."""

    def __init__(self, unknown: bool = False) -> None:
        super().__init__()
        self.unknown = unknown
        self.example = _("yes, no, or empty if unknown") if unknown else _("yes or no")

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> bool | None:
        """See the class."""
        word = value.lower()
        if not word and self.unknown:
            return None
        if word not in (*_YES, *_NO):
            raise ValueError(_("Write yes or no, or nothing if unknown.") if self.unknown else _("Write yes or no."))
        return word in _YES

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The word."""
        return "" if value is None else "yes" if value else "no"


class Choice(widgets.Widget):  # type: ignore[misc]
    """One of a model's choices, by its stored word."""

    def __init__(self, choices: type[models.TextChoices]) -> None:
        super().__init__()
        self.values = list(choices.values)
        self.example = ", ".join(self.values)

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        """See the class."""
        if value and value not in self.values:
            raise ValueError(_("Write one of: %(values)s.") % {"values": ", ".join(self.values)})
        return value

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The word."""
        return str(value or "")


class Day(widgets.Widget):  # type: ignore[misc]
    """A day."""

    example = "2026-11-30"

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> date | None:
        """An empty cell is no day."""
        try:
            found = parse_date(value) if value else None
        except ValueError:
            found = None
        if value and found is None:
            raise ValueError(_("Write a day as year-month-day, such as 2026-11-30."))
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """As it is read."""
        return value.isoformat() if value else ""


class Moment(widgets.Widget):  # type: ignore[misc]
    """A moment, in the site's time zone where it names none; a day alone begins at midnight."""

    example = "2026-11-30 14:05"

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> datetime | None:
        """An empty cell is no moment."""
        if not value:
            return None
        try:
            found = parse_datetime(value) or _midnight(value)
        except ValueError:
            found = None
        if found is None:
            raise ValueError(_("Write a moment as 2026-11-30 14:05, with an offset such as +01:00 if you like."))
        return timezone.make_aware(found) if timezone.is_naive(found) else found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """In the site's time, with its offset, so that reading it again gives the same moment."""
        return timezone.localtime(value).isoformat(sep=" ") if value else ""


def _midnight(value: str) -> datetime | None:
    day = parse_date(value)
    return datetime(day.year, day.month, day.day) if day else None  # noqa: DTZ001  (clean() gives it the site's zone)


class Key(widgets.Widget):  # type: ignore[misc]
    """Another object by its slug. All are read at the first cell, so that a file of rows costs one query."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__()
        self.model = model
        self._known: dict[str, Any] | None = None

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        """An empty cell is none."""
        return self.find(value) if value else None

    def find(self, slug: str) -> Any:
        """The object. Raises ValueError that names what comes close."""
        if self._known is None:
            self._known = {one.slug: one for one in self.model._default_manager.all()}  # type: ignore[attr-defined]
        if slug not in self._known:
            name = self.model._meta.verbose_name
            close = difflib.get_close_matches(slug, self._known, n=1)
            hint = _(" Did you mean %(slug)s?") % {"slug": close[0]} if close else _(" Add it first.")
            raise ValueError(_("There is no %(kind)s “%(slug)s”.") % {"kind": name, "slug": slug} + hint)
        return self._known[slug]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The slug."""
        return str(value.slug) if value is not None else ""


class Many(widgets.Widget):  # type: ignore[misc]
    """Rows of another table in one cell, a semicolon between them.

    parse makes a value of some words, word gives its words back; read gives an object's values, keep makes values its
    own. keep may raise ValidationError.
    """

    def __init__(
        self,
        parse: Callable[[str], Any],
        word: Callable[[Any], str],
        read: Callable[[Any], Iterable[Any]],
        keep: Callable[[Any, list[Any]], None],
    ) -> None:
        super().__init__()
        self.parse, self.word, self.read, self.keep = parse, word, read, keep

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        """The values; an empty cell is none of them."""
        return [self.parse(part.strip()) for part in value.split(";") if part.strip()]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The object's values."""
        return "; ".join(self.word(one) for one in self.read(value))
