"""Every piece of text of an object, with what rules must know of it: markup or not, a name or a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from crampinfo.editorial import revisions
from crampinfo.editorial.models import Publishable
from crampinfo.editorial.phrasebook import About

# Names, titles and addresses: what stands here is read as a label, not as a sentence.
_LABELS = frozenset({"title", "short_title", "slug", "name", "none_title", "none_link_text", "alt", "short_facts"})
# Addresses inside the site and codes: nobody reads them.
_CODES = frozenset({"language", "none_link", "figure", "acquisition", "compensation", "reference_currency"})

Kept = TypeVar("Kept")
Subject = Callable[[Any], About]
_subjects: dict[type[models.Model], Subject] = {}
_paid: list[tuple[type[models.Model], Callable[[Any], bool]]] = []
_read: ContextVar[dict[tuple[int, str], Any] | None] = ContextVar("read", default=None)


@dataclass(frozen=True, slots=True)
class Passage:
    """One text. field is its name, relation[n].field for a child's and relation.field for a related object's.

    paid is for lists whose order payment changes.
    """

    field: str
    text: str
    about: About = About.TEXT
    markup: bool = False
    label: bool = False
    paid: bool = False


def speaks_of(*kinds: type[models.Model]) -> Callable[[Subject], Subject]:
    """Register what the words of a model speak of; those that nobody registers speak of any subject."""

    def register(function: Subject) -> Subject:
        for kind in kinds:
            _subjects[kind] = function
        return function

    return register


def is_paid(kind: type[models.Model]) -> Callable[[Callable[[Any], bool]], Callable[[Any], bool]]:
    """Register how one tells that payment changes an object of this kind."""

    def register(function: Callable[[Any], bool]) -> Callable[[Any], bool]:
        _paid.append((kind, function))
        return function

    return register


def subject(instance: models.Model) -> About:
    """What an object's own words speak of."""
    found = _subjects.get(type(instance))
    return found(instance) if found is not None else About.TEXT


def of(instance: Publishable) -> tuple[Passage, ...]:
    """Every text of an object: its fields, its children's, and those of related objects that its page prints."""
    return once(instance, "passages", lambda: tuple(_all(instance)))


def once(instance: object, name: str, fetch: Callable[[], Kept]) -> Kept:
    """What fetch finds, fetched once for an object and a name inside read_once, each time elsewhere."""
    known = _read.get()
    if known is None:
        return fetch()
    if (id(instance), name) not in known:
        known[id(instance), name] = fetch()
    found: Kept = known[id(instance), name]
    return found


@contextmanager
def read_once() -> Iterator[None]:
    """Inside, what several rules ask of an object is fetched once: its texts, its sources."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def _all(instance: Publishable) -> Iterator[Passage]:
    about = subject(instance)
    paid = any(isinstance(instance, kind) and tells(instance) for kind, tells in _paid)
    for name, value in revisions.snapshot(instance).items():
        if isinstance(value, str):
            yield _passage(instance, name, value, name, about, paid)
        elif isinstance(value, list):
            for number, child in enumerate(value, 1):
                for field, text in child.items():
                    if isinstance(text, str):
                        yield _passage(instance, f"{name}[{number}].{field}", text, field, about, paid)
    for number, entry in enumerate(instance.corrections, 1):
        yield Passage(f"corrections[{number}].text", entry["text"], about, paid=paid)
    for path, fields in instance.shown_with.items():
        related = _follow(instance, path)
        if related is not None:
            told = _told(instance, path)
            for field in fields:
                yield _passage(related, f"{path}.{field}", str(getattr(related, field)), field, told, paid)


def _passage(owner: models.Model, field: str, text: str, name: str, about: About, paid: bool) -> Passage:
    return Passage(field, text, about, markup=_holds_markup(owner, name), label=name in _LABELS, paid=paid)


def _holds_markup(owner: models.Model, name: str) -> bool:
    try:
        return bool(getattr(owner._meta.get_field(name), "settled_by_saving", False))
    except FieldDoesNotExist:
        return False


def spoken(passage: Passage) -> bool:
    """Whether anybody reads these words; codes and addresses inside the site are stored as text too."""
    return passage.field.rpartition(".")[2] not in _CODES


def _follow(instance: Any, path: str) -> Any:
    """The object at the end of a path of relations, None where one of them is empty."""
    found = instance
    for name in path.split("."):
        found = getattr(found, name) if found is not None and getattr(found, f"{name}_id") is not None else None
    return found


def _told(instance: Any, path: str) -> About:
    """What the words at the end of a path speak of: a product if a product lies on the way."""
    found = instance
    for name in path.split("."):
        found = getattr(found, name)
        if subject(found) is About.PRODUCT:
            return About.PRODUCT
    return About.TEXT
