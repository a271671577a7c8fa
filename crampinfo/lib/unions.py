"""Rows of several models in one query: the same four columns from each."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast

COLUMNS = ("kind", "key", "label", "about")


def columns(found: QuerySet[Any], kind: str, key: str | None, label: str, about: str) -> QuerySet[Any, dict[str, Any]]:
    """kind, key, label and about of every row, as text, so that querysets of different models can be united.

    key, label and about name fields (key may be None for rows without an address). Ordering is dropped: databases
    refuse it inside a union.
    """
    text = CharField()
    rows: QuerySet[Any, dict[str, Any]] = (
        found.order_by()
        .annotate(
            kind=Value(kind, output_field=text),
            key=Cast(F(key), text) if key else Value("", output_field=text),
            label=Cast(F(label), text),
            about=Cast(F(about), text),
        )
        .values(*COLUMNS)
    )
    return rows
