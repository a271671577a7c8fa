"""Marks for our own figures, `[figure:name]`: each gets a paragraph of its own, where a drawing may stand."""

from __future__ import annotations

import re

from markdown_it.token import Token

MARK = re.compile(r"\[figure:([^\]\n]*)\]")
_AT_START = re.compile(r"(\[figure:[^\]\n]*\])\s*")


def apart(tokens: list[Token]) -> list[Token]:
    """Split visible paragraphs at figure marks that begin a line; in tight list items a mark stays where it is."""
    made: list[Token] = []
    for token in tokens:
        if token.type != "inline" or made[-1].type != "paragraph_open" or made[-1].hidden:
            made.append(token)
            continue
        opening = made.pop()
        groups = [group for group in _groups(token.children or []) if group]
        for number, group in enumerate(groups):
            if number:
                made.append(Token("paragraph_close", "p", -1, block=True))
            made += [opening, Token("inline", "", 0, children=group, map=token.map, level=token.level, block=True)]
    return made


def _groups(children: list[Token]) -> list[list[Token]]:
    """The pieces of a paragraph: each mark at the start of a line alone, and what stands between."""
    groups: list[list[Token]] = [[]]
    for child in children:
        group = groups[-1]
        starts_line = not group or group[-1].type in ("softbreak", "hardbreak")
        match = _AT_START.match(child.content) if child.type == "text" and child.level == 0 and starts_line else None
        if match is None:
            if group or child.type != "softbreak":
                group.append(child)
            continue
        if group:
            group.pop()
        rest = child.content[match.end() :]
        groups += [[_text(match[1])], [_text(rest)] if rest else []]
    return groups


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
