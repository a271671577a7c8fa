"""Snapshots: what an object says, as data; its hash; and the history of both."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Max

from crampinfo.editorial.models import Publishable, Revision


def snapshot(instance: Publishable) -> dict[str, Any]:
    """The fields and children that make the content, as JSON can hold them (children in their own order)."""
    data: dict[str, Any] = {name: getattr(instance, name) for name in instance.content_fields}
    for relation, fields in getattr(instance, "content_children", {}).items():
        data[relation] = list(getattr(instance, relation).values(*fields)) if instance.pk else []
    plain: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return plain


def digest(data: dict[str, Any]) -> str:
    """SHA-256 of a snapshot in canonical form: sorted keys, no spaces."""
    return hashlib.sha256(
        json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def content_hash(instance: Publishable) -> str:
    """The hash that approval, gate and medical review are bound to."""
    return bound(type(instance), snapshot(instance))


def bound(kind: type[Publishable], data: dict[str, Any]) -> str:
    """The hash of a snapshot of this kind of content, without the empty fields that a later release brought."""
    later = kind.content_joined
    return digest({name: value for name, value in data.items() if name not in later or value not in (None, "")})


def record(
    instance: Publishable,
    *,
    summary: str,
    author: User | None = None,
    gate_report: list[dict[str, str]] | None = None,
) -> Revision:
    """Write the next revision of an object. The content's row is locked, so that numbers never collide."""
    content_type = ContentType.objects.get_for_model(instance)
    data = snapshot(instance)
    with transaction.atomic():
        type(instance)._base_manager.select_for_update().filter(pk=instance.pk).first()
        mine = Revision.objects.filter(content_type=content_type, object_id=instance.pk)
        last = mine.aggregate(last=Max("number"))["last"] or 0
        return Revision.objects.create(
            content_type=content_type,
            object_id=instance.pk,
            number=last + 1,
            data=data,
            content_hash=bound(type(instance), data),
            summary=summary[:500],
            gate_report=gate_report or [],
            author=author,
        )
