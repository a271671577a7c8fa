"""Notes on fields: left, answered, resolved; what is open is said again before a text is published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial import gate
from crampinfo.editorial.findings import Finding, Severity
from crampinfo.editorial.gate import Step
from crampinfo.editorial.models import FieldNote, Publishable

LONGEST = 2000  # characters


def of(instance: Publishable) -> QuerySet[FieldNote]:
    """The notes on a text, without their replies, oldest first."""
    kind = ContentType.objects.get_for_model(instance)
    return FieldNote.objects.filter(content_type=kind, object_id=instance.pk, reply_to=None)


def open_of(instance: Publishable) -> QuerySet[FieldNote]:
    """Those that nobody has resolved."""
    return of(instance).filter(resolved_at=None)


def leave(
    instance: Publishable, field: str, text: str, by: User | None, reply_to: FieldNote | None = None
) -> FieldNote:
    """Leave a note on a field ("" is the whole), or answer one, which opens it again. Raises ValidationError."""
    told = text.strip()
    if not told:
        raise ValidationError({"text": _("Write something: a note without words helps nobody.")})
    if len(told) > LONGEST:
        raise ValidationError({"text": _("A note has at most 2,000 characters.")})
    if reply_to is not None:
        reply_to = reply_to.reply_to or reply_to
        field = reply_to.field
    with transaction.atomic():
        if reply_to is not None:
            FieldNote.objects.filter(pk=reply_to.pk).update(resolved_at=None, resolved_by=None)
        note = FieldNote(content=instance, field=field, text=told, author=by, reply_to=reply_to)
        note.full_clean()
        note.save()
    return note


def resolve(note: FieldNote, by: User | None) -> bool:
    """Say that nothing is left to do about a note; whether it was open until now."""
    rows = FieldNote.objects.filter(pk=note.pk, reply_to=None, resolved_at=None)
    return bool(rows.update(resolved_at=timezone.now(), resolved_by=by))


@gate.rule(Publishable, Step.RELATIONS)
def unresolved(instance: Publishable) -> Iterator[Finding]:
    """What a colleague still asks is answered, or knowingly left, before readers see the text."""
    if instance.pk is None:
        return
    for note in open_of(instance).select_related("author"):
        who: Any = note.author.get_username() if note.author is not None else _("Somebody")
        yield Finding(
            "NOTE",
            Severity.WARN,
            note.field,
            "",
            _("%(who)s left a note that is still open: “%(text)s”") % {"who": who, "text": note.text[:200]},
            _("Answer and resolve it, or say why it may wait."),
            sentence=note.text[:200],
        )
