"""What went public and when: an entry of the ledger for everything that is published, dated anew or withdrawn."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from crampinfo.editorial import ledger
from crampinfo.editorial.models import Publishable, State
from crampinfo.editorial.roles import Role
from crampinfo.editorial.signals import rows_changed


def dates(instance: Publishable) -> dict[str, Any]:
    """Since when it is live and until when, and the hash of what the gate saw; all empty while it is not published."""
    public = instance.state == State.PUBLISHED
    return {
        "from": instance.publish_at if public else None,
        "until": instance.retire_at if public else None,
        "content": instance.gate_hash if public else "",
    }


def note(instance: Publishable, *, subject: str = "", role: str = Role.PUBLISHER, **more: Any) -> None:
    """Note how it stands; what was never public stays unsaid."""
    model, key = type(instance), instance.pk

    def facts() -> dict[str, Any] | None:
        stored = model._base_manager.filter(pk=key).first()
        return {**more, **dates(stored)} if stored is not None else None

    ledger.note(
        instance.ledger_kind,
        subject or ledger.subject_of(instance),
        facts,
        begin=instance.state == State.PUBLISHED,
        role=role,
        since=instance.publish_at,
    )


@receiver(post_save, dispatch_uid="publications.saved")
def saved(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Reviews and lists have more to say: reviews.onrecord says it."""
    if not raw and isinstance(instance, Publishable) and instance.ledger_kind == "publication":
        note(instance, title=str(instance))


@receiver(rows_changed, dispatch_uid="publications.in_bulk")
def dated_in_bulk(sender: type[Any], keys: list[int], **kwargs: Any) -> None:
    """Many at once."""
    if issubclass(sender, Publishable) and sender.ledger_kind == "publication":
        for instance in sender._base_manager.filter(pk__in=keys):
            note(instance, title=str(instance))
