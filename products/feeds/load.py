"""Storing a feed: some hundred rows a transaction, each row whole or not at all, and going on where a run was cut off.

The run's position moves in the same transaction as the rows, so a worker may die anywhere. Prices carry the run's
moment (as_of): reading the same file again adds nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from crampinfo.editorial.signals import announce
from crampinfo.lib.chunks import chunks
from products.feeds import matching, reading, rows
from products.feeds.matching import Catalogue
from products.feeds.reading import FeedError, Raw
from products.feeds.rows import Item, RowError
from products.feeds.writing import Shelf
from products.models import Feed, FeedItem, FeedRejection, FeedRun, MatchState, RunState

logger = logging.getLogger(__name__)

AT_ONCE = 1000
MOST_REJECTIONS = 10_000  # kept of a run; the rest is counted
COUNTED = ("filtered", "waiting", "ignored", "rejected", "unchanged", "updated", "created")


@dataclass
class _Part:
    """What a chunk of rows came to: counts by outcome, rejected rows, items that wait."""

    counts: Counter[str] = field(default_factory=Counter)
    rejections: list[FeedRejection] = field(default_factory=list)
    waiting: dict[str, FeedItem] = field(default_factory=dict)

    def reject(self, run: FeedRun, row: int, error: RowError) -> None:
        self.counts["rejected"] += 1
        text = error.excerpt.encode("utf-8", "replace").decode()
        self.rejections.append(
            FeedRejection(run=run, row=row, field=error.field, reason=error.reason[:300], excerpt=text)
        )


def load(run: FeedRun, file: IO[bytes]) -> FeedRun:
    """Read the rows that are not done yet; the run says in the end how many came to what, and what stopped it if so."""
    feed = run.feed
    lacking = rows.missing(feed.mapping)
    if lacking:
        return _stop(run, f"Columns are missing in the mapping: {', '.join(lacking)}.")
    FeedRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, trouble="", touched_at=timezone.now())
    reader, trouble = _Reader(run), list[str]()
    for part in chunks(_remaining(feed, file, run.position, trouble), AT_ONCE):
        reader.take(part)
    if trouble:
        return _stop(run, trouble[0])
    run.refresh_from_db()
    run.state, run.finished_at = RunState.DONE, timezone.now()
    run.save()
    if run.updated or run.created:
        announce(feed.merchant)
    return run


def _remaining(feed: Feed, file: IO[bytes], done: int, trouble: list[str]) -> Iterator[Raw]:
    """The rows that are not done; where the file breaks off they end, and trouble says why."""
    try:
        for raw in reading.read(file, feed.format, feed.encoding):
            if raw.number > done:
                yield raw
    except FeedError as error:
        trouble.append(str(error))


def _stop(run: FeedRun, why: str) -> FeedRun:
    run.refresh_from_db()
    run.state, run.trouble, run.finished_at = RunState.BROKEN, why[:300], timezone.now()
    run.save()
    return run


class _Reader:
    """Takes chunks of rows; what it holds in memory does not grow with the feed but by what matched."""

    def __init__(self, run: FeedRun) -> None:
        self.run, self.feed = run, run.feed
        self.stock: Catalogue = matching.catalogue()
        self.shelf = Shelf(run)
        self.wanted = self.feed.wanted_categories()
        self.hosts = self.feed.merchant.hosts
        self.kept_rejections = run.rejected

    def take(self, raws: list[Raw]) -> None:
        """One transaction; when the database refuses something in it, row by row, so that only that row is lost."""
        try:
            self._store(raws)
        except IntegrityError:
            logger.exception("A part of %s was refused: its rows are taken one by one.", self.feed)
            for raw in raws:
                self.shelf = self.shelf.afresh()
                try:
                    self._store([raw])
                except IntegrityError:
                    self._reject(raw)

    @transaction.atomic
    def _reject(self, raw: Raw) -> None:
        part = _Part()
        part.reject(self.run, raw.number, RowError("", "The database refused it: another row has what must be unique."))
        self._finish(part, raw.number)

    @transaction.atomic
    def _store(self, raws: list[Raw]) -> None:
        part = _Part()
        items = [item for raw in raws if (item := self._item(raw, part)) is not None]
        known = matching.decided(self.feed, [item.id for item in items])
        self.shelf.begin()
        for item in items:
            self._place(item, known.get(item.id), part)
        self.shelf.store()
        if not self.run.is_trial:
            self._keep_waiting(part, known)
        self._finish(part, raws[-1].number)
        self.shelf.keep()

    def _item(self, raw: Raw, part: _Part) -> Item | None:
        """The item of a row; None for one of another category, and for one that is rejected."""
        if self.wanted and not raw.trouble:
            category = rows.category_of(raw, self.feed.mapping).casefold()
            if not any(word in category for word in self.wanted):
                part.counts["filtered"] += 1
                return None
        try:
            return rows.understand(raw, self.feed.mapping, self.hosts, self.feed.currency, self.feed.country)
        except RowError as error:
            part.reject(self.run, raw.number, error)
            return None

    def _place(self, item: Item, known: FeedItem | None, part: _Part) -> None:
        if known is not None and known.state == MatchState.IGNORED:
            part.counts["ignored"] += 1
            return
        product = matching.product_of(item, known, self.stock)
        if product is None:
            part.counts["waiting"] += 1
            part.waiting[item.id] = self._waiting(item, known)
            return
        try:
            part.counts[self.shelf.put(item, product)] += 1
        except RowError as error:
            part.reject(self.run, item.number, error)
        except ValidationError as error:
            part.reject(self.run, item.number, RowError("", " ".join(error.messages), item.link))

    def _waiting(self, item: Item, known: FeedItem | None) -> FeedItem:
        guess = known.guess_id if known is not None else self.stock.guess(item)
        return FeedItem(
            feed=self.feed,
            item_id=item.id,
            title=item.title,
            brand=item.brand,
            link=item.link,
            guess_id=guess,
            seen_at=self.run.as_of,
        )

    def _keep_waiting(self, part: _Part, known: dict[str, FeedItem]) -> None:
        same = [key for key, item in part.waiting.items() if key in known and known[key].title == item.title]
        FeedItem.objects.filter(feed=self.feed, item_id__in=same).update(seen_at=self.run.as_of)
        FeedItem.objects.bulk_create(
            [item for key, item in part.waiting.items() if key not in set(same)],
            update_conflicts=True,
            unique_fields=("feed", "item_id"),
            update_fields=("title", "brand", "link", "seen_at"),
        )

    def _finish(self, part: _Part, position: int) -> None:
        room = max(0, MOST_REJECTIONS - self.kept_rejections)
        FeedRejection.objects.bulk_create(part.rejections[:room])
        self.kept_rejections += len(part.rejections)
        FeedRun.objects.filter(pk=self.run.pk).update(
            position=position,
            touched_at=timezone.now(),
            **{name: F(name) + part.counts[name] for name in COUNTED},
        )
