"""Search over guides, questions and reviews: the words people use for a cramp, and near misses of ours."""

from __future__ import annotations

import difflib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from modelsearch.backends import get_search_backend
from modelsearch.query import Or, PlainText, SearchQuery

from articles.models import Article, Question
from crampinfo.editorial.models import State
from crampinfo.lib import stems
from reviews.models import Review

MAX_QUERY = 200
MAX_PER_KIND = 20
MAX_CORRECTED = 8
VOCABULARY_SECONDS = 600

# What people call it, and what our pages call it: lower case. Longer phrases are replaced before their parts.
SYNONYMS = {
    "charley horse": "cramp",
    "charlie horse": "cramp",
    "charley": "cramp",
    "muscle spasm": "cramp",
    "spasm": "cramp",
    "leg ache": "cramp",
    "nocturnal": "night",
    "sleep": "night",
    "bedtime": "night",
    "expecting": "pregnancy",
    "pregnant": "pregnancy",
    "tablets": "magnesium",
    "pills": "magnesium",
    "supplement": "magnesium",
    "mg": "magnesium",
    "cholesterol": "statins",
    "atorvastatin": "statins",
    "simvastatin": "statins",
    "water": "hydration",
    "dehydration": "hydration",
    "running": "exercise",
    "sport": "exercise",
    "gait": "walk",
    "walking": "walk",
    "trainers": "shoes",
    "tonic water": "quinine",
    "duvet": "covers",
    "bedclothes": "sheets",
    "kidneys": "kidney",
    "calambre": "calambres",
    "tirón": "calambres",
}
# Words that questions are made of and pages need not hold.
FILLERS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "get",
        "got",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "of",
        "on",
        "or",
        "so",
        "that",
        "the",
        "then",
        "there",
        "they",
        "this",
        "to",
        "too",
        "was",
        "we",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "you",
        "your",
        "al",
        "como",
        "con",
        "cuando",
        "de",
        "del",
        "el",
        "en",
        "es",
        "la",
        "las",
        "lo",
        "los",
        "me",
        "mi",
        "mis",
        "o",
        "para",
        "por",
        "porque",
        "que",
        "qué",
        "se",
        "si",
        "sin",
        "su",
        "sus",
        "un",
        "una",
        "y",
    ]
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One result."""

    kind: str
    title: str
    url: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found; corrected is what was searched for as well, where a word was near one of ours."""

    query: str
    hits: tuple[Hit, ...]
    corrected: str = ""


def search(raw: str) -> Results:
    """Search for what somebody typed: at most 200 characters count, punctuation is dropped.

    A page is found that holds all words as typed, or all of them in our own words, or with the nearest words of our
    titles where we know no such word. Where there is none, pages that hold any of the words are found.
    """
    query = clean(raw)
    if not query:
        return Results("", ())
    corrected = correct(query)
    forms = list(dict.fromkeys((query, in_our_words(query), in_our_words(corrected))))
    hits = _find(Or([PlainText(form) for form in forms])) or _find(PlainText(forms[-1], operator="or"))
    return Results(query, hits, corrected if corrected != query else "")


def clean(raw: str) -> str:
    """Lower case, letters and digits of any script, single spaces."""
    return " ".join(stems.words(raw[:MAX_QUERY]))


def in_our_words(query: str) -> str:
    """A clean query with our words for what people call things, without fillers, as stems."""
    for phrase, ours in _BY_LENGTH:
        query = re.sub(rf"\b{re.escape(phrase)}s?\b", ours, query)
    words = query.split()
    return stems.stems(" ".join(word for word in words if word not in FILLERS) or query)


_BY_LENGTH = sorted(SYNONYMS.items(), key=lambda pair: len(pair[0]), reverse=True)


def _find(query: SearchQuery) -> tuple[Hit, ...]:
    backend = get_search_backend()
    live: tuple[tuple[Any, str], ...] = (
        (Question.objects, "question"),
        (Article.objects, "article"),
        (Review.objects.select_related("product"), "review"),
    )
    hits: list[Hit] = []
    for kept, kind in live:
        # The index holds what is scheduled, too: nothing has to run at the minute when a page appears.
        found = [
            row for row in backend.search(query, kept.filter(state=State.PUBLISHED))[: 2 * MAX_PER_KIND] if row.is_live
        ]
        hits.extend(_hit(row, kind) for row in found[:MAX_PER_KIND])
    return tuple(hits)


def _hit(row: Article | Question | Review, kind: str) -> Hit:
    text = row.verdict if isinstance(row, Review) else row.summary
    return Hit(kind, row.title, row.get_absolute_url(), text, row.language)


def correct(query: str) -> str:
    """Each unknown word replaced by the nearest word of our titles and synonyms, if one is near enough."""
    vocabulary = _vocabulary(int(time.monotonic() // VOCABULARY_SECONDS))
    words = query.split()
    unknown = [word for word in words if len(word) > 3 and word not in FILLERS and word not in vocabulary]
    nearest = {word: _nearest(word, vocabulary) for word in unknown[:MAX_CORRECTED]}
    return " ".join(nearest.get(word, word) for word in words)


def _nearest(word: str, vocabulary: Sequence[str]) -> str:
    """The nearest of our words that starts alike and is about as long, or the word itself."""
    alike = [ours for ours in vocabulary if ours[0] == word[0] and abs(len(ours) - len(word)) <= 2]
    return next(iter(difflib.get_close_matches(word, alike, n=1, cutoff=0.75)), word)


@lru_cache(maxsize=1)
def _vocabulary(period: int) -> tuple[str, ...]:
    """The words of our titles and synonyms, read again every ten minutes."""
    titles = (
        Article.objects.published()
        .values_list("title")
        .order_by()
        .union(
            Question.objects.published().values_list("title").order_by(),
            Review.objects.published().values_list("product__name").order_by(),
        )
    )
    words = {word for (title,) in titles for word in stems.words(title)}
    words |= {word for pair in SYNONYMS.items() for phrase in pair for word in phrase.split()}
    return tuple(sorted(word for word in words | {"cramps"} if len(word) > 3))
