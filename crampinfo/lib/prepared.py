"""Querysets that are compiled once: for pages, most of the time of a query goes into building its SQL."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.query import ModelIterable, ValuesIterable, ValuesListIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

# Stand-ins for the values of a query while it is built: no real row has them.
_NUMBERS = 2**62
_SHAPES = 200
_TEXT = "\u2063stand-in\u2063"

Row = Any


class Prepared:
    """A queryset as a function of its values.

        guide = Prepared(lambda slug: Article.objects.published().filter(slug=slug))
        found = guide.rows(slug="night-cramps")

    build is called once for each shape of its arguments: strings and whole numbers are values, a sequence of numbers
    has its length as shape, and everything else (None, True, a model) is part of the shape. A value must reach the
    SQL as it is: one that is changed on the way (icontains) or looked at while building is a ValueError at first use.
    Moments belong into the SQL (Now()), and settings that decide what build makes among its arguments.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any, Any]]) -> None:
        self._build = build
        self._compiled: dict[Any, _Compiled | None] = {}
        self._guard = threading.Lock()

    def rows(self, **values: Any) -> list[Row]:
        """What the queryset would give with these values."""
        shape = (connection.vendor, *((name, _shape_of(value)) for name, value in values.items()))
        try:
            compiled = self._compiled[shape]
        except KeyError:
            with self._guard:
                if len(self._compiled) >= _SHAPES:  # lists of all lengths: they come again
                    self._compiled.clear()
                compiled = self._compiled[shape] = self._compile(values)
        return compiled.run(values) if compiled is not None else []

    def first(self, **values: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(self.rows(**values)), None)

    def _compile(self, values: Mapping[str, Any]) -> _Compiled | None:
        counter = itertools.count()
        stand_ins: dict[Any, tuple[str, int | None]] = {}
        given = {name: _stood_in(name, value, counter, stand_ins) for name, value in values.items()}
        queryset = self._build(**given)
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return None
        places = tuple(stand_ins.get(value) if isinstance(value, (int, str)) else None for value in parameters)
        if set(stand_ins.values()) - set(places):
            raise ValueError(f"Not all of {', '.join(values)} reach the SQL as they are: {sql}")
        return _Compiled(queryset, compiler, sql, tuple(parameters), places)


def _shape_of(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, str)):
        return type(value)
    return ("many", len(value)) if isinstance(value, (list, tuple)) else value


def _stood_in(name: str, value: Any, counter: Iterator[int], stand_ins: dict[Any, tuple[str, int | None]]) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        fresh = [_NUMBERS + next(counter) for _ in value]
        stand_ins.update({number: (name, place) for place, number in enumerate(fresh)})
        return fresh
    if not isinstance(value, (int, str)):
        return value
    one: int | str = _NUMBERS + next(counter) if isinstance(value, int) else f"{_TEXT}{next(counter)}"
    stand_ins[one] = (name, None)
    return one


class _Compiled:
    """SQL with the places of its values, and how its rows become what the queryset gives.

    What Django finds out anew for each run of a queryset, such as which columns need converting, is found out once.
    """

    def __init__(
        self,
        queryset: models.QuerySet[Any, Any],
        compiler: SQLCompiler,
        sql: str,
        parameters: tuple[Any, ...],
        places: tuple[tuple[str, int | None] | None, ...],
    ) -> None:
        self._compiler, self._sql = compiler, sql
        self._parameters, self._places = parameters, places
        self._lookups = queryset._prefetch_related_lookups  # type: ignore[attr-defined]
        columns: Any = [column[0] for column in (compiler.select or ())[0 : compiler.col_count]]
        if compiler.has_composite_fields(columns):
            raise ValueError("A queryset with composite fields can't be prepared.")
        self._converters: Any = compiler.get_converters(columns)
        self._make = self._maker(queryset)

    def run(self, values: Mapping[str, Any]) -> list[Row]:
        filled = [
            own if place is None else values[place[0]] if place[1] is None else values[place[0]][place[1]]
            for own, place in zip(self._parameters, self._places, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, filled)
            found: Any = cursor.fetchall()
        if not found:
            return []
        if self._converters:
            found = self._compiler.apply_converters(found, self._converters)
        rows = [self._make(row) for row in found]
        if self._lookups:
            models.prefetch_related_objects(rows, *self._lookups)
        return rows

    def _maker(self, queryset: models.QuerySet[Any, Any]) -> Callable[[Any], Row]:
        kind = queryset._iterable_class
        if kind is ModelIterable:
            return self._instance_maker()
        if kind is ValuesIterable:
            query = queryset.query
            names = tuple(query.selected or (*query.extra_select, *query.values_select, *query.annotation_select))
            return lambda row: dict(zip(names, row, strict=False))
        if kind is ValuesListIterable:
            return tuple
        raise ValueError(f"{kind.__name__} can't be prepared: use rows, values() or values_list().")

    def _instance_maker(self) -> Callable[[Any], Row]:
        """As ModelIterable makes them."""
        info, select = self._compiler.klass_info or {}, self._compiler.select
        fields = info["select_fields"]
        start, end = fields[0], fields[-1] + 1
        names = [column[0].target.attname for column in select[start:end]]
        annotations = tuple((self._compiler.annotation_col_map or {}).items())
        # The stubs are those of the next Django.
        populators = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]
        model = info["model"]

        def made(row: Any) -> Row:
            instance = model.from_db(connection.alias, names, row[start:end])
            for populator in populators:
                populator.populate(row, instance)
            for name, place in annotations:
                setattr(instance, name, row[place])
            return instance

        return made
