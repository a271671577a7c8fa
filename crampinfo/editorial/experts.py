"""Asking an expert who has no account: a link that opens one text as it stands, takes one answer, can be withdrawn."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial import notes, revisions, workflow
from crampinfo.editorial.models import Decision, ExpertReading, Publishable, State

DAYS = (1, 60)  # for how long a link may work
LONGEST_NOTE = 1500  # characters: with a name before it, it stands beside the text as a colleague's note does


class Standing(Enum):
    """What a link is good for now."""

    OPEN = auto()
    EXPIRED = auto()
    REVOKED = auto()
    DECIDED = auto()
    CHANGED = auto()  # the words are others now, or somebody else has decided meanwhile
    GONE = auto()


def invite(
    instance: Publishable, name: str, qualification: str, days: int, by: User | None
) -> tuple[ExpertReading, str]:
    """A new reading of a text in review, and the key of its link: it is told once, here, and can't be told again.

    Raises ValidationError for a text that is not in review, and for what ExpertReading's own rules refuse.
    """
    if instance.state != State.IN_REVIEW:
        raise ValidationError(_("Only a text in review is read by experts: hand it in first."))
    if not DAYS[0] <= days <= DAYS[1]:
        raise ValidationError({"days": _("A link works for 1 to 60 days.")})
    key = secrets.token_urlsafe(32)
    reading = ExpertReading(
        content=instance,
        content_hash=revisions.content_hash(instance),
        key_digest=digest(key),
        name=name.strip(),
        qualification=qualification.strip(),
        made_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    reading.full_clean()
    reading.save()
    return reading, key


def digest(key: str) -> str:
    """How a key is kept."""
    return hashlib.sha256(key.encode()).hexdigest()


def of(instance: Publishable) -> QuerySet[ExpertReading]:
    """All readings of a text, newest first."""
    kind = ContentType.objects.get_for_model(instance)
    return ExpertReading.objects.filter(content_type=kind, object_id=instance.pk)


def find(key: str) -> ExpertReading | None:
    """The reading that a key opens, whatever it is good for."""
    return ExpertReading.objects.filter(key_digest=digest(key)).first()


def standing(reading: ExpertReading, instance: Publishable | None) -> Standing:
    """What it is good for, given its text as it is stored now."""
    if reading.decision:
        return Standing.DECIDED
    if reading.revoked_at is not None:
        return Standing.REVOKED
    if reading.expires_at <= timezone.now():
        return Standing.EXPIRED
    if instance is None:
        return Standing.GONE
    same = instance.state == State.IN_REVIEW and revisions.content_hash(instance) == reading.content_hash
    return Standing.OPEN if same else Standing.CHANGED


@transaction.atomic
def revoke(reading: ExpertReading) -> bool:
    """Make a link useless at once; whether it was of any use until now."""
    fresh = ExpertReading.objects.select_for_update().get(pk=reading.pk)
    if fresh.decision or fresh.revoked_at is not None:
        return False
    fresh.revoked_at = timezone.now()
    fresh.save(update_fields=["revoked_at"])
    return True


@transaction.atomic
def decide(reading: ExpertReading, decision: str, note: str) -> Standing:
    """Write an answer down, once, and move the text: approved, or back to draft with a note that is open until somebody
    resolves it. Gives what the link was good for.

    Nothing is written unless it was OPEN. Raises ValidationError where the answer lacks something.
    """
    told = note.strip()
    if decision not in (Decision.APPROVED, Decision.REJECTED):
        raise ValidationError({"decision": _("Choose one of the two.")})
    if decision == Decision.REJECTED and not told:
        raise ValidationError({"note": _("Say what has to change: the authors read only this.")})
    if len(told) > LONGEST_NOTE:
        raise ValidationError({"note": _("A note has at most 1,500 characters: keep what matters most.")})
    fresh = ExpertReading.objects.select_for_update().get(pk=reading.pk)
    model: Any = fresh.content_type.model_class()
    instance = model._base_manager.select_for_update().filter(pk=fresh.object_id).first()
    found = standing(fresh, instance)
    if found is not Standing.OPEN:
        return found
    fresh.decision, fresh.note, fresh.decided_at = decision, told, timezone.now()
    fresh.full_clean()
    fresh.save()
    words = {"who": fresh, "note": f": {told}" if told else ""}
    if decision == Decision.APPROVED:
        workflow.approve(instance, summary=_("Approved by %(who)s, who has no account%(note)s") % words)
    else:
        workflow.reopen(instance, summary=_("Sent back by %(who)s, who has no account%(note)s") % words)
        notes.leave(instance, "", f"{fresh}: {told}", None)
    return found
