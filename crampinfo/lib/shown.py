"""What a page showed while it was made: rows, tables, and the moment from which it is no longer true.

The page cache opens a recording around a rendering; everything below may add to it. Outside of one, notes are free.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

_TABLE = re.compile(r'\b(?:FROM|JOIN) "(\w+)"')


@dataclass(slots=True)
class Shown:
    """One rendering's notes.

    tags name rows and tables. until is the earliest moment (Unix seconds) at which anything on the page changes by
    itself; priced_until the earliest at which a price or an ad on it may no longer stand there at all.
    """

    tags: set[str] = field(default_factory=set)
    until: float | None = None
    priced_until: float | None = None
    exact: bool = False

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """For connection.execute_wrapper: every table that a statement reads, unless the view says it is exact."""
        if not self.exact:
            self.tags.update(tables(sql))
        return execute(sql, params, many, context)

    def ends(self, moment: float, *, priced: bool = False) -> None:
        """Something on the page is true until this moment."""
        self.until = moment if self.until is None else min(self.until, moment)
        if priced:
            self.priced_until = moment if self.priced_until is None else min(self.priced_until, moment)


_current: ContextVar[Shown | None] = ContextVar("shown", default=None)


@contextmanager
def recording() -> Iterator[Shown]:
    """Inside, notes are kept."""
    seen = Shown()
    token = _current.set(seen)
    try:
        yield seen
    finally:
        _current.reset(token)


def current() -> Shown | None:
    """The recording that is open, if any."""
    return _current.get()


def note(*tags: str) -> None:
    """The page depends on these: row("products.offer", 12), or a name that whoever purges knows too."""
    seen = _current.get()
    if seen is not None:
        seen.tags.update(tags)


def true_until(moment: datetime) -> None:
    """The page says something of the clock that is true until this moment."""
    seen = _current.get()
    if seen is not None:
        seen.ends(moment.timestamp())


def price_until(moment: datetime) -> None:
    """A price or ad on the page may stand there until this moment."""
    seen = _current.get()
    if seen is not None:
        seen.ends(moment.timestamp(), priced=True)


def table(name: str) -> str:
    """The tag of a whole table, by its name in the database: what a view that is not exact depends on."""
    return f"table:{name}"


def row(label: str, key: object) -> str:
    """The tag of one row: row("articles.article", 12)."""
    return f"{label}:{key}"


@lru_cache(maxsize=512)
def tables(sql: str) -> frozenset[str]:
    """The tables that a statement of the ORM reads, as tags."""
    return frozenset(table(name) for name in _TABLE.findall(sql))


def exact(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """A view whose page depends on the rows it loads and the notes it makes, not on whole tables.

    For pages of which there are many: any other change must leave them alone. What such a view reads without loading
    rows (values, counts) must be known to crampinfo.site.pagecache.changes, and a test looks for what is not.
    """

    @wraps(view)
    def marked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        seen = _current.get()
        if seen is not None:
            seen.exact = True
        return view(*args, **kwargs)

    return marked
