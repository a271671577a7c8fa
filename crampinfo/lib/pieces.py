"""Pieces of pages that depend on nothing but what they are given: made once, and taken again while it is the same.

A new price changes one row of a list; the others need not be made anew for it, nor the header of every page.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Model
from django.template import Context, Library
from django.template.base import Node, Parser, Token
from django.template.loader import get_template
from django.template.loader_tags import IncludeNode, do_include
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = Library()

_DEEPEST = 4  # relations from row to row; rows that know each other have no end
ROOM = 4_000_000  # characters of all pieces together

_kept: OrderedDict[Any, str] = OrderedDict()
_size = 0
_guard = threading.Lock()


class NotPlain(TypeError):
    """A value of which nobody knows what a template may print of it: its piece is made each time."""


def plain(value: Any, deep: int = 0) -> Any:
    """A value as part of a key: two that print differently are never equal (1 and True, 1.0 and 1.00).

    deep counts the rows that this one was reached through.
    """
    if value is None or isinstance(value, (bool, int, float, Decimal)):
        return (value.__class__, str(value))
    if isinstance(value, str):
        return (isinstance(value, SafeString), str(value))
    if isinstance(value, Promise):
        return (False, str(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return tuple(map(plain, value))
    if isinstance(value, Mapping):
        return tuple((name, plain(item)) for name, item in value.items())
    if isinstance(value, Model):
        return _row(value, deep)
    if is_dataclass(value):
        return (value.__class__, *[plain(getattr(value, name)) for name in _names(value.__class__)])
    raise NotPlain(value.__class__.__name__)


def _row(instance: Model, deep: int) -> Any:
    """All that was read of a row, related rows included: a template may print nothing else of it, and ask no query."""
    if deep > _DEEPEST:
        raise NotPlain(f"{instance.__class__.__name__} leads too far.")
    held = [(name, plain(value)) for name, value in instance.__dict__.items() if name != "_state"]
    beside = [(name, plain(other, deep + 1)) for name, other in instance._state.fields_cache.items()]
    return (instance.__class__, tuple(held), tuple(beside))


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template that is given these values and nothing else."""
    try:
        key = (template, get_language(), plain(values))
    except NotPlain:
        return _made(template, values)
    found = _kept.get(key)
    if found is None:
        found = _made(template, values)
        _keep(key, found)
    return found


def _made(template: str, values: Mapping[str, Any]) -> str:
    return get_template(template).render(dict(values))


def _keep(key: Any, piece: str) -> None:
    global _size
    with _guard:
        if key not in _kept:
            _kept[key] = piece
            _size += len(piece) * 3  # with its key
        while _size > ROOM and _kept:
            _size -= len(_kept.popitem(last=False)[1]) * 3


def forget() -> None:
    """Make all pieces anew."""
    global _size
    with _guard:
        _kept.clear()
        _size = 0


class Piece(Node):
    """{% piece "template" with a=b only %}: like include, for templates that depend on their values alone."""

    child_nodelists = ()

    def __init__(self, include: IncludeNode) -> None:
        self.template, self.values = include.template, include.extra_context

    def render(self, context: Context) -> str:
        """The piece with the values that these names have now."""
        values = {name: value.resolve(context) for name, value in self.values.items()}
        return render(self.template.resolve(context), values)


@register.tag("piece")
def piece(parser: Parser, token: Token) -> Node:
    """Written like include, and always with only."""
    include = do_include(parser, token)
    if not include.isolated_context:
        raise ValueError("A piece is given its values and nothing else: write only.")
    return Piece(include)
