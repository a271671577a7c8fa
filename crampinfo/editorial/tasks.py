"""What the worker does for the editorial app; huey looks for this file by its name."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from crampinfo.editorial import following, linkindex, notices
from crampinfo.editorial.models import Handover, InternalLink, Picture
from crampinfo.editorial.renditions import left_over, make_renditions
from crampinfo.editorial.signals import page_moved


@db_task(retries=2, retry_delay=60)  # type: ignore[untyped-decorator]  # huey has no types
def render(picture_id: int) -> None:
    """Make a picture's renditions; a picture deleted meanwhile needs none."""
    picture = Picture.objects.filter(pk=picture_id).first()
    if picture is not None:
        make_renditions(picture)


@db_task(retries=6, retry_delay=300)  # type: ignore[untyped-decorator]
def tell(handover_id: int) -> None:
    """Write to whoever something was handed to. What goes wrong is logged and tried again by the queue."""
    row = Handover.objects.select_related("assignee", "by", "content_type").filter(pk=handover_id).first()
    letter = notices.handed(row) if row is not None else None
    if letter is not None:
        letter.send()


@db_task(retries=2, retry_delay=60)  # type: ignore[untyped-decorator]
def follow(old: str, new: str) -> None:
    """Rewrite the links to a page that moved. The redirect leads readers until then."""
    following.follow(old, new)


@receiver(page_moved, dispatch_uid="tasks.follow")
def follow_after_commit(old: str, new: str, **kwargs: Any) -> None:
    """Only where a text links there; a queue that is down leaves the links to the redirect and fails no save."""
    if InternalLink.objects.filter(target=old).exists():
        transaction.on_commit(lambda: follow(old, new), robust=True)


@db_periodic_task(crontab(hour="3", minute="40"))  # type: ignore[untyped-decorator]
def index_links() -> None:
    """What went round saving is in the index by the morning."""
    linkindex.rebuild()


@db_periodic_task(crontab(hour="3", minute="50"))  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Delete what a crash has left of uploads that never became pictures."""
    for name in left_over(timezone.now()):
        default_storage.delete(name)
