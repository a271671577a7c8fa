"""What a field may hold: one small rule a kind of value, used as annotations by the item classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Protocol

from crampinfo.site.contentfiles import moments
from crampinfo.site.contentfiles.problems import Problem, nearest
from crampinfo.site.contentfiles.yamltree import Mapping, Scalar, Sequence, Tree

SLUG = re.compile(r"[-\w]+")
CITATION = re.compile(r"\[@([^\]\n]*)\]")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,10})?")
_NOUN = {Scalar: "a single value", Sequence: "a list", Mapping: "a group of fields"}


@dataclass(frozen=True, slots=True)
class Mention:
    """Something named by its slug, which must exist: kind as in the table of kinds."""

    kind: str
    slug: str
    line: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file that an object uses: where it lies, its name in the text, and the words that go with it."""

    path: Path
    name: str
    digest: str
    line: int
    alt: str = ""
    caption: str = ""


@dataclass(slots=True)
class Desk:
    """Where one file is read: what it is called, when now is, and what was found on the way."""

    file: str
    folder: Path
    now: datetime
    # The field that is being read, so that an item of its list can name it.
    reading: str = ""
    problems: list[Problem] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    # Objects that are there but could not be read, by kind and slug.
    doubtful: set[tuple[str, str]] = field(default_factory=set)

    def wrong(self, line: int, text: str) -> None:
        """Note a problem and go on."""
        self.problems.append(Problem(self.file, line, text))

    def picture(self, name: str, line: int, alt: str = "", caption: str = "") -> Picture:
        """A picture beside the file or in a folder below it. Raises Wrong."""
        relative = PurePosixPath(name)
        if not name or ":" in name or relative.is_absolute() or ".." in relative.parts:
            raise Wrong(
                line, f"The picture “{name}” must lie beside this file: write its name alone, such as portrait.png."
            )
        path = self.folder / name
        if not path.is_file():
            raise Wrong(line, f"There is no picture {name} beside this file: add it or correct the name.")
        try:
            digest = sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise Wrong(line, f"The picture {name} can't be read ({error.strerror}): check its permissions.") from error
        return Picture(path, name, digest, line, alt, caption)


class Wrong(Exception):
    """A value does not fit its field."""

    def __init__(self, line: int, text: str) -> None:
        self.line = line
        self.text = text
        super().__init__(text)


def named(name: str, text: str) -> str:
    """A sentence about a field: one that begins in lower case goes on from its name."""
    return f"{name}{' ' if text[0].islower() else ': '}{text}"


class Rule(Protocol):
    """Reads one value from the tree, or raises Wrong."""

    def read(self, tree: Tree, desk: Desk) -> object:
        """The value."""


@dataclass(frozen=True, slots=True)
class As:
    """The model's name of the field, where it differs from the file's."""

    name: str


def scalar(tree: Tree, wanted: str) -> Scalar:
    """The tree as a single, filled value."""
    if not isinstance(tree, Scalar):
        raise Wrong(tree.line, f"must be {wanted}, not {_NOUN[type(tree)]}.")
    if tree.empty:
        raise Wrong(tree.line, f"is empty: write {wanted}.")
    return tree


@dataclass(frozen=True, slots=True)
class Text:
    """Any text; its citation marks must name known references. one_line folds white space."""

    one_line: bool = False

    def read(self, tree: Tree, desk: Desk) -> str:
        """The text without white space at its ends."""
        node = scalar(tree, "text")
        value = " ".join(node.value.split()) if self.one_line else node.value.strip()
        strange = next(
            (
                letter
                for letter in value
                if (ord(letter) < 32 and letter not in "\n\t") or 0xD800 <= ord(letter) <= 0xDFFF
            ),
            "",
        )
        if strange:
            raise Wrong(tree.line, f"holds the character U+{ord(strange):04X}, which can't be stored: delete it.")
        for match in CITATION.finditer(value):
            cite(match[1], tree.line, desk)
        return value


def cite(name: str, line: int, desk: Desk) -> str | None:
    """Note that a citation mark names a reference; None (and a problem) where it names none at all."""
    if not re.fullmatch(r"[a-z0-9][-a-z0-9]*", name):
        desk.wrong(line, f"“[@{name}]” is no citation: write one slug a bracket, such as [@garrison-2020].")
        return None
    desk.mentions.append(Mention("reference", name, line))
    return name


