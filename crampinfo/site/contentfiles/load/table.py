"""Which function loads which kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crampinfo.site.contentfiles.load import facts, judgement, words
from crampinfo.site.contentfiles.load.desk import Desk
from crampinfo.site.contentfiles.load.lookup import MODELS
from crampinfo.site.contentfiles.parse import Entry
from reviews.models import Review

LOADERS: dict[str, Callable[[Desk, Any, Any], None]] = {
    "topic": facts.plain,
    "reference": facts.reference,
    "evidence": facts.evidence,
    "author": facts.author,
    "brand": facts.plain,
    "merchant": facts.plain,
    "programme": facts.plain,
    "product": facts.product,
    "conflict": facts.plain,
    "methodology": judgement.methodology,
    "slot": facts.plain,
    "review": judgement.review,
    "ranking": judgement.ranking,
    "placement": facts.placement,
    "article": words.article,
    "question": words.written,
    "page": words.page,
}


def find(desk: Desk, entry: Entry) -> Any:
    """The stored object of an entry, or None."""
    if entry.kind == "conflict":
        return facts.find_conflict(desk, entry.item)  # type: ignore[arg-type]
    return desk.lookup.find(entry.kind, entry.slug)


def load(desk: Desk, entry: Entry, stored: Any) -> Any:
    """Make the stored object, or a new one, what the entry says. Raises Rejected, Dependent, or a database error."""
    obj = stored if stored is not None else _new(desk, entry)
    LOADERS[entry.kind](desk, entry.item, obj)
    return obj


def _new(desk: Desk, entry: Entry) -> Any:
    if entry.kind == "review":
        return Review(product=desk.lookup.get("product", entry.slug))
    return MODELS[entry.kind]()
