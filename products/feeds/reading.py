"""Reading feeds as a stream: one row in memory at a time, whatever the size; nothing in them is run or fetched."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

MAX_COLUMNS = 500
MAX_ROW = 1_000_000  # characters, or bytes of an XML entry: more is no product
MAX_UNPACKED = 4 * 1024**3
_ITEMS = frozenset({"item", "entry"})


class FeedError(Exception):
    """The feed can't be read any further; the message says where and why. Rows before that were read."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A row as it came: its number (from 1, without the heading), its columns, or why it can't be read at all."""

    number: int
    columns: dict[str, str] = field(default_factory=dict)
    trouble: str = ""


def read(file: IO[bytes], form: str, encoding: str = "utf-8") -> Iterator[Raw]:
    """The rows of a file in a FeedFormat; gzip is unpacked. Raises FeedError where it breaks off."""
    stream = _unpacked(file)
    if form == "xml":
        return _xml(stream)
    if form == "json":
        return _json(stream)
    return _table(stream, form, encoding)


class _Limited(io.RawIOBase):
    """A stream that ends with an error past so many bytes: a small packed file may unpack to anything."""

    def __init__(self, inner: IO[bytes]) -> None:
        self.inner = inner
        self.passed = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self.inner.read(len(buffer))
        self.passed += len(part)
        if self.passed > MAX_UNPACKED:
            raise FeedError("The feed unpacks to more than 4 GB.")
        buffer[: len(part)] = part
        return len(part)


def _unpacked(file: IO[bytes]) -> io.BufferedReader:
    start = file.read(2)
    file.seek(0)
    inner: Any = gzip.GzipFile(fileobj=file) if start == b"\x1f\x8b" else file
    return io.BufferedReader(_Limited(inner), 256 * 1024)


# --- tables -----------------------------------------------------------------------------------------------------------


def _table(stream: io.BufferedReader, form: str, encoding: str) -> Iterator[Raw]:
    try:
        start = stream.peek(4)[:4]
    except (EOFError, OSError) as error:
        raise FeedError(f"The file can't be read: {error}.") from error
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif start.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    # A byte that is not of this encoding spoils its row, not the file.
    text = io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="")
    heading = text.readline(MAX_ROW)
    if not heading.strip():
        raise FeedError("The first line, which names the columns, is empty.")
    if len(heading) >= MAX_ROW:
        raise FeedError("The first line has over a million characters: this is no table.")
    delimiter = "\t" if form == "tsv" else max(",;|\t", key=heading.count)
    names = [name.strip().lower() for name in next(csv.reader([heading], delimiter=delimiter))]
    if len(names) > MAX_COLUMNS:
        raise FeedError(f"The feed has {len(names)} columns; {MAX_COLUMNS} are the limit.")
    if form == "tsv":
        lines = csv.reader(_lines(text), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        lines = csv.reader(_lines(text), delimiter=delimiter)
    number = 0
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except (csv.Error, UnicodeError, EOFError, OSError) as error:
            if not isinstance(error, csv.Error):
                raise FeedError(f"After row {number} the file can't be read: {error}.") from error
            number += 1
            yield Raw(number, trouble="The row can't be told from the next: check its quotation marks.")
            continue
        if not cells:
            continue
        number += 1
        yield _cells(number, names, cells)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines; one that is too long is cut, and its rest passed over, so that memory stays flat."""
    while line := text.readline(MAX_ROW):
        if len(line) >= MAX_ROW:
            while (rest := text.readline(MAX_ROW)) and len(rest) >= MAX_ROW:
                pass
            line = "\0"
        yield line


def _cells(number: int, names: list[str], cells: list[str]) -> Raw:
    if cells == ["\0"]:
        return Raw(number, trouble="The row has over a million characters.")
    if len(cells) > len(names):
        return Raw(number, trouble=f"The row has {len(cells)} columns, the heading {len(names)}.")
    if any("\udc80" <= ch <= "\udcff" for cell in cells for ch in cell):
        return Raw(number, trouble="The row has letters of another encoding: choose the feed's encoding.")
    return Raw(number, {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name})


# --- XML --------------------------------------------------------------------------------------------------------------


class _Counted(io.RawIOBase):
    """Counts what was read since the last entry: one that never ends must not fill the memory."""

    def __init__(self, inner: io.BufferedReader) -> None:
        self.inner = inner
        self.since = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        part = self.inner.read(size if 0 < size < 65536 else 65536)
        self.since += len(part)
        if self.since > MAX_ROW:
            raise FeedError("An entry has over a million bytes: this is no feed of products.")
        return part


