"""Runs of feeds: from a file somebody sent or an address of the shop, now, when their time has come, or once more."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import datetime, timedelta
from typing import IO, Any, cast

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from products import safefetch
from products.feeds import load, matching, reading, rows
from products.feeds.rows import Item, RowError
from products.models import Feed, FeedRun, RunState
from products.safefetch import Limits, Refused, Unanswered

LIMITS = Limits(connect=10, total=900, size=512 * 1024 * 1024)
_KEPT = timedelta(days=14)  # files of runs
_CUT_OFF = timedelta(minutes=10)  # without a sign of life


def begin(feed: Feed, file: IO[bytes], *, trial: bool = False, as_of: datetime | None = None) -> FeedRun:
    """A run of a file, not read yet. The same file as in the last finished run keeps that run's moment: its prices
    were read then, so nothing is added twice. as_of says when they were read where somebody knows better."""
    digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    file.seek(0)
    before = FeedRun.objects.filter(feed=feed, digest=digest, is_trial=False, state=RunState.DONE).first()
    moment = as_of or (before.as_of if before is not None else timezone.now())
    if moment > timezone.now() + timedelta(minutes=5):
        raise ValidationError(_("Prices can't have been read in the future."))
    run = FeedRun(feed=feed, digest=digest, is_trial=trial, as_of=moment)
    run.file.save(f"feed-{feed.pk}-{timezone.now():%Y%m%d%H%M%S}.data", File(file), save=False)
    run.save()
    return run


def go_on(run: FeedRun) -> FeedRun:
    """Read what is left of a run's file."""
    with run.file.open("rb") as file:
        return load.load(run, file)


def fetch(feed: Feed, *, trial: bool = False) -> FeedRun:
    """Download a feed from its address and read it. Raises ValidationError with what went wrong on the way."""
    with tempfile.TemporaryFile() as file:
        try:
            answer = safefetch.download(feed.url, file.write, LIMITS)
        except (Refused, Unanswered) as trouble:
            raise ValidationError(_("The feed can't be fetched: %(why)s") % {"why": trouble}) from trouble
        if answer.status != 200:
            raise ValidationError(_("The shop answers with %(status)s.") % {"status": answer.status})
        if answer.truncated:
            raise ValidationError(_("The feed is larger than 512 MB."))
        file.seek(0)
        # Fetched now: what it says is true now, even where it says the same as yesterday.
        return go_on(begin(feed, file, trial=trial, as_of=timezone.now()))


def due() -> list[Feed]:
    """Feeds whose time has come."""
    now = timezone.now()
    timed = Feed.objects.filter(is_active=True, every_hours__gt=0).annotate(
        last=Max("runs__started_at", filter=Q(runs__is_trial=False))
    )
    return [feed for feed in timed if feed.last is None or feed.last + timedelta(hours=feed.every_hours) <= now]


def cut_off() -> list[FeedRun]:
    """Runs whose worker went away."""
    quiet = timezone.now() - _CUT_OFF
    return list(FeedRun.objects.filter(state=RunState.RUNNING, touched_at__lt=quiet).select_related("feed__merchant"))


def forget_old() -> int:
    """Remove files of runs that nobody will go on with; how many."""
    old = FeedRun.objects.filter(started_at__lt=timezone.now() - _KEPT).exclude(file="")
    for run in old:
        run.file.delete(save=False)
        FeedRun.objects.filter(pk=run.pk).update(file="")
    return len(old)


def columns(file: IO[bytes], form: str, encoding: str) -> list[str]:
    """The columns of a file's first rows, in order. Raises reading.FeedError."""
    found: dict[str, None] = {}
    for raw in reading.read(file, form, encoding):
        found |= dict.fromkeys(raw.columns)
        if raw.number >= 20:
            break
    return list(found)


def preview(feed: Feed, file: IO[bytes], mapping: dict[str, str], most: int = 20) -> list[dict[str, Any]]:
    """How the first rows would be read: each with its item and product, or why it is not taken. Stores nothing."""
    stock = matching.catalogue()
    made: list[dict[str, Any]] = []
    for raw in reading.read(file, feed.format, feed.encoding):
        made.append(_previewed(feed, raw, mapping, stock))
        if len(made) >= most:
            break
    return made


def _previewed(feed: Feed, raw: reading.Raw, mapping: dict[str, str], stock: matching.Catalogue) -> dict[str, Any]:
    try:
        item: Item = rows.understand(raw, mapping, feed.merchant.hosts, feed.currency, feed.country)
    except RowError as error:
        return {"number": raw.number, "reason": error.reason, "field": error.field, "excerpt": error.excerpt}
    known = matching.decided(feed, [item.id]).get(item.id)
    product = matching.product_of(item, known, stock)
    return {"number": raw.number, "item": item, "product": product, "guess": stock.guess(item) if not product else None}
