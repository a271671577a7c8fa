"""Who has a text now: the record of its moves with their notes, and to whom each step may be handed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from crampinfo.editorial import tasks
from crampinfo.editorial.models import Handover, Publishable, State, WorkingCopy
from crampinfo.editorial.roles import APPROVE, PUBLISH, READ


@dataclass(frozen=True, slots=True)
class Along:
    """What goes along with a move: words for whoever has it next, who that is, and until which day."""

    note: str = ""
    to: User | None = None
    due: date | None = None


NOTHING = Along()


def record(
    content: Publishable | WorkingCopy, before: str, after: str, by: User | None, along: Along = NOTHING
) -> Handover | None:
    """Put a move on record, and tell whoever has it now, once it is committed. What programs move has no row.

    Raises ValidationError where the due date is past.
    """
    if by is None:
        return None
    copy = content if isinstance(content, WorkingCopy) else None
    kind = copy.content_type if copy is not None else ContentType.objects.get_for_model(content)
    row = Handover(
        content_type=kind,
        object_id=copy.object_id if copy is not None else content.pk,
        of_changes=copy is not None,
        title=" ".join(str(content).split())[:200],
        from_state=before,
        to_state=after,
        by=by,
        assignee=along.to,
        due=along.due,
        note=along.note,
    )
    row.save()
    if along.to is not None and along.to.pk != by.pk and along.to.email:
        transaction.on_commit(partial(tasks.tell, row.pk), robust=True)
    return row


def of(model: type[models.Model], key: Any) -> models.QuerySet[Handover]:
    """All handovers of an object, newest first."""
    kind = ContentType.objects.get_for_model(model)
    rows: models.QuerySet[Handover] = Handover.objects.filter(content_type=kind, object_id=key)
    return rows.select_related("by", "assignee").order_by("-pk")


def standing(instance: Publishable, copy: WorkingCopy | None) -> Handover | None:
    """The newest handover, while it speaks of how things stand: of the text, or of its draft of changes while live."""
    changes = copy if instance.state == State.PUBLISHED else None
    if instance.state in (State.PUBLISHED, State.RETIRED) and changes is None:
        return None
    newest = of(type(instance), instance.pk).first()
    now = (changes is not None, changes.state if changes is not None else instance.state)
    return newest if newest is not None and (newest.of_changes, newest.to_state) == now else None


def wants_reading(instance: Publishable) -> bool:
    """Whether a medical reviewer is to read it: its topic is sensitive, and nobody has read these very words."""
    topic = getattr(instance, "topic", None) if getattr(instance, "topic_id", None) else None
    return topic is not None and topic.sensitive and instance.reviewed is None


# --- to whom ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here, and what of the steps they may do."""

    user: User
    changes: bool
    approves: bool
    publishes: bool
    reads: bool


def staff(model: type[models.Model]) -> list[Person]:
    """Everybody who can sign in to the admin, and what they may do with this kind of text; one query."""
    change = f"{model._meta.app_label}.change_{model._meta.model_name}"
    rows: Any = User.objects.filter(is_active=True, is_staff=True).annotate(
        changes=_having(change), approves=_having(APPROVE), publishes=_having(PUBLISH), reads=_having(READ)
    )
    return [
        Person(
            row,
            row.is_superuser or row.changes,
            row.is_superuser or row.approves,
            row.is_superuser or row.publishes,
            row.is_superuser or row.reads,
        )
        for row in rows.order_by("username")
    ]


def _having(permission: str) -> Exists:
    label, _dot, codename = permission.partition(".")
    held = Permission.objects.filter(Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk")))
    return Exists(held.filter(content_type__app_label=label, codename=codename))


def next_people(
    target: str, people: Sequence[Person], own: frozenset[int | None], *, reading: bool = False
) -> list[User]:
    """Who may do what comes next once something is in a state; own are those whose own text it is.

    A draft is for who may change it, what is in review for who may approve it or (reading) has to read it first, what
    is approved for who may publish it.
    """
    mine = frozenset() if settings.SINGLE_OPERATOR else own
    if target == State.DRAFT:
        return [one.user for one in people if one.changes]
    others = [one for one in people if one.user.pk not in mine]
    if target == State.IN_REVIEW:
        return [one.user for one in others if (one.changes and one.approves) or (reading and one.reads)]
    if target == State.APPROVED:
        return [one.user for one in others if one.changes and one.publishes]
    return []
