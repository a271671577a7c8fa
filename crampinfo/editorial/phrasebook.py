"""The claims linter's patterns as data: word lists, turns of phrase that make words honest, and what may not be said.

claims.<language>.json holds one language. In its patterns <STOPS> stands for any word of the list STOPS, and <GAP4> for
up to four words of any kind; "from" names the words that a sentence must hold before a pattern is tried on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es")
_REACH = 120  # how far before the word it ends in a pattern may begin: the longest turn of phrase and six words
_TRIES = 20
_GAP = r"(?:[^\w\n;]{1,3}\w{1,40}){0,%s}?[^\w\n;]{1,3}"


class About(StrEnum):
    """What a text speaks of: any subject, or a product, whether it is named or not."""

    TEXT = "text"
    PRODUCT = "product"


# Where a pattern has a severity: by subject; "named" is a sentence that names a product in a text on any subject (as
# "product" where a pattern says nothing else); "paid" is a list whose order payment changes, whatever the subject.
_SCOPES = ("text", "product", "named", "paid")


@dataclass(frozen=True, slots=True)
class Exemption:
    where: str  # before, after, or sentence
    window: int
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Pattern:
    code: str
    rule: str
    severities: Mapping[str, str]
    markets: frozenset[str]
    elsewhere: str
    labels_only: bool
    granted_by: str
    unless: tuple[str, ...]
    regex: re.Pattern[str]
    stems: tuple[str, ...]
    near: re.Pattern[str] | None
    why: str
    remedy: str
    language: Language

    def severity(self, scopes: tuple[str, ...], markets: frozenset[str]) -> str:
        """In the first scope it knows, under the strictest market served; '' where it does not apply."""
        found = next((self.severities[scope] for scope in scopes if scope in self.severities), "")
        return self.elsewhere if found and self.markets and self.markets.isdisjoint(markets) else found

    def matches(self, text: str, start: int, end: int, most: int) -> list[re.Match[str]]:
        """At most so many matches between start and end. A pattern that ends in a rare word is tried only before it."""
        if self.near is None:
            return list(islice(self.regex.finditer(text, start, end), most))
        found: list[re.Match[str]] = []
        at = start
        for word in islice(self.near.finditer(text, start, end), most * _TRIES):
            low = max(at, word.start() - _REACH)
            for match in self.regex.finditer(text, low, word.end()):
                found.append(match)
                at = match.end()
            if len(found) >= most:
                break
        return found


class Language:
    """The patterns of one language, compiled."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.code: str = data["language"]
        self._words: Mapping[str, list[str]] = data["words"]
        self.exemptions = {name: self._exemption(item) for name, item in data["exempt"].items()}
        subjects = "|".join(option for name in data["subjects"] for option in self._words[name])
        self.subject = re.compile(rf"\b(?:{subjects})\b")
        self.pronoun = re.compile(rf"\W*(?:{'|'.join(data['pronouns'])})\b")
        self.distance = re.compile(data["distance"])
        self.patterns = [self._pattern(item) for item in data["patterns"]]

    def _expand(self, pattern: str) -> str:
        """Word lists and gaps in a pattern: <STOPS> is any word of that list, <GAP4> up to four words of any kind."""

        def written(match: re.Match[str]) -> str:
            name = match[1]
            return _GAP % name[3:] if re.fullmatch(r"GAP\d", name) else f"(?:{'|'.join(self._words[name])})"

        return re.sub(r"<([A-Z]+\d?)>", written, pattern)

    def _exemption(self, item: Mapping[str, Any]) -> Exemption:
        unless = re.compile(item["except"]) if "except" in item else None
        return Exemption(item["where"], item.get("window", 0), re.compile(self._expand(item["pattern"])), unless)

    def _pattern(self, item: Mapping[str, Any]) -> Pattern:
        given = item["from"] if isinstance(item["from"], list) else [item["from"]]
        stems = [stem for part in given for stem in self._stems(part)]
        return Pattern(
            code=item["code"],
            rule=item["rule"],
            severities={scope: item[scope] for scope in _SCOPES if scope in item},
            markets=frozenset(item.get("markets", ())),
            elsewhere=item.get("elsewhere", ""),
            labels_only=item.get("fields") == "label",
            granted_by=item.get("granted_by", ""),
            unless=tuple(item["unless"]),
            regex=re.compile(self._expand(item["pattern"]), re.M),
            stems=tuple(dict.fromkeys(stems)),
            near=re.compile(self._expand(rf"\b<{item['near']}>")) if "near" in item else None,
            why=item["why"],
            remedy=item["remedy"],
            language=self,
        )

    def _stems(self, part: str) -> Iterator[str]:
        """The beginnings of words that a sentence must hold before a pattern is tried on it."""
        if part not in self._words:
            yield part
            return
        for option in self._words[part]:
            yield from openings(option)


def openings(option: str) -> list[str]:
    """The letters each spelling of a word begins with: "(?:high )?blood" gives high and blood, "\\d+" any digit."""
    if option.startswith(r"\d"):
        return list("0123456789")
    group = re.match(r"\(\?:([^()]*)\)(\??)", option)
    if group:
        found = [stem for inner in group[1].split("|") for stem in openings(inner)]
        return found + openings(option[group.end() :]) if group[2] else found
    literal = re.match(r"[a-z0-9]*", option)
    letters = literal[0] if literal else ""
    following = option[len(letters) : len(letters) + 1]
    return [letters[:-1] if following in ("?", "*") else letters]


@lru_cache(maxsize=1)
def books() -> tuple[Language, ...]:
    """The languages there are patterns for."""
    here = Path(__file__).parent
    return tuple(Language(json.loads((here / f"claims.{code}.json").read_text(encoding="utf-8"))) for code in LANGUAGES)


def knows(language: str) -> bool:
    """Whether there are patterns for a language ("en-gb" is English)."""
    return language.split("-")[0] in LANGUAGES
