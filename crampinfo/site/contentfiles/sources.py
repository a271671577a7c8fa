"""Finding content files and reading their text; whatever is not clean UTF-8 is refused with its offset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crampinfo.site.contentfiles.problems import Problem

SUFFIXES = (".md", ".yaml")
_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What bytes above 127 usually are in a European text saved as Latin-1 or Windows-1252.
_WESTERN = frozenset("‘’“”„–—…€£°§«»¿¡·×±²³µ½¼%©®™")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file: name as the user wrote it, line ends as \\n, no byte order mark."""

    path: Path
    name: str
    text: str


def find(paths: Iterable[str]) -> tuple[list[Path], list[Problem]]:
    """The content files that are named or lie below a named folder, each once, and what is wrong with the names."""
    found: dict[Path, Path] = {}
    problems = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
            if not inside:
                problems.append(Problem(name, 1, "The folder has no content file: *.md and *.yaml are read."))
            for file in inside:
                found.setdefault(file.resolve(), file)
        elif not path.exists():
            problems.append(Problem(name, 1, "There is no such file or folder: check the path."))
        elif path.suffix not in SUFFIXES or not path.is_file():
            problems.append(Problem(name, 1, "This is no content file: only *.md and *.yaml can be imported."))
        else:
            found.setdefault(path.resolve(), path)
    return sorted(found.values(), key=str), problems


def read(path: Path, max_bytes: int) -> Source | Problem:
    """The text of a file, or the one thing that makes it unreadable."""
    name = str(path)
    try:
        size = path.stat().st_size
        if size > max_bytes:
            return Problem(name, 1, f"The file has {_size(size)}; {_size(max_bytes)} are the limit: split it.")
        data = path.read_bytes()
    except OSError as error:
        return Problem(name, 1, f"The file can't be read ({error.strerror}): check its permissions.")
    if not data.strip():
        return Problem(name, 1, "The file is empty: write its content or remove it.")
    wrong = _encoding_problem(data)
    if wrong is not None:
        line, sentence = wrong
        return Problem(name, line, sentence)
    text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        return Problem(name, line, f"The invisible control character U+{ord(control[0]):04X} stands here: delete it.")
    return Source(path, name, text)


def _encoding_problem(data: bytes) -> tuple[int, str] | None:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return 1, f"The file is {encoding}: save it as UTF-8."
    if b"\x00" in data:
        return _nul_problem(data)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
        looks = " It looks like Latin-1 (Windows-1252)." if _looks_western(data) else ""
        return (
            line,
            f"The file is not UTF-8 at byte {error.start} (0x{data[error.start]:02x}).{looks} Save it as UTF-8.",
        )
    return None


def _nul_problem(data: bytes) -> tuple[int, str]:
    if len(data) % 2 == 0 and any(_half_empty(data[side::2], data[1 - side :: 2]) for side in (0, 1)):
        return 1, "The file looks like UTF-16 without a byte order mark: save it as UTF-8."
    offset = data.index(b"\x00")
    return _line(
        data, offset
    ), f"A NUL byte stands at byte {offset}: this is no text file, or it is damaged. Delete the byte."


def _half_empty(nuls: bytes, letters: bytes) -> bool:
    """Whether nearly every second byte is 0 and the others are not, as in UTF-16 text of Western languages."""
    return nuls.count(0) > 0.8 * len(nuls) and letters.count(0) < 0.1 * len(letters)


def _looks_western(data: bytes) -> bool:
    high: Sequence[str] = [bytes([byte]).decode("cp1252", "replace") for byte in data if byte > 127]
    fitting = sum(letter.isalpha() or letter in _WESTERN for letter in high)
    return fitting >= 0.9 * len(high)


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{count:,} bytes"
