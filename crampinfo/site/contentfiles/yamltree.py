"""YAML as a plain tree in which everything knows its line; aliases, tags and repeated keys are refused."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import yaml

from crampinfo.site.contentfiles.problems import Problem, Rejected

MAX_DEPTH = 20
_NULL = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as it was written; empty is a plain null or nothing at all."""

    line: int
    value: str
    empty: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    line: int
    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Fields by name, with the line on which each name stands."""

    line: int
    fields: dict[str, Tree]
    lines: dict[str, int]


Tree = Scalar | Sequence | Mapping


class _Stop(Exception):
    """The document holds something that is refused on sight."""

    def __init__(self, mark: yaml.Mark, text: str) -> None:
        self.mark = mark
        self.text = text
        super().__init__(text)


class _PlainLoader(yaml.SafeLoader):
    """Composes nodes without anchors, aliases and tags, and not too deep: nothing in a file may act or multiply."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """One node, or _Stop."""
        stream: Any = self  # the stubs leave this method without types
        event: Any = stream.peek_event()
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise _Stop(mark, f"The alias *{event.anchor} is not accepted: write the value out.")
        if getattr(event, "anchor", None):
            raise _Stop(mark, f"The anchor &{event.anchor} is not accepted: write each value out.")
        if getattr(event, "tag", None):
            raise _Stop(mark, f"The tag {event.tag} is not accepted: write a plain value.")
        if self.depth >= MAX_DEPTH:
            raise _Stop(mark, f"The YAML is nested deeper than {MAX_DEPTH} levels: nothing here is that deep.")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


class _Reader:
    """Turns composed nodes into a tree; lines count \\n alone, as editors do."""

    def __init__(self, text: str, file: str, lines_before: int) -> None:
        self._file = file
        self._before = lines_before
        self._ends = [place for place, letter in enumerate(text) if letter == "\n"]
        self.problems: list[Problem] = []

    def line(self, mark: yaml.Mark) -> int:
        """The line of a mark in the whole file, from 1."""
        return self.line_at(mark.index)

    def line_at(self, index: int) -> int:
        """The line of a character of the YAML text in the whole file, from 1."""
        return self._before + bisect_right(self._ends, index - 1) + 1

    def tree(self, node: yaml.Node) -> Tree:
        """The tree of a node."""
        line = self.line(node.start_mark)
        if isinstance(node, yaml.ScalarNode):
            return Scalar(line, node.value, node.style is None and node.value in _NULL)
        if isinstance(node, yaml.SequenceNode):
            return Sequence(line, tuple(self.tree(item) for item in node.value))
        fields: dict[str, Tree] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            at = self.line(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(self._file, at, "A field's name must be a word: put the text in quotes."))
            elif key.value in fields:
                self.problems.append(
                    Problem(
                        self._file, at, f"{key.value} stands here twice (first in line {lines[key.value]}): keep one."
                    )
                )
            else:
                fields[key.value], lines[key.value] = self.tree(value), at
        return Mapping(line, fields, lines)


def read(text: str, file: str, lines_before: int = 0) -> tuple[Tree, list[Problem]]:
    """The tree of a YAML text that begins after lines_before lines of its file, and what is wrong with its keys.

    Raises Rejected where there is no tree to speak of.
    """
    reader = _Reader(text, file, lines_before)
    loader = None
    try:
        loader = _PlainLoader(text)
        node = loader.get_single_node()
    except _Stop as stop:
        raise Rejected([Problem(file, reader.line(stop.mark), stop.text)]) from stop
    except yaml.reader.ReaderError as error:
        sentence = f"The character U+{ord(error.character):04X} is not allowed in YAML: delete it."
        raise Rejected([Problem(file, reader.line_at(error.position), sentence)]) from error
    except yaml.MarkedYAMLError as error:
        raise Rejected([Problem(file, _line_of(error, reader), _sentence(error))]) from error
    finally:
        if loader is not None:
            loader.dispose()
    if node is None:
        raise Rejected([Problem(file, lines_before + 1, "There are no fields here: begin with kind.")])
    return reader.tree(node), reader.problems


def _line_of(error: yaml.MarkedYAMLError, reader: _Reader) -> int:
    mark = error.problem_mark or error.context_mark
    return reader.line(mark) if mark is not None else reader.line_at(0)


def _sentence(error: yaml.MarkedYAMLError) -> str:
    what = " ".join(part for part in (error.context, error.problem) if part)
    return (
        f"The YAML breaks off here ({what}): check the indentation, close every quote, "
        "and put quotes around text with signs such as : ? # or brackets."
    )


def plain(tree: Tree) -> object:
    """The tree without lines, for digests: texts, lists, and fields in the order of their names."""
    if isinstance(tree, Scalar):
        return None if tree.empty else tree.value
    if isinstance(tree, Sequence):
        return [plain(item) for item in tree.items]
    return {name: plain(tree.fields[name]) for name in sorted(tree.fields)}