def _xml(stream: io.BufferedReader) -> Iterator[Raw]:
    counted = _Counted(stream)
    number = 0
    open_elements: list[Any] = []
    try:
        # Document types, and with them entities and what they may load, are refused by the parser.
        for event, element in iterparse(counted, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                open_elements.append(element)
                continue
            open_elements.pop()
            if _local(element.tag) in _ITEMS:
                number += 1
                counted.since = 0
                yield _entry(number, element)
                element.clear()
                if open_elements:
                    open_elements[-1].clear()
    except DefusedXmlException as error:
        raise FeedError("The feed declares a document type or entities: such feeds are not read.") from error
    except ParseError as error:
        raise FeedError(f"After row {number} the XML is broken: {error}.") from error
    except (ValueError, LookupError, EOFError, OSError) as error:
        raise FeedError(f"After row {number} the file can't be read: {error}.") from error


def _entry(number: int, element: Any) -> Raw:
    if len(element) > MAX_COLUMNS:
        return Raw(number, trouble=f"The entry has {len(element)} fields; {MAX_COLUMNS} are the limit.")
    columns: dict[str, str] = {}
    for child in element:
        name = _local(child.tag)
        if name == "shipping" and len(child):
            # Once a country; written as the tables have it.
            inner = {_local(part.tag): (part.text or "").strip() for part in child}
            said = f"{inner.get('country', '')}::{inner.get('service', '')}:{inner.get('price', '')}"
            columns[name] = f"{columns[name]},{said}" if columns.get(name) else said
        else:
            columns.setdefault(name, (child.text or "").strip() or child.get("href", ""))
    return Raw(number, columns)


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2].lower()


# --- JSON -------------------------------------------------------------------------------------------------------------


def _json(stream: io.BufferedReader) -> Iterator[Raw]:
    """Objects of the first list, wherever it begins, or one after the other (a line each)."""
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="strict")
    decoder = json.JSONDecoder()
    buffer, number, ended = "", 0, False
    try:
        buffer = _to_first_list(text)
        while True:
            buffer = buffer.lstrip(" \t\r\n,")
            if buffer.startswith("]"):
                return
            try:
                found, end = decoder.raw_decode(buffer) if buffer else (None, 0)
            except json.JSONDecodeError:
                end = 0
            # A number at the buffer's end may go on; only closed objects are sure.
            if end == 0:
                if ended and not buffer:
                    return
                part = "" if ended else text.read(max(64 * 1024, len(buffer)))
                if not part and buffer:
                    raise FeedError(f"After row {number} the JSON is broken.")
                if len(buffer) > MAX_ROW:
                    raise FeedError(f"After row {number} an entry has over a million characters, or is broken.")
                ended = not part
                buffer += part
                continue
            buffer = buffer[end:]
            number += 1
            yield _object(number, found)
    except (UnicodeError, RecursionError, EOFError, OSError) as error:
        raise FeedError(f"After row {number} the file can't be read: {error}.") from error


def _to_first_list(text: io.TextIOWrapper) -> str:
    """What follows the first bracket; for objects without a list around them, the beginning."""
    start = text.read(64 * 1024)
    head = start.lstrip()
    if head.startswith("["):
        return head[1:]
    bracket = head.find("[")
    if bracket < 0 or _is_object_of_a_row(head.split("\n", 1)[0]):
        return head
    return head[bracket + 1 :]


def _is_object_of_a_row(line: str) -> bool:
    """Whether the first line is a product by itself, and not a wrapper around a list of them."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    inner = found.values() if isinstance(found, dict) else ()
    return not any(isinstance(value, list) and value and isinstance(value[0], dict) for value in inner)


def _object(number: int, found: Any) -> Raw:
    if not isinstance(found, dict):
        return Raw(number, trouble="This entry is no object.")
    if len(found) > MAX_COLUMNS:
        return Raw(number, trouble=f"The entry has {len(found)} fields; {MAX_COLUMNS} are the limit.")
    columns: dict[str, str] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            columns |= {f"{name}.{inner}".lower(): _plain(item) for inner, item in list(value.items())[:MAX_COLUMNS]}
        else:
            columns[name.lower()] = _plain(value)
    return Raw(number, columns)


def _plain(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value).strip()
