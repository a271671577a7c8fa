"""What the gate said of a text when it was last saved: kept with its revision, read here for many texts at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from crampinfo.editorial.gate import Finding, Severity
from crampinfo.editorial.models import Publishable, Revision

Key = tuple[type[models.Model], int]


def last_reports(contents: Iterable[tuple[type[Publishable], int, str]]) -> Mapping[Key, list[Finding]]:
    """The findings by (model, key) for texts given as (model, key, content hash), in one query.

    A text that changed since nobody asked the gate is not in the answer. Asking the gate itself costs a dozen queries a
    text and grows with its rules, so pages that only show its answer read this.
    """
    wanted = {(ContentType.objects.get_for_model(model).pk, key): (model, key, mark) for model, key, mark in contents}
    if not wanted:
        return {}
    any_of = Q()
    for kind, key in wanted:
        any_of |= Q(content_type=kind, object_id=key)
    found: dict[Key, list[Finding]] = {}
    rows = Revision.objects.filter(any_of).order_by("number")
    for kind, key, mark, report in rows.values_list("content_type", "object_id", "content_hash", "gate_report"):
        model, pk, current = wanted[(kind, key)]
        if mark == current:
            # A move between states says nothing about the content: what was found before it still holds.
            found[(model, pk)] = [
                one for one in map(Finding.from_dict, report) if one.severity is not Severity.NOTE
            ] or found.get((model, pk), [])
    return found
