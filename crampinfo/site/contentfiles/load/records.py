"""Import records: what a file said and what it left, so that a second run changes nothing and an edit is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from crampinfo.editorial import revisions
from crampinfo.editorial.models import Publishable, State
from crampinfo.site.contentfiles import kinds
from crampinfo.site.contentfiles.load import saving
from crampinfo.site.contentfiles.load.lookup import MODELS
from crampinfo.site.contentfiles.parse import Entry
from crampinfo.site.contentfiles.reading import fields_of
from crampinfo.site.models import ImportRecord

# What the import writes besides the fields of the item class, and the children that belong to an object's state.
# Prices are no part of it: feeds add them every day.
_MORE = {"author": ("biography",), "product": ("description",), "placement": ("offer_id",)}
_CHILDREN: dict[str, dict[str, tuple[str, ...]]] = {
    "reference": {
        "outcomes": (
            "name",
            "measure",
            "unit",
            "effect",
            "ci_low",
            "ci_high",
            "p",
            "studies",
            "n",
            "certainty",
            "population",
        )
    },
    "author": {"credentials": ("title", "link", "checked_by", "checked_on")},
    "product": {
        "ingredients": ("compound_id", "compound_mg"),
        "certifications": ("name", "issuer", "link"),
        "offers": ("merchant_id", "programme_id", "url", "country", "currency"),
        "topics": ("slug",),
    },
    "methodology": {
        "criteria": ("slug", "name", "description", "is_price"),
        "versions": ("number", "effective_from", "margin", "tie_breaker_id", "changes"),
    },
}
_LONGEST = 120


class Verdict(StrEnum):
    """What is to be done with an object of a file."""

    CREATE = "create"
    CHANGE = "change"
    UNCHANGED = "unchanged"
    EDITED = "edited"
    CONFLICT = "conflict"
    FOREIGN = "foreign"
    RETIRED = "retired"


def slug_for(entry: Entry) -> str:
    """The record's slug: the object's, shortened unmistakably where it is too long for the column."""
    if len(entry.slug) <= _LONGEST:
        return entry.slug
    return f"{entry.slug[: _LONGEST - 17]}-{hashlib.sha256(entry.slug.encode()).hexdigest()[:16]}"


def all_records() -> dict[tuple[str, str], ImportRecord]:
    """Every record by kind and slug, in one query."""
    return {(record.kind, record.slug): record for record in ImportRecord.objects.all()}


def judge(entry: Entry, obj: Any, record: ImportRecord | None, overwrite: bool) -> Verdict:
    """What to do: an edit since the last import is not lost without --overwrite, and a retired page stays retired."""
    if obj is None:
        return Verdict.CREATE
    if isinstance(obj, Publishable) and obj.state == State.RETIRED:
        return Verdict.RETIRED
    if record is None:
        return Verdict.CHANGE if overwrite else Verdict.FOREIGN
    same_file = record.file_digest == entry.digest
    if record.object_digest == digest(entry.kind, obj):
        return Verdict.UNCHANGED if same_file else Verdict.CHANGE
    if same_file:
        return Verdict.EDITED
    return Verdict.CHANGE if overwrite else Verdict.CONFLICT


def digest(kind: str, obj: Any) -> str:
    """The digest of an object as stored: its content hash, or that of the fields and children an import writes."""
    stored = type(obj)._base_manager.get(pk=obj.pk)
    if isinstance(stored, Publishable):
        return revisions.content_hash(stored)
    data: dict[str, Any] = {name: getattr(stored, name) for name in _columns(kind)}
    for relation, columns in _CHILDREN.get(kind, {}).items():
        data[relation] = [
            list(row) for row in getattr(stored, relation).order_by(*columns[:1], "pk").values_list(*columns)
        ]
    return revisions.digest(json.loads(json.dumps(data, cls=DjangoJSONEncoder)))


def _columns(kind: str) -> Iterable[str]:
    model = MODELS[kind]
    for each in fields_of(kinds.BY_NAME[kind].item).values():
        target = saving.column(model, each.model_name)
        if isinstance(target, models.Field) and not target.many_to_many:
            yield target.attname
    yield from _MORE.get(kind, ())


def keep(entry: Entry, obj: Any, record: ImportRecord | None) -> None:
    """Record what the file said and what it left."""
    kept = record or ImportRecord(kind=entry.kind, slug=slug_for(entry))
    kept.file_digest = entry.digest
    kept.object_digest = digest(entry.kind, obj)
    kept.save()
