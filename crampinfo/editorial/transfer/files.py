"""Files of rows: CSV and JSON read with the line of every row, and written so that no spreadsheet runs a cell."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 1000  # so that an answer comes well within a web server's patience
FORMATS = ("csv", "json")

_DELIMITERS = ",;\t"
_MARKS = (
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"PK\x03\x04", "spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "xls"),
)
# What a spreadsheet takes for the beginning of a formula; a plain number is none.
_FORMULA = re.compile(r"\s*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_NEUTRAL = re.compile(r"'(?=\s*[=+\-@\t\r])")


class Unreadable(ValueError):
    """A file that can't be read as a table; line is where, None for the file as a whole."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        self.sentence, self.line = sentence, line
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins on in a CSV file, its number in a JSON list, and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows under its columns."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read(raw: bytes, name: str) -> Table:
    """A table from a file's bytes; the ending of its name tells the format. Raises Unreadable."""
    if not raw.strip():
        raise Unreadable(_("The file is empty."))
    if len(raw) > MAX_BYTES:
        raise Unreadable(_("The file is larger than 2 MB: split it."))
    text = _decoded(raw)
    table = _json(text) if name.lower().endswith(".json") or text.lstrip()[:1] in "[{" else _csv(text)
    if not table.rows:
        raise Unreadable(_("The file has column names and no rows."))
    if len(table.rows) > MAX_ROWS:
        raise Unreadable(_("The file has more than %(n)d rows: split it.") % {"n": MAX_ROWS})
    return table


def _decoded(raw: bytes) -> str:
    for mark, kind in _MARKS:
        if raw.startswith(mark):
            raise Unreadable(_("This is a %(kind)s file: save it as “CSV UTF-8” and upload that.") % {"kind": kind})
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Unreadable(_("The file is not in UTF-8: save it as “CSV UTF-8”."), line) from error
    if "\x00" in text:
        raise Unreadable(_("This is no text file: save it as “CSV UTF-8”."))
    return text


def _csv(text: str) -> Table:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines = _lines(reader)
    try:
        _line, header = next(lines)
        columns = _columns(header)
        rows = [Row(line, _cells(columns, cells, line)) for line, cells in lines]
    except csv.Error as error:
        sentence = _("The file can't be read here: a quotation mark is not closed, or stands inside a cell.")
        raise Unreadable(sentence, reader.line_num) from error
    return Table(columns, tuple(rows))


def _lines(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not empty, each with where it begins: a cell may hold line breaks."""
    start = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield start, cells
        start = reader.line_num + 1


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    names = [name.strip().lower().replace(" ", "_") for name in header]
    while names and not names[-1]:
        names.pop()
    if not all(names):
        raise Unreadable(_("A column has no name: the first line names them all."), 1)
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise Unreadable(_("This column is there twice: %(name)s.") % {"name": ", ".join(sorted(twice))}, 1)
    return tuple(names)


def _cells(columns: Sequence[str], cells: Sequence[str], line: int) -> dict[str, str]:
    numbers = {"cells": len(cells), "columns": len(columns)}
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise Unreadable(
            _("This row has %(cells)d cells under %(columns)d columns: put quotation marks round cells with commas.")
            % numbers,
            line,
        )
    if len(cells) < len(columns):
        raise Unreadable(
            _("This row has %(cells)d cells under %(columns)d columns.")
            % {"cells": len(cells), "columns": len(columns)},
            line,
        )
    return {name: _NEUTRAL.sub("", cell.strip(), count=1) for name, cell in zip(columns, cells, strict=False)}


def _json(text: str) -> Table:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(_("This is no JSON: %(why)s.") % {"why": error.msg}, error.lineno) from error
    except RecursionError as error:
        raise Unreadable(_("This JSON is nested too deeply.")) from error
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise Unreadable(_("Write a list of objects, one a row: [{…}, {…}]."))
    columns = tuple(dict.fromkeys(name for row in data for name in row))
    rows = []
    for number, row in enumerate(data, 1):
        if any(isinstance(value, dict | list) for value in row.values()):
            raise Unreadable(_("A value is a list or an object: write plain values."), number)
        rows.append(Row(number, {name: _plain(value) for name, value in row.items()}))
    return Table(columns, tuple(rows))


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).strip()


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file that spreadsheets read as UTF-8 and run nothing of: what looks like a formula gets an apostrophe."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def neutral(cell: str) -> str:
    """The cell as a spreadsheet shows it without running it; read() takes the apostrophe off again."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def write_json(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A list of objects."""
    data = [dict(zip(columns, row, strict=True)) for row in rows]
    return json.dumps(data, ensure_ascii=False, indent=1).encode()