@dataclass(frozen=True, slots=True)
class Slug:
    """The name by which others refer to it."""

    def read(self, tree: Tree, desk: Desk) -> str:
        """The slug."""
        value = scalar(tree, "a slug").value.strip()
        if not SLUG.fullmatch(value):
            raise Wrong(tree.line, f"“{value}” is no slug: use letters, digits and hyphens, such as night-cramps.")
        return value


@dataclass(frozen=True, slots=True)
class Ref:
    """The slug of an object of another kind."""

    kind: str

    def read(self, tree: Tree, desk: Desk) -> str:
        """The slug; that it must exist is noted for later."""
        value = Slug().read(tree, desk)
        desk.mentions.append(Mention(self.kind, value, tree.line))
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    def read(self, tree: Tree, desk: Desk) -> bool:
        """True or False."""
        value = scalar(tree, "true or false").value.strip().lower()
        if value not in ("true", "false", "yes", "no"):
            raise Wrong(tree.line, f"must be true or false, not “{value}”.")
        return value in ("true", "yes")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from 0 up."""

    def read(self, tree: Tree, desk: Desk) -> int:
        """The number."""
        value = scalar(tree, "a whole number").value.strip()
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
            raise Wrong(tree.line, f"must be a whole number such as 12, not “{value}”.")
        return int(value)


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number with a point."""

    def read(self, tree: Tree, desk: Desk) -> Decimal:
        """The number."""
        value = scalar(tree, "a number").value.strip()
        if not _NUMBER.fullmatch(value) or not value.isascii():
            raise Wrong(tree.line, f"must be a number such as 9.60 (a point, no comma, no unit), not “{value}”.")
        return Decimal(value)


@dataclass(frozen=True, slots=True)
class When:
    """A day or a moment."""

    def read(self, tree: Tree, desk: Desk) -> moments.Moment:
        """The moment."""
        try:
            return moments.read(scalar(tree, "a date").value.strip(), desk.now)
        except ValueError as error:
            raise Wrong(tree.line, str(error)) from error


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    values: tuple[str, ...]

    def read(self, tree: Tree, desk: Desk) -> str:
        """The word."""
        value = scalar(tree, "one of a few words").value.strip()
        if value not in self.values:
            raise Wrong(tree.line, f"can't be “{value}”.{nearest(value, self.values)}")
        return value


@dataclass(frozen=True, slots=True)
class File:
    """A picture beside the content file."""

    def read(self, tree: Tree, desk: Desk) -> Picture:
        """The picture."""
        return desk.picture(scalar(tree, "the name of a picture file").value.strip(), tree.line)


@dataclass(frozen=True, slots=True)
class Many:
    """A list of values of one kind; at_least says how many there must be."""

    rule: Rule
    at_least: int = 0

    def read(self, tree: Tree, desk: Desk) -> tuple[object, ...]:
        """The values that could be read; each one that could not is a problem of its own."""
        if isinstance(tree, Scalar) and tree.empty and not self.at_least:
            return ()
        if not isinstance(tree, Sequence):
            raise Wrong(
                tree.line, f"must be a list, not {_NOUN[type(tree)]}: write [a, b] or one item a line after “- ”."
            )
        values = tuple(self._each(tree, desk))
        if len(tree.items) < self.at_least:
            raise Wrong(tree.line, f"needs at least {self.at_least}, and has {len(tree.items)}.")
        repeated = {value for value in values if isinstance(value, str) and values.count(value) > 1}
        if repeated:
            raise Wrong(tree.line, f"names {', '.join(sorted(repeated))} more than once: keep one.")
        return values

    def _each(self, tree: Sequence, desk: Desk) -> Iterator[object]:
        for item in tree.items:
            try:
                yield self.rule.read(item, desk)
            except Wrong as wrong:
                desk.wrong(wrong.line, named(desk.reading, wrong.text))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers by slug, such as weights by criterion."""

    def read(self, tree: Tree, desk: Desk) -> dict[str, Decimal]:
        """The numbers."""
        if not isinstance(tree, Mapping):
            raise Wrong(tree.line, f"must be numbers by name (name: 30), not {_NOUN[type(tree)]}.")
        return dict(self._each(tree, desk))

    def _each(self, tree: Mapping, desk: Desk) -> Iterable[tuple[str, Decimal]]:
        for name, value in tree.fields.items():
            try:
                yield name, Number().read(value, desk)
            except Wrong as wrong:
                desk.wrong(tree.lines[name], f"{name} {wrong.text}")
