"""Checking this site's ledger: its chain, every list at every point of it, and what the site shows now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from crampinfo.editorial.models import LedgerEntry
from crampinfo.lib import chain
from reviews import lists, scoring
from reviews.models import Ranking
from reviews.reconstruction import Irreconcilable, Rebuilt
from reviews.timeline import Timeline

_CHUNK = 2000
Progress = Callable[[int], None]
REMEDY = "Somebody changed the database past the ledger: find out who, then run manage.py correct_ledger."


@dataclass(slots=True)
class Report:
    """What was looked at and what is wrong, in sentences. moved counts the changes of lists along the chain."""

    entries: int = 0
    head: str = chain.BEGINNING
    moved: int = 0
    lists: int = 0
    problems: list[str] = field(default_factory=list)


def verify(progress: Progress = lambda number: None) -> Report:
    """Walk the whole chain, rebuild every list wherever it changed, and compare with what the site shows at the end."""
    report, walk, timeline = Report(), chain.Walk(), Timeline()
    for entry in LedgerEntry.objects.order_by("number").iterator(chunk_size=_CHUNK):
        report.problems += map(str, walk.step(entry.line()))
        report.moved += _step(timeline, entry, report)
        progress(entry.number)
    report.problems += map(str, walk.close())
    report.entries, report.head = walk.number, walk.head
    if not report.problems:  # a broken chain proves nothing about the lists
        for problem in compare(timeline, LedgerEntry.objects.clock()):
            report.problems.append(problem)
    report.lists = len(timeline.lists)
    return report


def _step(timeline: Timeline, entry: LedgerEntry, report: Report) -> int:
    """How many lists an entry and the time before it moved; what can't be read or be true is a problem."""
    try:
        return len(list(timeline.step(entry.at, entry.number, entry.kind, entry.subject, entry.payload)))
    except Irreconcilable as error:
        report.problems.append(f"Entry {entry.number}: {error}")
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        report.problems.append(f"Entry {entry.number}, payload: no list can be made of it ({error!r}).")
    return 0


def compare(timeline: Timeline, now: datetime) -> Iterator[str]:
    """Where the lists that the site shows differ from those that follow from its ledger."""
    shown = {ranking.pk: ranking for ranking in _published()}
    list(timeline.until(now))
    for key, ranking in shown.items():
        rebuilt = timeline.state.rebuild(key, now)
        if rebuilt is None or not rebuilt.live:
            yield f"The list {ranking.slug} is shown, but by the ledger it is not public. {REMEDY}"
        else:
            yield from _differences(ranking, rebuilt)
    for key, facts in timeline.state.lists.items():
        rebuilt = timeline.state.rebuild(key, now)
        if key not in shown and rebuilt is not None and rebuilt.live:
            yield f"By the ledger the list {facts.slug} is public, but the site does not show it. {REMEDY}"


def _published() -> Iterator[Ranking]:
    rows = Ranking.objects.published().select_related("topic", "methodology__current_version").order_by("pk")
    return iter(rows)


def _differences(ranking: Ranking, rebuilt: Rebuilt) -> Iterator[str]:
    """One sentence for the first row in which the two orders part, one for what is kept out."""
    try:
        standing, _effects, rows = lists.order_of(ranking)
    except scoring.MissingScore as error:
        yield f"The list {ranking.slug} can't be shown: {error}"
        return
    for place, (shown, told) in enumerate(zip(rows, rebuilt.rows, strict=False), 1):
        for name in ("key", "editorial_score", "editorial_place", "shown_score", "shown_place"):
            if getattr(shown, name) != getattr(told, name):
                yield (
                    f"The list {ranking.slug}, row {place}, {name}: the site shows {getattr(shown, name)}, "
                    f"from the ledger follows {getattr(told, name)}. {REMEDY}"
                )
                return
    if len(rows) != len(rebuilt.rows):
        counts = f"{len(rows)} rows are shown, {len(rebuilt.rows)} follow from the ledger"
        yield f"The list {ranking.slug}: {counts}. {REMEDY}"
    kept_out = {entry.slug for entry in standing.failed}
    if kept_out != set(rebuilt.failed):
        odd = ", ".join(sorted(kept_out ^ set(rebuilt.failed)))
        yield f"The list {ranking.slug}: site and ledger don't agree that a gate keeps out {odd}. {REMEDY}"
