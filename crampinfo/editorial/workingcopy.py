"""The verbs of working copies: keep, hand in, send back, approve, throw away. Publishing one is workflow.publish."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial import handover
from crampinfo.editorial.handover import NOTHING, Along
from crampinfo.editorial.models import CopyState, Publishable, WorkingCopy

Post = Mapping[str, Sequence[str]]

# From where a copy may go where; keeping new words sends it back to review, or leaves it a draft.
MOVES: Mapping[str, frozenset[str]] = {
    CopyState.DRAFT: frozenset({CopyState.IN_REVIEW}),
    CopyState.IN_REVIEW: frozenset({CopyState.DRAFT, CopyState.APPROVED}),
    CopyState.APPROVED: frozenset({CopyState.DRAFT, CopyState.IN_REVIEW}),
}


def digest(post: Post) -> str:
    """SHA-256 of a form in canonical form: sorted names, no spaces, no names without a value."""
    plain = {name: list(values) for name, values in post.items() if any(values)}
    return hashlib.sha256(
        json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def of(model: type[Publishable], key: Any) -> WorkingCopy | None:
    """The working copy of an object, if there is one."""
    kind = ContentType.objects.get_for_model(model)
    copies = WorkingCopy.objects.filter(content_type=kind, object_id=key)
    return copies.select_related("author", "begun_by", "approved_by").first()


@transaction.atomic
def keep(instance: Publishable, post: Post, base: str, by: Any) -> WorkingCopy:
    """Keep a form as the working copy of a live object; a copy that is there already gets the next number.

    The caller holds the object's row locked. Other words than those that were approved go back to review.
    """
    fresh = digest(post)
    copy = of(type(instance), instance.pk)
    if copy is not None and copy.digest == fresh:
        return copy
    if copy is None:
        copy = WorkingCopy(content=instance, begun_by=by, number=0)
    copy.title = str(instance)[:200]
    copy.post = {name: list(values) for name, values in post.items()}
    copy.base, copy.digest = base, fresh
    copy.number += 1
    copy.author, copy.saved_at = by, timezone.now()
    lapsed = copy.state == CopyState.APPROVED
    if lapsed:
        copy.state = CopyState.IN_REVIEW
    copy.save()
    if lapsed:
        handover.record(copy, CopyState.APPROVED, CopyState.IN_REVIEW, by)
    copy.writers.add(by)
    return copy


@transaction.atomic
def move(copy: WorkingCopy, target: CopyState, by: Any = None, along: Along = NOTHING) -> None:
    """Hand a copy in, or send it back. Raises ValidationError where the table has no such move."""
    if target not in MOVES[copy.state]:
        raise ValidationError(
            _("The draft of changes is %(state)s: from there it can't become %(target)s.")
            % {"state": CopyState(copy.state).label, "target": target.label}
        )
    stood, copy.state = copy.state, target
    copy.save(update_fields=["state"])
    handover.record(copy, stood, target, by, along)


@transaction.atomic
def approve(copy: WorkingCopy, by: Any, along: Along = NOTHING) -> None:
    """Approve the words of a copy as they stand. Nobody approves what they alone have written."""
    if not is_second(by, copy):
        raise ValidationError(_("Nobody approves or publishes their own text."))
    copy.approved_digest, copy.approved_by, copy.approved_at = copy.digest, by, timezone.now()
    copy.save(update_fields=["approved_digest", "approved_by", "approved_at"])
    move(copy, CopyState.APPROVED, by, along)


def is_second(user: AbstractBaseUser | AnonymousUser, copy: WorkingCopy | None) -> bool:
    """Whether somebody else has written in it too (or all of it), unless one person runs the whole site."""
    if copy is None or settings.SINGLE_OPERATOR:
        return True
    return set(copy.writers.values_list("pk", flat=True)) != {user.pk}


def own_of(copy: WorkingCopy, joined_by: Any = None) -> frozenset[int]:
    """Whoever has written in it alone so far; joined_by is somebody whose words are about to be kept in it too."""
    writers = set(copy.writers.values_list("pk", flat=True)) | ({joined_by.pk} if joined_by is not None else set())
    return frozenset(writers if len(writers) == 1 else ())


def names(copy: WorkingCopy) -> str:
    """Everybody who wrote in it, for the history."""
    return ", ".join(copy.writers.order_by("username").values_list("username", flat=True))
