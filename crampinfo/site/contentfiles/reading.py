"""From a YAML tree to a dataclass, whose annotations say which fields there are and what each may hold."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar, get_type_hints

from crampinfo.site.contentfiles.fields import As, Desk, Wrong, named
from crampinfo.site.contentfiles.problems import Where, nearest
from crampinfo.site.contentfiles.yamltree import Mapping, Scalar, Sequence, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What every object and every part of one shares: where it stands."""

    where: Where

    @property
    def key(self) -> str:
        """What identifies it within its kind."""
        return str(getattr(self, "slug", ""))


I = TypeVar("I", bound=Item)  # noqa: E741  (a one-letter type variable for items)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an item: its rule, whether it must be there, and its name in the model."""

    name: str
    rule: Any
    required: bool
    model_name: str


_FIELDS: dict[type[Item], dict[str, Field]] = {}


def fields_of(cls: type[Item]) -> dict[str, Field]:
    """The fields a file may write, from the class's annotations, which are looked at once."""
    if cls not in _FIELDS:
        _FIELDS[cls] = _fields_of(cls)
    return _FIELDS[cls]


def _fields_of(cls: type[Item]) -> dict[str, Field]:
    hints = get_type_hints(cls, include_extras=True)
    found = {}
    for each in fields(cls):
        notes = getattr(hints[each.name], "__metadata__", ())
        rule = next((note for note in notes if hasattr(note, "read")), None)
        if rule is None:
            continue
        other = next((note.name for note in notes if isinstance(note, As)), each.name)
        required = each.default is MISSING and each.default_factory is MISSING
        found[each.name] = Field(each.name, rule, required, other)
    return found


def model_names(cls: type[Item]) -> dict[str, str]:
    """The file's field name for each of the model's."""
    return {each.model_name: each.name for each in fields_of(cls).values()}


def item(cls: type[I], tree: Tree, desk: Desk, **extra: Any) -> I | None:
    """The object a tree describes, or None when anything in it is wrong (the desk has the problems)."""
    if not isinstance(tree, Mapping):
        desk.wrong(tree.line, "Here must stand fields, such as slug: night-cramps.")
        return None
    before = len(desk.problems)
    known = fields_of(cls)
    for name in tree.fields:
        if name not in known:
            desk.wrong(tree.lines[name], _unknown(name, known))
    values = {}
    for name, each in known.items():
        value = _value(each, tree, desk)
        if value is not None:
            values[name] = value
    if len(desk.problems) > before:
        return None
    return cls(where=Where(desk.file, tree.line, tree.lines, desk.folder), **values, **extra)


def _unknown(name: str, known: dict[str, Field]) -> str:
    if name == "body":
        return "body is no field: a text stands below the front matter of a *.md file, and not every kind has one."
    return f"There is no field {name}.{nearest(name, known)}"


def _value(each: Field, tree: Mapping, desk: Desk) -> object:
    """A field's value; None where it is not written or wrong."""
    given = tree.fields.get(each.name)
    if given is None or (isinstance(given, Scalar) and given.empty):
        if each.required:
            line = tree.lines.get(each.name, tree.line)
            desk.wrong(line, f"{each.name} is missing: every object of this kind needs it.")
        return None
    outer, desk.reading = desk.reading, each.name
    try:
        value = each.rule.read(given, desk)
        if each.required and value in ("", ()):
            raise Wrong(tree.lines[each.name], "is empty: every object of this kind needs it.")
        return value
    except Wrong as wrong:
        desk.wrong(tree.lines[each.name], named(each.name, wrong.text))
        return None
    finally:
        desk.reading = outer


@dataclass(frozen=True, slots=True)
class One:
    """A field that is a group of fields itself."""

    cls: type[Item]

    def read(self, tree: Tree, desk: Desk) -> Item | None:
        """The part."""
        return item(self.cls, tree, desk)


@dataclass(frozen=True, slots=True)
class Parts:
    """A field that is a list of groups of fields."""

    cls: type[Item]

    def read(self, tree: Tree, desk: Desk) -> tuple[Item, ...]:
        """The parts that could be read."""
        if not isinstance(tree, Sequence):
            raise Wrong(tree.line, "must be a list: begin each entry with “- ”.")
        found = (item(self.cls, part, desk) for part in tree.items)
        return tuple(part for part in found if part is not None)
