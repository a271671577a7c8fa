"""What the worker does for judgement; huey looks for this file by its name."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from reviews import listeners, weighing

# A minute's task looks back further, so that a few missed minutes lose nothing; a night's task over a week.
LOOKING_BACK, OVER_NIGHT = timedelta(minutes=10), timedelta(days=7)


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]  # huey has no types
def let_versions_take_effect() -> None:
    """A frozen version of a methodology counts from the day it names."""
    weighing.take_effect()


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]  # huey has no types
def follow_the_clock() -> None:
    """Reviews appear and disappear by their dates: the places stored beside them follow."""
    now = timezone.now()
    listeners.refresh_by_the_clock(now - LOOKING_BACK, now)


@db_periodic_task(crontab(hour="3", minute="10"))  # type: ignore[untyped-decorator]  # huey has no types
def catch_up() -> None:
    """What a worker that stood still has missed."""
    now = timezone.now()
    listeners.refresh_by_the_clock(now - OVER_NIGHT, now)
