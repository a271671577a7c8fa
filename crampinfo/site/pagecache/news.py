"""What changed, told to every process: a numbered log in the database, and Redis as its doorbell where there is one.

The database alone decides. Without Redis, or while it is down, each process reads the log once a second; with it,
ten times a second it looks whether the newest number has moved.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable

from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import F

from crampinfo.site.models import PageGeneration, PageNews
from crampinfo.site.pagecache import redisstore
from crampinfo.site.pagecache.clock import Clock

logger = logging.getLogger(__name__)

EVERYTHING = "*"
MAX_TAGS = 500  # a change of more than this many things is a change of everything
KEPT = 5000  # so many entries of the log are kept; who has missed more renders everything again
DOORBELL_SECONDS, LOG_SECONDS, CHECK_SECONDS = 0.1, 1.0, 5.0
# Changes that must not be seen even for the time of a rendering: prices, ads, recalls, and what nobody can name.
_GRAVE = ("products.", EVERYTHING)


def is_grave(tag: str) -> bool:
    """Whether a page that shows this must not stand in for one that is being made."""
    return tag.startswith(_GRAVE)


def purge() -> None:
    """Tell every process to render everything again."""
    publish({EVERYTHING})


def publish(tags: Iterable[str]) -> None:
    """Tell every process that these changed; called when the change has committed. Never fails the caller."""
    told = sorted(set(tags))
    if not told:
        return
    if EVERYTHING in told or len(told) > MAX_TAGS:
        told = [EVERYTHING]
    try:
        number = _write(told)
    except DatabaseError:
        # What was saved stays saved; pages follow when their time is up.
        logger.exception("The pages could not be told of a change: they follow when their time is up.")
        return
    redisstore.ring(number)


@transaction.atomic
def _write(tags: list[str]) -> int:
    """Append to the log. Writers wait for each other on one row, so that numbers become visible in their order."""
    if not PageGeneration.objects.filter(pk=1).update(number=F("number") + 1):
        PageGeneration.objects.get_or_create(pk=1, defaults={"number": 1})
    number: int = PageGeneration.objects.values_list("number", flat=True).get(pk=1)
    PageNews.objects.filter(number=number).delete()  # after a restored backup of the other table alone
    PageNews.objects.create(number=number, tags=json.dumps(tags))
    if number % 100 == 0:
        PageNews.objects.filter(number__lte=number - KEPT).delete()
    return number


class News:
    """One process's reader of the log. hear is called with the tags of each new entry."""

    def __init__(self, clock: Clock, hear: Callable[[list[str]], None]) -> None:
        self._clock, self._hear = clock, hear
        self.number = 0
        self._floor = 0  # changes up to here are not known one by one
        self._last: dict[str, int] = {}
        self._started = False
        self._asked_at = self._read_at = float("-inf")
        self._guard = threading.Lock()

    def look(self) -> None:
        """Catch up, if it is time to; one thread does it while the others go on."""
        now = self._clock.steady()
        if now - self._asked_at < DOORBELL_SECONDS or not self._guard.acquire(blocking=False):
            return
        try:
            self._asked_at = now
            if not self._is_due(now):
                return
            self._read_at = now
            self.catch_up()
        finally:
            self._guard.release()

    def _is_due(self, now: float) -> bool:
        age = now - self._read_at
        if age < LOG_SECONDS and not redisstore.is_used():
            return False
        newest = redisstore.newest() if redisstore.is_used() else None
        if newest is None:  # no Redis, or one that is down or has forgotten
            return age >= LOG_SECONDS
        return newest != self.number or age >= CHECK_SECONDS

    def catch_up(self) -> None:
        """Read what is new. The newest entry known is read again: without it the log is another one, or too far on."""
        try:
            if not connection.in_atomic_block:  # Django takes an open transaction for a connection gone astray
                connection.close_if_unusable_or_obsolete()
            entries = list(
                PageNews.objects.filter(number__gte=self.number).order_by("number").values_list("number", "tags")[:KEPT]
            )
        except DatabaseError:
            connection.close()
            logger.warning("The database is down: pages are kept until their time is up.")
            return
        first = entries[0][0] if entries else 0
        known = first == self.number if self.number else first <= 1
        fresh = [(number, json.loads(tags)) for number, tags in entries if number > self.number or not known]
        if not self._started:  # this process has kept nothing yet
            self._started = True
            self._floor = fresh[0][0] - 1 if fresh else 0
        elif not known and (self.number or fresh):
            self._floor = max((number for number, _tags in fresh), default=0)
            self._last.clear()
            self._hear([EVERYTHING])
        for number, tags in fresh:
            self._last.update(dict.fromkeys(tags, number))
            self._hear(tags)
        if entries or self.number:
            self.number = entries[-1][0] if entries else 0
        self._forget()

    def _forget(self) -> None:
        """Keep the memory of single tags small."""
        if len(self._last) > 20 * KEPT:
            self._floor = sorted(self._last.values())[len(self._last) // 2]
            self._last = {tag: number for tag, number in self._last.items() if number > self._floor}

    def changed_since(self, number: int, tags: Iterable[str]) -> list[str]:
        """Which of these changed after an entry of the log; everything, where that can't be told."""
        if number < self._floor or number < self._last.get(EVERYTHING, 0):
            return [EVERYTHING]
        last = self._last
        return [tag for tag in tags if last.get(tag, 0) > number]
