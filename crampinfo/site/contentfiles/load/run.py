"""One import from paths to a report: everything is loaded in one transaction, or nothing is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction

from crampinfo.editorial import ledger
from crampinfo.site.contentfiles import kinds
from crampinfo.site.contentfiles.load import publishing, records, saving, table
from crampinfo.site.contentfiles.load.desk import Desk, is_live
from crampinfo.site.contentfiles.load.lookup import Dependent, unknown
from crampinfo.site.contentfiles.load.records import Verdict
from crampinfo.site.contentfiles.parse import Entry, Parsed, parse
from crampinfo.site.contentfiles.problems import Problem, Rejected
from crampinfo.site.models import ImportRecord

Progress = Callable[[str], None]
_NOTES = {
    Verdict.EDITED: "kept: edited since import",
    Verdict.CONFLICT: "conflict, kept: edited since import, and the file has changed too; --overwrite takes the file",
    Verdict.FOREIGN: "kept: it was not made by an import; --overwrite takes the file",
    Verdict.RETIRED: "kept: it was retired, and an import brings nothing back",
}


@dataclass(slots=True)
class Report:
    """What an import did: counts by kind and outcome (see OUTCOMES), and a line for each object that was kept."""

    files: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, kind: str, outcome: str) -> None:
        """One more."""
        self.counts.setdefault(kind, Counter())[outcome] += 1

    def total(self, outcome: str) -> int:
        """Over all kinds."""
        return sum(counter[outcome] for counter in self.counts.values())


def run(
    paths: list[str], *, now: datetime, overwrite: bool = False, dry_run: bool = False, progress: Progress
) -> Report:
    """Import the files below the paths. Raises Rejected with every problem of every file; then nothing has changed."""
    parsed = parse(paths, now, settings.MAX_CONTENT_FILE_BYTES, progress)
    load = _Load(parsed, Desk(now), overwrite, progress)
    try:
        with transaction.atomic():
            with ledger.acting(ledger.IMPORT), ledger.history():
                load.everything()
                if load.problems:
                    raise Rejected(sorted(set(load.problems)))
            if dry_run:
                transaction.set_rollback(True)
    finally:
        load.desk.album.drop_unused()
    return load.report


class _Load:
    """The state of one load."""

    def __init__(self, parsed: Parsed, desk: Desk, overwrite: bool, progress: Progress) -> None:
        self.parsed = parsed
        self.desk = desk
        self.overwrite = overwrite
        self.progress = progress
        self.report = Report(files=parsed.files)
        self.problems: list[Problem] = [*parsed.problems, *unknown(parsed)]
        self.records: dict[tuple[str, str], ImportRecord] = records.all_records()
        self.loaded: list[tuple[Entry, Any, bool]] = []

    def everything(self) -> None:
        """All objects, then what connects them, then publication, then the records."""
        for entry in self._in_order():
            self._guarded(entry, partial(self._one, entry))
        for entry, obj, _ in self.loaded:
            self._guarded(entry, partial(self._connect, entry, obj))
        for entry, obj, created in self.loaded:
            self._guarded(entry, partial(self._finish, entry, obj, created))

    def _in_order(self) -> Iterator[Entry]:
        places = {kind.name: place for place, kind in enumerate(kinds.ALL)}
        return iter(sorted(self.parsed.entries, key=lambda entry: places[entry.kind]))

    def _guarded(self, entry: Entry, action: Callable[[], None]) -> None:
        """Run an action on one object; if it is refused, the problems are kept and its changes are not."""
        self.progress(f"{entry.kind} {entry.slug}")
        try:
            with transaction.atomic():
                action()
        except Rejected as rejected:
            self.problems += rejected.problems
        except Dependent as missing:
            # What it needs has a problem that is reported already.
            if not self.problems:
                self.problems.append(
                    entry.item.where.problem(f"This {entry.kind} needs an object that is not there: {missing}.")
                )
        except DatabaseError as error:
            first = str(error).split("\n")[0]
            self.problems.append(entry.item.where.problem(f"The database refuses this {entry.kind}: {first}."))

    def _one(self, entry: Entry) -> None:
        stored = table.find(self.desk, entry)
        record = self.records.get((entry.kind, records.slug_for(entry)))
        verdict = records.judge(entry, stored, record, self.overwrite)
        if verdict in (Verdict.CREATE, Verdict.CHANGE):
            obj = table.load(self.desk, entry, stored)
            self.loaded.append((entry, obj, verdict is Verdict.CREATE))
        elif verdict is Verdict.UNCHANGED:
            self.report.count(entry.kind, "unchanged")
        else:
            self.report.count(entry.kind, "kept")
            self.report.notes.append(
                f"{entry.item.where.file}:{entry.item.where.line}: {entry.kind} {entry.slug} {_NOTES[verdict]}"
            )

    def _connect(self, entry: Entry, obj: Any) -> None:
        """Set the references to objects of the same kind, now that all of these exist."""
        for name in saving.LATER:
            if not hasattr(entry.item, name):
                continue
            slug = getattr(entry.item, name)
            setattr(obj, name, self.desk.lookup.get(entry.kind, slug) if slug else None)
            saving.check(obj, entry.item)
            if not is_live(obj):
                obj.save()

    def _finish(self, entry: Entry, obj: Any, created: bool) -> None:
        publishing.finish(entry, obj, created)
        records.keep(entry, obj, self.records.get((entry.kind, records.slug_for(entry))))
        self.report.count(entry.kind, "created" if created else "changed")
