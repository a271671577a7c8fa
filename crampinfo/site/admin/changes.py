"""On the admin's home: drafts of changes of live pages, those first that wait for whoever is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils.translation import gettext as _

from crampinfo.editorial.models import CopyState, WorkingCopy
from crampinfo.editorial.roles import APPROVE, may_publish

_MOST = 200  # drafts looked at
_ROWS = 8  # and shown


@dataclass(frozen=True, slots=True)
class Change:
    """A draft of changes: what it is of, how it stands, and what it wants of this person ("" when nothing)."""

    kind: str
    title: str
    address: str
    state: str
    who: str
    saved: datetime
    wants: str
    mine: bool


def to_show(user: Any) -> list[Change]:
    """Drafts of what this person may change: waiting for them, then their own, then the others, oldest first."""
    kinds = _kinds(user)
    copies = WorkingCopy.objects.filter(content_type__in=kinds).select_related("author").prefetch_related("writers")
    rows = [_change(copy, kinds[copy.content_type_id], user) for copy in copies.order_by("saved_at")[:_MOST]]
    return sorted(rows, key=lambda row: (not row.wants, not row.mine))[:_ROWS]


def _kinds(user: Any) -> dict[int, ContentType]:
    """The kinds of texts this person may change."""
    labels: Sequence[tuple[str, str]] = (
        ("articles", "article"),
        ("articles", "question"),
        ("articles", "page"),
        ("reviews", "review"),
        ("reviews", "ranking"),
    )
    types = [
        ContentType.objects.get_by_natural_key(app, name)
        for app, name in labels
        if user.has_perm(f"{app}.change_{name}")
    ]
    return {kind.pk: kind for kind in types}


def _change(copy: WorkingCopy, kind: ContentType, user: Any) -> Change:
    writers = {writer.pk for writer in copy.writers.all()}
    second = bool(settings.SINGLE_OPERATOR) or writers != {user.pk}
    wants = ""
    if copy.state == CopyState.IN_REVIEW and second and user.has_perm(APPROVE):
        wants = _("wait for your approval")
    elif copy.state == CopyState.APPROVED and second and may_publish(user):
        wants = _("wait to be published by you")
    return Change(
        kind=str(kind.name),
        title=copy.title,
        address=reverse(f"admin:{kind.app_label}_{kind.model}_change", args=[copy.object_id]),
        state=str(copy.get_state_display()),
        who=copy.author.get_username() if copy.author is not None else "–",
        saved=copy.saved_at,
        wants=wants,
        mine=user.pk in writers,
    )
