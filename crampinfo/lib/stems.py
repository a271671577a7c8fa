"""Words as search compares them: without accents and plurals, the same way for what is stored and what is asked.

Light on purpose: English and Spanish share it, and the databases' own stemming (PostgreSQL has it, SQLite has none)
comes on top. What matters is that both sides go through the same function, not that a stem is a word.
"""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_NO_PLURAL = ("ss", "us", "is")


def words(text: str) -> list[str]:
    """The words of a text in lower case: letters and digits of any script, joined by hyphens and apostrophes."""
    return _WORD.findall(text.lower())


def stem(word: str) -> str:
    """A lower-case word without accents and without the s of a plural."""
    bare = "".join(ch for ch in unicodedata.normalize("NFKD", word) if not unicodedata.combining(ch))
    plural = len(bare) > 3 and bare.endswith("s") and not bare.endswith(_NO_PLURAL)
    singular = bare[:-1] if plural else bare
    # Volcanoes and potatoes, but also shoes: all end alike, so the e goes from both sides.
    return singular[:-1] if len(singular) > 3 and singular.endswith("oe") else singular


def stems(*texts: str) -> str:
    """The different stems of some texts, in one line."""
    return " ".join(dict.fromkeys(stem(word) for text in texts for word in words(text)))
