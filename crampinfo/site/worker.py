"""Is the background worker there? It says so once a minute; whoever runs the site is told when it stops saying so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from crampinfo.site.models import WorkerBeat

# A beat a minute, behind whatever else waits in the queue: two that are missing mean that it is late.
LATE_AFTER = timedelta(minutes=3)
DEAD_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Silence:
    """The worker has said nothing since a moment (None: never). dead: for so long that it hardly still runs."""

    since: datetime | None
    dead: bool


def beat() -> None:
    """Say that the worker is there."""
    WorkerBeat.objects.update_or_create(pk=1, defaults={"at": timezone.now()})


def silence() -> Silence | None:
    """How long the worker has been silent, None when it is in time. One question to the database."""
    last = WorkerBeat.objects.values_list("at", flat=True).first()
    if last is None:
        return Silence(None, dead=True)
    quiet = timezone.now() - last
    return Silence(last, dead=quiet > DEAD_AFTER) if quiet > LATE_AFTER else None
