"""One import: what the file would do, every problem with its line and column, and doing it, whole or not at all."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import Error as DatabaseError
from django.db import models, transaction
from django.utils.translation import gettext as _
from import_export.results import RowResult

from crampinfo.editorial.gate import GateRefused, Severity
from crampinfo.editorial.transfer.files import Table
from crampinfo.editorial.transfer.sheet import Change, Sheet, dataset_of

_EMPTY = ("null", "blank", "required")
NEW, CHANGED, SAME = RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE, RowResult.IMPORT_TYPE_SKIP


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: the line (or the row's number in JSON), the column or "", what stands there, what to do."""

    line: int | None
    column: str
    cell: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one row does: new, update or skip, to which object, cell by cell."""

    line: int
    kind: str
    name: str
    changes: tuple[Change, ...]
    instance: models.Model | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class Report:
    """What an import does, or why it does nothing."""

    problems: list[Problem] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """How many rows are new, changed or the same."""
        return sum(outcome.kind == kind for outcome in self.outcomes)

    @property
    def fingerprint(self) -> str:
        """The same for two runs that do the same: what was looked at is what is done."""
        told = [
            (one.line, one.kind, one.name, [(c.column, c.before, c.after) for c in one.changes])
            for one in self.outcomes
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def preview(sheet: Sheet, table: Table) -> Report:
    """What the table would do. Nothing is kept."""
    return _run(sheet, table, dry_run=True)


def apply(sheet: Sheet, table: Table, seen: str, keep: Callable[[Outcome], None]) -> Report:
    """Do it, if it still does what was seen (a fingerprint) and no row is refused; keep() is told of every change.

    The report tells: with problems, or with another fingerprint, nothing was done.
    """
    with transaction.atomic():
        report = _run(sheet, table, dry_run=False)
        if report.problems or report.fingerprint != seen:
            transaction.set_rollback(True)
            return report
        for outcome in report.outcomes:
            if outcome.kind != SAME:
                keep(outcome)
    return report


def _run(sheet: Sheet, table: Table, dry_run: bool) -> Report:
    problems = [*_wrong_columns(sheet, table), *_wrong_keys(sheet, table)]
    if problems:
        return Report(problems)
    sheet.prepare(table)
    result = sheet.import_data(
        dataset_of(table, table.rows),
        dry_run=dry_run,
        rollback_on_validation_errors=True,
        retain_instance_in_row_result=True,
    )
    for failed in result.base_errors:
        raise failed.error
    report = Report()
    invalid = {row.number: row.error for row in result.invalid_rows}
    for number, (row, done) in enumerate(zip(table.rows, result.rows, strict=True), 1):
        error = invalid.get(number) or (done.errors[0].error if done.errors else None)
        if error is not None:
            told = dict(reversed([*_said(error)]))  # one sentence a field: the first
            report.problems += [_on(row.cells, row.line, sheet, problem) for problem in reversed([*told.items()])]
            continue
        changes = tuple(done.diff or ()) if done.import_type != SAME else ()
        report.outcomes.append(Outcome(row.line, done.import_type, done.object_repr or "", changes, done.instance))
    return report


def _wrong_columns(sheet: Sheet, table: Table) -> Iterator[Problem]:
    """Columns that the sheet does not have, key columns that the file does not have, and too many rows."""
    if len(table.rows) > sheet.most:
        kind = sheet._meta.model._meta.verbose_name_plural
        sentence = _("At most %(n)d %(kind)s at once: split the file.") % {"n": sheet.most, "kind": kind}
        yield Problem(table.rows[sheet.most].line, "", "", sentence)
    for name in table.columns:
        if name not in sheet.fields:
            close = difflib.get_close_matches(name, sheet.fields, n=1)
            hint = _(" Did you mean “%(name)s”?") % {"name": close[0]} if close else _(" Take it out.")
            yield Problem(1, name, "", _("There is no such column here.") + hint)
    for name in sheet.keys:
        if name not in table.columns:
            yield Problem(1, name, "", _("This column is missing: it says which row is meant."))


def _wrong_keys(sheet: Sheet, table: Table) -> Iterator[Problem]:
    """Two rows for one object."""
    seen: dict[tuple[str, ...], int] = {}
    column = sheet.keys[-1]
    for row in table.rows:
        key = sheet.key_of(row.cells)
        if key in seen:
            told = {"line": seen[key], "key": " / ".join(part for part in key if part)}
            sentence = _("Line %(line)d speaks of %(key)s already: keep one of the two.") % told
            yield Problem(row.line, column, row.cells.get(column, ""), sentence)
        seen.setdefault(key, row.line)


def _said(error: Exception) -> Iterator[tuple[str, str]]:
    """(attribute or "", sentence) for everything a refusal says. What is no refusal is a fault of ours and goes on."""
    if isinstance(error, GateRefused):
        for finding in error.findings:
            if finding.severity is Severity.BLOCK:
                yield finding.field, f"{finding.why} “{finding.excerpt}” {finding.remedy} ({finding.code})"
    elif isinstance(error, ValidationError) and hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            for one in errors:
                empty = one.code in _EMPTY
                for message in one.messages:
                    yield "" if name == NON_FIELD_ERRORS else name, _("It is empty.") if empty else message
    elif isinstance(error, ValidationError):
        yield from (("", message) for message in error.messages)
    elif isinstance(error, PermissionDenied):
        yield "", str(error)
    elif isinstance(error, DatabaseError):
        yield "", _("The database refuses this row: %(why)s") % {"why": str(error).partition("\n")[0]}
    else:
        raise error


def _on(cells: dict[str, str], line: int, sheet: Sheet, problem: tuple[str, str]) -> Problem:
    attribute, sentence = problem
    names = {column.attribute: name for name, column in sheet.fields.items()}
    attribute = attribute or sheet.column_of(sentence)
    column = names.get(attribute, attribute)
    return Problem(line, column, cells.get(column, ""), sentence)


def unexpected(error: Any) -> Problem:
    """A file that can't be read, as the one problem of its report."""
    return Problem(error.line, "", "", error.sentence)
