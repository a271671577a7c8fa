"""On the admin's home: what somebody handed to whoever is signed in, late first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse

from crampinfo.editorial.models import Handover, MedicalReview, State, WorkingCopy
from crampinfo.editorial.roles import APPROVE
from crampinfo.site.admin.texts import allowed, title_of

_MOST = 200  # handovers looked at
_ROWS = 8  # and shown

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class One:
    """Something that was handed over, as it is called now, and where it is done."""

    row: Handover
    kind: str
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Handed:
    """The first of them, and how many there are besides."""

    rows: list[One]
    more: int


@dataclass(frozen=True, slots=True)
class _Now:
    """How something stands; done is for whoever only reads it: its words have been read."""

    title: str
    state: str
    done: bool = False


def to_show(user: Any) -> Handed | None:
    """What this person has now; None when it is nothing. Three queries, whatever there is."""
    kinds = {ContentType.objects.get_for_model(model).pk: model for model in allowed(user, "view")}
    newer = Handover.objects.filter(
        content_type=OuterRef("content_type"), object_id=OuterRef("object_id"), pk__gt=OuterRef("pk")
    )
    mine = Handover.objects.filter(~Exists(newer), assignee=user.pk, content_type__in=kinds).exclude(
        to_state__in=(State.PUBLISHED, State.RETIRED)
    )
    rows = list(mine.select_related("by").order_by(F("due").asc(nulls_last=True), "pk")[:_MOST])
    if not rows:
        return None
    texts = _texts(kinds, [row for row in rows if not row.of_changes])
    changing = {key for key, model in kinds.items() if model in allowed(user, "change")}
    changes = _changes([row for row in rows if row.of_changes and row.content_type_id in changing])
    found = []
    for row in rows:
        key = (row.content_type_id, row.object_id)
        now = (changes if row.of_changes else texts).get(key)
        if now is None or now.state != row.to_state or (now.done and not user.has_perm(APPROVE)):
            continue  # moved on without a handover, thrown away, or read by now
        found.append(_one(row, kinds[row.content_type_id], now.title))
    return Handed(found[:_ROWS], max(0, len(found) - _ROWS)) if found else None


def _one(row: Handover, model: Any, title: str) -> One:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.object_id])
    return One(row, str(model._meta.verbose_name), title, address)


def _texts(kinds: dict[int, Any], rows: Iterable[Handover]) -> dict[Key, _Now]:
    wanted: dict[int, list[int]] = {}
    for row in rows:
        wanted.setdefault(row.content_type_id, []).append(row.object_id)
    if not wanted:
        return {}
    read = Case(When(MedicalReview.counting(), then=Value("yes")), default=Value(""), output_field=CharField())
    first, *others = [
        kinds[kind]
        .objects.order_by()
        .filter(pk__in=keys)
        .exclude(state__in=(State.PUBLISHED, State.RETIRED))
        .annotate(kind=Value(str(kind), output_field=CharField()), name=title_of(kinds[kind]), done=read)
        .values_list("kind", "pk", "name", "state", "done")
        for kind, keys in wanted.items()
    ]
    union = first.union(*others, all=True) if others else first
    return {(int(kind), key): _Now(name, state, bool(done)) for kind, key, name, state, done in union}


def _changes(rows: Iterable[Handover]) -> dict[Key, _Now]:
    wanted = Q(pk__in=[])
    for row in rows:
        wanted |= Q(content_type=row.content_type_id, object_id=row.object_id)
    found = WorkingCopy.objects.filter(wanted).values_list("content_type", "object_id", "title", "state")
    return {(kind, key): _Now(title, state) for kind, key, title, state in found.order_by()}
