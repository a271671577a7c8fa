"""Placeholders and leftovers (P1-P7): what somebody meant to replace, found in text as stored and as read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crampinfo.lib import lettering

Place = Callable[[int, int], tuple[int, int]]

MOST_HITS = 5
# A letter or two of everything that the phrases catch.
_SIGNS = re.compile(
    r"[\[{$]|<(?!/?[a-z0-9]{1,10}\b)|href=.#|TODO|TK|XXX|PENDIENTE|(?i:fixme|tbd|tbc|insert|changeme|lorem|dolor|asdf|test|sample|foo"
    r"|placeholder|your|texto|coming|pr[oó]x|construc|none|nan|undefined|null|00/|yyyy|1970|doe|smith|example|555"
    r"| ai |browse|revised|rewritten|updated|reviewed|modified|checked|published|posted|actualiza|revisa|publicad"
    r"|knowledge|certainly)"
)
# Of one cell alone: read on into the next ones, a large empty table would be read once for each of its cells.
_EMPTY_CELL = re.compile(r"<td[^>]*>(?:<(?!/?td\b)[^>]*>|\s)*None(?:<(?!/?td\b)[^>]*>|\s)*</td>")


@dataclass(frozen=True, slots=True)
class Leftover:
    """Words that give a leftover away; start and end (exclusive) are their place in the stored text."""

    code: str
    rule: str
    severity: str
    words: str
    remedy: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    code: str
    severity: str
    rule: str
    pattern: re.Pattern[str]
    remedy: str
    fields: tuple[str, ...]


@lru_cache(maxsize=1)
def _phrases() -> tuple[_Phrase, ...]:
    data = json.loads(Path(__file__).with_name("phrases.json").read_text(encoding="utf-8"))
    return tuple(
        _Phrase(
            item["code"],
            item["severity"],
            item["rule"],
            re.compile(item["pattern"], re.I | re.S),
            item["remedy"],
            tuple(item.get("fields", ())),
        )
        for item in data["patterns"]
    )


def find(field: str, text: str, year: int) -> list[Leftover]:
    """The different leftovers in a field's text; year is this one: a past one in a title looks old (P6)."""
    folded = lettering.fold(text, markup="<" in text)
    if field not in ("title", "summary") and not _SIGNS.search(text) and not _SIGNS.search(folded.text):
        return []  # nine texts in ten
    forms = list(_forms(field, text))
    found: list[Leftover] = []
    for phrase in _phrases():
        if field in phrase.fields or not phrase.fields:
            found += [hit for hit in _hits(phrase, forms, year) if not any(_same_words(hit, one) for one in found)]
    return found


def _same_words(hit: Leftover, other: Leftover) -> bool:
    """Whether a heavier phrase under the same code has caught these words."""
    return hit.code == other.code and hit.start < other.end and other.start < hit.end


def _forms(field: str, text: str) -> Iterator[tuple[str, Place]]:
    """The shapes in which a text may hold a leftover, each with the way back to the text as stored.

    As stored, as read (no markup, entity or invisible letter hides anything), line by line, and a slug in words.
    """
    # "None" is a fair answer in a table cell; anywhere else it is a value nobody filled in.
    stored = _EMPTY_CELL.sub(lambda match: " " * len(match[0]), text) if "None" in text else text
    yield stored, _same
    folded = lettering.fold(stored, markup="<" in stored)
    yield folded.text.replace("\n", " "), folded.place
    if "<" not in text:
        # Each line alone, between brackets: two characters more for every line before.
        yield "".join(f">{line}<" for line in text.split("\n")), lambda start, end: _unbracketed(text, start, end)
    if field == "slug":
        yield text.replace("-", " "), _same


def _same(start: int, end: int) -> tuple[int, int]:
    return start, end


def _unbracketed(text: str, start: int, end: int) -> tuple[int, int]:
    """The place in lines joined by their breaks of one in the same lines put between brackets (">a<>b<")."""
    at = 0
    for number, line in enumerate(text.split("\n")):
        width = len(line) + 2
        if start < at + width:
            first = at - number
            return max(0, first + start - at - 1), min(len(text), first + end - at - 1)
        at += width
    return len(text), len(text)


def _hits(phrase: _Phrase, forms: list[tuple[str, Place]], year: int) -> list[Leftover]:
    """What one phrase catches; the same words, or the same place in another shape of the text, are one leftover."""
    found: list[Leftover] = []
    for form, place in forms:
        for match in phrase.pattern.finditer(form):
            words = match[0].strip("<> \n")[:80]
            if int(match.groupdict().get("year") or 0) >= year:
                continue
            inner = match.start() + match[0].find(words[:1])
            start, end = place(inner, inner + len(words))
            if any(words == one.words or (start < one.end and one.start < end) for one in found):
                continue
            found.append(Leftover(phrase.code, phrase.rule, phrase.severity, words, phrase.remedy, start, end))
            if len(found) >= MOST_HITS:
                return found
    return found
