"""What changes by the clock: a scheduled page, a placement, an offer's end are changes that nobody has to make."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, models
from django.db.models import Q

from articles.models import Article, Page, Question
from crampinfo.editorial.models import State
from crampinfo.site.pagecache import changes
from products.models import AffiliateProgramme, Offer, Placement
from reviews.models import Ranking, Review

logger = logging.getLogger(__name__)

AHEAD = 120.0  # seconds that are read ahead
_AGAIN = 60.0  # seconds until it is read again, if nothing tells that it has changed
_SOON = 1.0  # seconds between two readings, whatever is told
_PUBLISHED = Q(state=State.PUBLISHED)
_MOMENTS: tuple[tuple[type[models.Model], tuple[str, ...], Q], ...] = (
    *((model, ("publish_at", "retire_at"), _PUBLISHED) for model in (Article, Question, Page, Review, Ranking)),
    (Placement, ("starts_at", "ends_at", "ended_early_at"), Q(approved_at__isnull=False)),
    (Offer, ("ends_at",), Q()),
    (AffiliateProgramme, ("starts_at", "ends_at"), Q()),
)


class Timetable:
    """The moments around now, with the tags of the pages that change then. Each page knows its own prices."""

    def __init__(self) -> None:
        self._ahead: list[tuple[float, frozenset[str]]] = []
        self._passed: dict[str, float] = {}
        self._read_at = float("-inf")
        self._is_old = True

    def hear(self) -> None:
        """Something was saved: it may have a moment of its own."""
        self._is_old = True

    def due(self, now: float, steady: float) -> list[str]:
        """The tags of what has changed since the last time, now being Unix seconds."""
        age = steady - self._read_at
        if age >= _AGAIN or (self._is_old and age >= _SOON):
            self._read(now, steady)
        found: set[str] = set()
        while self._ahead and self._ahead[0][0] <= now:
            moment, tags = heapq.heappop(self._ahead)
            self._passed.update(dict.fromkeys(tags, moment))
            found |= tags
        return sorted(found)

    def passed_since(self, made: float, tags: frozenset[str]) -> list[str]:
        """Which of these tags had their moment after a page was made."""
        passed = self._passed
        return [tag for tag in tags if passed.get(tag, 0.0) >= made] if passed else []

    def _read(self, now: float, steady: float) -> None:
        """Everything from the age of the oldest page that may count to a while ahead."""
        self._read_at, self._is_old = steady, False
        start, end = now - settings.PAGE_CACHE_SECONDS - 1, now + AHEAD
        try:
            if not connection.in_atomic_block:  # Django takes an open transaction for a connection gone astray
                connection.close_if_unusable_or_obsolete()
            ahead = [entry for model, names, live in _MOMENTS for entry in _entries(model, names, live, start, end)]
        except DatabaseError:
            connection.close()
            logger.warning("The database is down: what changes by the clock follows when pages are too old.")
            return
        self._passed = {tag: moment for tag, moment in self._passed.items() if moment >= start}
        known = self._passed
        ahead = [entry for entry in ahead if entry[0] > now or any(known.get(tag, 0) < entry[0] for tag in entry[1])]
        heapq.heapify(ahead)
        self._ahead = ahead


def _entries(
    model: type[models.Model], names: tuple[str, ...], live: Q, start: float, end: float
) -> Iterator[tuple[float, frozenset[str]]]:
    window = [datetime.fromtimestamp(moment, UTC) for moment in (start, end)]
    soon = Q()
    for name in names:
        soon |= Q(**{f"{name}__range": window})
    manager: Any = model._default_manager
    for found in manager.filter(live & soon).defer(*_texts(model))[:1000]:
        told = changes.Changes()
        told.add(found, beside=True)
        tags = frozenset(told.tags | changes.concerned(told.rows, told.beside))
        for name in names:
            moment: datetime | None = getattr(found, name)
            if moment is not None and window[0] <= moment <= window[1]:
                yield moment.timestamp(), tags


def _texts(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if isinstance(field, models.TextField)]
