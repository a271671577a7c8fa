"""Where an object without a page of its own is seen by readers; layers above say so for what lower ones keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models

from crampinfo.editorial.models import Publishable

Where = Callable[[Any], Publishable | None]
W = TypeVar("W", bound=Where)
_places: dict[type[models.Model], list[Where]] = {}


def seen_on(*kinds: type[models.Model]) -> Callable[[W], W]:
    """Register a function that gives the publishable thing on whose page an object stands, or None."""

    def register(where: W) -> W:
        for kind in kinds:
            _places.setdefault(kind, []).append(where)
        return where

    return register


def page_of(obj: Any) -> Publishable | None:
    """The first that any of them gives; itself for what is published itself."""
    if isinstance(obj, Publishable):
        return obj
    found = (where(obj) for where in _places.get(type(obj), ()))
    return next((page for page in found if page is not None), None)


def address_of(obj: Any) -> str | None:
    """Where readers see an object now: at its own address, or at that of the page it stands on."""
    page = page_of(obj)
    if page is not None:
        return str(page.get_absolute_url()) if page.is_live else None  # type: ignore[attr-defined]
    own: Callable[[], str] | None = getattr(obj, "get_absolute_url", None)
    return own() if own is not None else None
