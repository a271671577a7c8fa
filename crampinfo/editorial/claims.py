"""The claims linter: what a health site that earns from products may not say, found however it is written.

Patterns are data (claims.<language>.json), each with its rule, its severity by what the text is about, the markets that
forbid it, and the turns of phrase that make the same words honest ("no supplement has been shown to stop cramps").
Source: rules.md section 12. Pure: no models, no settings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from crampinfo.editorial import phrasebook
from crampinfo.editorial.phrasebook import About, Language, Pattern
from crampinfo.lib import lettering

MOST_HITS = 5  # of one pattern in one text: an editor mends one and sees the others
_MOST_LOOKS = 50  # places a pattern looks at in one sentence; one that has more is no honest sentence
_LONGEST, _OVERLAP = 2000, 250
_EXACT = re.compile(
    r"these statements have not been evaluated by the food and drug administration\. "
    r"this product is not intended to diagnose, treat, cure,? or prevent any disease\.?"
)
_STOP = re.compile(r"""(?<=[.!?])["')\]]{0,3}( )(?=["'(\[¿¡]{0,2}[A-Z0-9])""")
_ABBREVIATED = re.compile(
    r"\b(?:[A-Za-z]|[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|vs|[Nn]o|e\.g|i\.e|approx|[Ff]ig|[Ss]t|[Dd]ra|[Ss]ra?)\.\Z"
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Hit:
    """Words that may not stand: where (start to end in the text as given), under which rule, and what to do.

    severity is "block" or "warn". granted_by names the fact that would allow the words ("test_record"), '' if nothing
    does. skipped names the turn of phrase that makes them honest; such a hit is kept for the record alone.
    """

    code: str
    rule: str
    severity: str
    start: int
    end: int
    words: str
    sentence: str
    why: str
    remedy: str
    granted_by: str = ""
    skipped: str = ""


@dataclass(slots=True)
class Reading:
    """A text while it is linted: folded, lowered, cut into sentences."""

    folded: lettering.Folded
    lower: str

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Start and end of each; one longer than any honest sentence comes in pieces that overlap."""
        at = 0
        for line in self.lower.split("\n"):
            if line.strip():
                for start in range(at, at + max(1, len(line) - _OVERLAP), _LONGEST - _OVERLAP):
                    yield start, min(start + _LONGEST, at + len(line))
            at += len(line) + 1


def read(text: str, *, markup: bool) -> Reading:
    """A text as the patterns see it."""
    folded = lettering.fold(text, markup=markup)
    cased = folded.text
    stops = [
        match.start(1)
        for match in _STOP.finditer(cased)
        if not _ABBREVIATED.search(cased, max(0, match.start(1) - 8), match.start(1))
    ]
    return Reading(folded, _cut(cased, stops))


def _cut(cased: str, stops: Iterable[int]) -> str:
    lower = cased.lower()
    if len(lower) != len(cased):  # a few letters grow when they are lowered: places must stay where they are
        lower = "".join(one.lower() if len(one.lower()) == 1 else one for one in cased)
    lower = _EXACT.sub(lambda match: " " * len(match[0]), lower)
    parts, at = [], 0
    for stop in stops:
        parts += [lower[at:stop], "\n"]
        at = stop + 1
    return "".join([*parts, lower[at:]])


class Linter:
    """Every language's patterns, and which of them a word can lead to."""

    def __init__(self, languages: Sequence[Language]) -> None:
        self.languages = languages
        self.patterns = [pattern for language in self.languages for pattern in language.patterns]
        self._index: dict[str, set[int]] = defaultdict(set)
        for number, pattern in enumerate(self.patterns):
            for stem in pattern.stems:
                self._index[stem].add(number)
        self._longest = max(map(len, self._index))
        self.reached = lru_cache(maxsize=50_000)(self._reached)

    def _reached(self, word: str) -> frozenset[int]:
        """The patterns that a word may begin."""
        found: set[int] = set()
        for length in range(1, min(len(word), self._longest) + 1):
            found |= self._index.get(word[:length], set())
        return frozenset(found)

    @cached_property
    def _signs(self) -> list[str]:
        return [stem for stem in self._index if not stem.isalnum()]

    def candidates(self, sentence: str) -> list[Pattern]:
        """The patterns worth trying on a sentence."""
        numbers: set[int] = set()
        for word in set(_WORD.findall(sentence)):
            numbers |= self.reached(word[: self._longest])
        for sign in self._signs:
            if sign in sentence:
                numbers |= self._index[sign]
        return [self.patterns[number] for number in sorted(numbers)]

    def lint(
        self,
        text: str,
        *,
        about: About = About.TEXT,
        paid: bool = False,
        markup: bool = False,
        label: bool = False,
        markets: Iterable[str] = ("EU", "US"),
        names: Iterable[str] = (),
    ) -> list[Hit]:
        """Everything in a text that may not stand, and what only looks so (skipped).

        paid is for a list whose order payment changes; label for names, titles, slugs and link texts; names are those
        of products and brands that the text may speak of.
        """
        reading = read(text, markup=markup)
        served, named = frozenset(markets), tuple(name.lower() for name in names if name)
        found: list[Hit] = []
        taken: dict[int, int] = defaultdict(int)
        before = False
        for start, end in reading.sentences():
            sentence = reading.lower[start:end]
            product = self._speaks_of_product(sentence, before, named)
            before = product
            scopes = _scopes(about, product, paid)
            for pattern in self.candidates(sentence):
                severity = pattern.severity(scopes, served)
                if not severity or (pattern.labels_only and not label) or taken[id(pattern)] >= MOST_HITS:
                    continue
                for hit in self._hits(pattern, severity, reading, start, end):
                    found.append(hit)
                    taken[id(pattern)] += not hit.skipped
        return _merged(found)

    def _speaks_of_product(self, sentence: str, before: bool, names: tuple[str, ...]) -> bool:
        """Whether a sentence names something sold, or goes on about what the one before it named."""
        for language in self.languages:
            if language.subject.search(sentence) or (before and language.pronoun.match(sentence)):
                return True
        return any(name in sentence for name in names)

    def _hits(self, pattern: Pattern, severity: str, reading: Reading, start: int, end: int) -> Iterator[Hit]:
        matches = pattern.matches(reading.lower, start, end, _MOST_LOOKS + 1)
        for match in matches[:_MOST_LOOKS]:
            skipped = _honest(pattern, reading.lower, match.start(), match.end(), start, end)
            if len(matches) > _MOST_LOOKS:
                skipped = ""
            first, last = reading.folded.place(match.start(), match.end())
            yield Hit(
                pattern.code,
                pattern.rule,
                severity,
                first,
                last,
                " ".join(reading.folded.text[match.start() : match.end()].split())[:120],
                reading.folded.text[start:end][:600],
                pattern.why,
                pattern.remedy,
                pattern.granted_by,
                skipped,
            )
            if not skipped and len(matches) > MOST_HITS:
                return


def _scopes(about: About, product: bool, paid: bool) -> tuple[str, ...]:
    """Where to look for a pattern's severity, first what fits best."""
    if about is About.PRODUCT:
        found: tuple[str, ...] = ("product",)
    else:
        found = ("named", "product", "text") if product else ("text",)
    return ("paid", *found) if paid else found


def _honest(pattern: Pattern, text: str, start: int, end: int, first: int, last: int) -> str:
    """The turn of phrase that makes a hit honest, '' if there is none."""
    language = pattern.language
    for name in pattern.unless:
        exemption = language.exemptions[name]
        if exemption.where == "before":
            low = max(first, start - exemption.window)
            said = exemption.pattern.search(text, low, start)
            if said and not (
                exemption.unless and exemption.unless.search(text, max(first, said.start() - 12), min(last, end + 60))
            ):
                return name
        elif exemption.where == "after":
            if exemption.pattern.search(text, end, min(last, end + exemption.window)):
                return name
        elif exemption.pattern.search(text[first : min(last, first + 2000)]):
            return name
    return "quoted" if _quoted(language, text, start, end, first, last) else ""


def _quoted(language: Language, text: str, start: int, end: int, first: int, last: int) -> bool:
    """Whether the words stand in quotation marks, and the rest of the sentence keeps its distance from them."""
    before, after = text[max(first, start - 400) : start], text[end : min(last, end + 400)]
    if before.count('"') % 2 == 0 or '"' not in after:
        return False
    outside = before[: before.rindex('"')] + " " + after[after.index('"') :]
    return bool(language.distance.search(outside))


def _merged(hits: list[Hit]) -> list[Hit]:
    """Of hits under one code that overlap, the first that counts; in the order of the text."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda one: (bool(one.skipped), one.severity != "block", one.start, -one.end)):
        if not any(other.code == hit.code and other.start < hit.end and hit.start < other.end for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda one: (one.start, one.code))


@lru_cache(maxsize=1)
def linter() -> Linter:
    """The linter with the patterns of every language."""
    return Linter(phrasebook.books())


def lint(text: str, **how: Any) -> list[Hit]:
    """See Linter.lint; the hits that count alone."""
    return [hit for hit in linter().lint(text, **how) if not hit.skipped]
