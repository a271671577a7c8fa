"""The dates of a publication, as readers see them."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from crampinfo.editorial.models import Publishable


def date_publication(instance: Publishable, when: datetime, elsewhere: datetime | None, *, changed: bool) -> None:
    """Set the dates of a publication. Until readers have seen it, it was neither published nor changed before."""
    now = timezone.now()
    instance.publish_at = when
    if instance.first_published_at is None or instance.first_published_at > now:
        instance.first_published_at = instance.content_changed_at = elsewhere or when
    elif changed:
        instance.content_changed_at = now
