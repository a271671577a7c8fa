"""From items to model objects: values, checks whose refusals name file and line, children, many-to-many sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db import models

from crampinfo.site.contentfiles.fields import Many, Ref
from crampinfo.site.contentfiles.load.lookup import Lookup
from crampinfo.site.contentfiles.markdown import Body
from crampinfo.site.contentfiles.moments import Moment
from crampinfo.site.contentfiles.problems import Problem, Rejected
from crampinfo.site.contentfiles.reading import Field, Item, One, Parts, fields_of, model_names

# References to objects of the same kind wait until all of them exist.
LATER = ("superseded_by", "translation_of")


def column(model: type[models.Model], name: str) -> Any:
    """The model's own field of that name, or None (a reverse relation is none)."""
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if found.concrete else None


def values(item: Item, obj: models.Model, lookup: Lookup) -> dict[str, Any]:
    """What the item says for the object's own fields, by the model's names.

    A date relative to loading is set once: a later load leaves the stored one.
    """
    found = {}
    model = type(obj)
    for name, each in fields_of(type(item)).items():
        target = column(model, each.model_name)
        if target is None or target.many_to_many or name in LATER or isinstance(each.rule, One | Parts):
            continue
        if target.is_relation and not isinstance(each.rule, Ref):
            continue
        value = getattr(item, name)
        if isinstance(value, Moment) and value.relative and obj.pk and getattr(obj, each.model_name) is not None:
            continue
        found[each.model_name] = _value(value, each, target, lookup)
    return found


def _value(value: Any, each: Field, target: models.Field, lookup: Lookup) -> Any:
    if isinstance(each.rule, Ref):
        return lookup.get(each.rule.kind, value) if value else None
    if isinstance(value, Moment):
        return value.at if isinstance(target, models.DateTimeField) else value.day
    if isinstance(each.rule, Many):
        return list(value) if isinstance(target, models.JSONField) else "\n".join(value)
    return value


def assign(obj: models.Model, item: Item, lookup: Lookup, more: dict[str, Any]) -> None:
    """Set the fields of an object from its item, and more."""
    for name, value in (values(item, obj, lookup) | more).items():
        setattr(obj, name, value)


def check(obj: models.Model, item: Item) -> None:
    """Run the model's own checks. Raises Rejected with the item's lines."""
    try:
        obj.full_clean()
    except ValidationError as error:
        raise Rejected(explain(error, item)) from error


def save(obj: models.Model, item: Item) -> None:
    """Check and save."""
    check(obj, item)
    obj.save()


def explain(error: ValidationError, item: Item, field: str = "") -> list[Problem]:
    """What a model refused, on the line of the field where that is known; field is where to look otherwise."""
    if not hasattr(error, "error_dict"):
        return [item.where.problem(message, field) for message in error.messages]
    names = model_names(type(item))
    found = []
    for target, messages in error.message_dict.items():
        name = "" if target == NON_FIELD_ERRORS else names.get(target, target)
        line = line_of(item, name or field)
        prefix = f"{name}: " if name else ""
        found += [Problem(item.where.file, line, prefix + message) for message in messages]
    return found


def line_of(item: Item, field: str) -> int:
    """The line of a field, the first line of the text for its body, or the item's."""
    body = getattr(item, "body", None)
    if isinstance(body, Body) and field in ("body", "biography", "description") and field not in item.where.lines:
        return body.line
    return item.where.at(field)


def set_many(obj: models.Model, item: Item, lookup: Lookup) -> None:
    """Set the many-to-many fields the item has a list for. Raises Rejected."""
    for name, each in fields_of(type(item)).items():
        target = column(type(obj), each.model_name)
        if (
            target is None
            or not target.many_to_many
            or not isinstance(each.rule, Many)
            or not isinstance(each.rule.rule, Ref)
        ):
            continue
        others = [lookup.get(each.rule.rule.kind, slug) for slug in getattr(item, name)]
        try:
            getattr(obj, each.model_name).set(others)
        except ValidationError as error:
            raise Rejected(explain(error, item, name)) from error


def sync(
    parent: models.Model, relation: str, items: Sequence[Item], key: str, lookup: Lookup
) -> list[tuple[Any, Item]]:
    """Make a parent's children what the items say; one field recognises them. Raises Rejected with all problems.

    Children that stay keep their row, so that what points at them (an evidence box at an outcome) stays true.
    """
    manager = getattr(parent, relation)
    model, owner = manager.model, manager.field.name
    numbered = key == "position"
    keys = [number if numbered else _key(item, model, key, lookup) for number, item in enumerate(items, 1)]
    existing = {getattr(child, key): child for child in manager.all()}
    for name, child in existing.items():
        if name not in keys:
            child.delete()
    made = []
    for number, (name, item) in enumerate(zip(keys, items, strict=True), 1):
        child = existing.pop(name, None) or model(**{owner: parent})
        more = {"position": number} if column(model, "position") is not None else {}
        made.append((child, item, more))
    all_of(partial(_child, child, item, lookup, more) for child, item, more in made)
    return [(child, item) for child, item, _ in made]


def _key(item: Item, model: type[models.Model], key: str, lookup: Lookup) -> Any:
    return values(item, model(), lookup)[key]


def _child(child: models.Model, item: Item, lookup: Lookup, more: dict[str, Any]) -> None:
    assign(child, item, lookup, more)
    save(child, item)


def all_of(steps: Iterable[Any]) -> None:
    """Run callables one after another and raise the problems of all of them together."""
    problems: list[Problem] = []
    for step in steps:
        try:
            step()
        except Rejected as rejected:
            problems += rejected.problems
    if problems:
        raise Rejected(problems)
