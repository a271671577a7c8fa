"""Copied text by runs of words."""

from __future__ import annotations

import pytest

from crampinfo.lib import shingles

OURS = " ".join(f"word{n}" for n in range(50))


def test_copied() -> None:
    assert shingles.copied(OURS, OURS.upper()) == 1.0
    assert shingles.copied(OURS, "Something else entirely, in as many words as one likes.") == 0.0
    half = " ".join(f"word{n}" for n in range(25)) + " " + " ".join(f"other{n}" for n in range(25))
    assert shingles.copied(half, OURS) == pytest.approx(21 / 46)
    assert shingles.copied("four words are few", OURS) == 0.0


def test_sketches_estimate_the_same() -> None:
    text = " ".join(f"word{n}" for n in range(2000))
    changed = text.replace("word1000", "another")
    assert shingles.alike(shingles.sketch(text), shingles.sketch(text)) == 1.0
    assert shingles.alike(shingles.sketch(text), shingles.sketch(changed)) > 0.8
    assert shingles.alike(shingles.sketch(text), shingles.sketch(OURS.replace("word", "x"))) < 0.1
    assert shingles.alike((), shingles.sketch(text)) == 0.0
