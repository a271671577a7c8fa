"""Sentences that say a treatment helps, or that it does nothing where nobody has tried it (rules.md HC-06).

Patterns are data (effects.<language>.json), in the form that the claims linter reads. A hit's code is the treatment as
references name it ("magnesium"), PRODUCT for whatever a text on a product speaks of, or "none-" and the group without
trials ("none-exercise").
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crampinfo.editorial import claims
from crampinfo.editorial.phrasebook import LANGUAGES, About, Language

NONE = "none-"
PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Said:
    """Words that tell an effect; start and end (exclusive) are their place in the text as stored."""

    treatment: str
    group: str
    start: int
    end: int
    words: str
    sentence: str


@lru_cache(maxsize=1)
def linter() -> claims.Linter:
    """The linter with the words for effects, of every language."""
    here = Path(__file__).parent
    files = (here / f"effects.{code}.json" for code in LANGUAGES)
    return claims.Linter([Language(json.loads(file.read_text(encoding="utf-8"))) for file in files])


@lru_cache(maxsize=64)
def told(text: str, *, markup: bool, about: About = About.TEXT) -> tuple[Said, ...]:
    """What a text says of effects: of a treatment that it helps; or, with a group, that it does nothing in those.

    A text about a product that names no treatment speaks for PRODUCT: it means what it is about.
    """
    return tuple(_told(text, markup, about))


def _told(text: str, markup: bool, about: About) -> Iterator[Said]:
    hits = [hit for hit in linter().lint(text, markup=markup, about=about) if not hit.skipped]
    named = {hit.sentence for hit in hits if hit.code != PRODUCT and not hit.code.startswith(NONE)}
    for hit in hits:
        if hit.code != PRODUCT or hit.sentence not in named:
            group = hit.code.removeprefix(NONE) if hit.code.startswith(NONE) else ""
            yield Said("" if group else hit.code, group, hit.start, hit.end, hit.words, hit.sentence)
