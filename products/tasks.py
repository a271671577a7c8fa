"""What the worker does for the affiliate desk; huey looks for this file by its name."""

from __future__ import annotations

import logging

from django.core.exceptions import ValidationError
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task, lock_task

from products import clicks, linkhealth, totals
from products.feeds import runs
from products.models import Feed, FeedRun

logger = logging.getLogger(__name__)


@db_periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]  # huey has no types
def carry_clicks() -> None:
    """Clicks counted in Redis go into the database, every minute."""
    clicks.flush()


@db_periodic_task(crontab(hour="0", minute="20"))  # type: ignore[untyped-decorator]  # huey has no types
def sum_finished_days() -> None:
    """Reports read the sums of finished days."""
    totals.roll()


@db_periodic_task(crontab(minute="*/15"))  # type: ignore[untyped-decorator]  # huey has no types
@lock_task("check-links")  # type: ignore[untyped-decorator]
def check_links() -> None:
    """Look behind the offers whose turn it is; a run that takes longer is not joined by a second one."""
    linkhealth.run()


@db_task()  # type: ignore[untyped-decorator]
def check_now(offers: list[int]) -> None:
    """Look behind these offers now."""
    linkhealth.run(offers)


@db_periodic_task(crontab(minute="5,25,45"))  # type: ignore[untyped-decorator]  # huey has no types
@lock_task("read-feeds")  # type: ignore[untyped-decorator]
def read_feeds() -> None:
    """Go on with runs that were cut off, and read the feeds whose time has come; one that fails stops no other."""
    for run in runs.cut_off():
        runs.go_on(run)
    for feed in runs.due():
        try:
            runs.fetch(feed)
        except ValidationError as trouble:
            logger.warning("%s: %s", feed, " ".join(trouble.messages))
    runs.forget_old()


@db_task()  # type: ignore[untyped-decorator]
def read_run(run: int) -> None:
    """Read the file of this run."""
    runs.go_on(FeedRun.objects.select_related("feed__merchant").get(pk=run))


@db_task()  # type: ignore[untyped-decorator]
def fetch_feed(feed: int, trial: bool) -> None:
    """Fetch a feed from its address and read it."""
    runs.fetch(Feed.objects.select_related("merchant").get(pk=feed), trial=trial)
