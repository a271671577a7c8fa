"""What the worker does for the whole site; huey looks for this file by its name."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, on_startup

from crampinfo.site import worker
from crampinfo.site.audit import runs
from crampinfo.site.audit.run import audit


@on_startup()  # type: ignore[untyped-decorator]
def begin() -> None:
    """The first sign comes at once, so that a new worker is no late one."""
    worker.beat()


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def beat() -> None:
    """A sign a minute, through the queue: work that piles up delays it, and that is to be seen too."""
    worker.beat()


@db_periodic_task(crontab(hour="3", minute="40"))  # type: ignore[untyped-decorator]  # huey has no types
def forget_ended_sessions() -> None:
    """Sessions that ran out are of no use to anybody."""
    SessionStore.clear_expired()


@db_periodic_task(crontab(hour="4", minute="20"))  # type: ignore[untyped-decorator]
def audit_the_site() -> None:
    """What passed the gate once may fail it today: sources are withdrawn, prices age, links break."""
    runs.keep(audit())
