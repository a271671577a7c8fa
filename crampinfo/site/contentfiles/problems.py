"""What is wrong with a content file, always with its file and line, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One sentence about one line. Sorts by file, then line."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Where:
    """Where an object stands: its file as named by the user, its first line, the line of each field, its folder."""

    file: str
    line: int
    lines: Mapping[str, int]
    folder: Path

    def at(self, field: str) -> int:
        """The line of a field, or of the object where the field is not written."""
        return self.lines.get(field, self.line)

    def problem(self, text: str, field: str = "") -> Problem:
        """A problem of this object, on the line of the field where that is known."""
        return Problem(self.file, self.at(field), text)


class Rejected(Exception):
    """An object can't be accepted; problems says why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str:
    """ " Did you mean x?", or the whole list when it is short, or nothing."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f" Did you mean {close[0]}?"
    return f" Use one of: {', '.join(names)}." if 0 < len(names) <= 20 else ""
