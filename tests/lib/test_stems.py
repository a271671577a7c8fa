"""Words as search compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampinfo.lib import stems


def test_it_works() -> None:
    assert stems.stems("Night cramps: why the calves?", "Leg cramp!") == "night cramp why the calve leg"


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("cramps", "cramp"),
        ("calambres", "calambre"),
        ("tirón", "tiron"),
        ("shoes", "sho"),
        ("shoe", "sho"),
        ("toes", "toe"),
        ("volcanoes", "volcano"),
        ("stress", "stress"),
        ("focus", "focus"),
        ("analysis", "analysis"),
        ("gas", "gas"),
        ("s", "s"),
        ("niños", "nino"),
        ("b12", "b12"),
    ],
)
def test_a_stem(word: str, stem: str) -> None:
    assert stems.stem(word) == stem


@given(st.text(max_size=60))
def test_nothing_but_words_is_left(text: str) -> None:
    for word in stems.words(text):
        assert word == word.lower()
        assert not set(word) & set(' \x00"*():^')
        assert stems.stem(stems.stem(word)) or not stems.stem(word)


def test_hyphens_and_apostrophes_join_words() -> None:
    assert stems.words("l-threonate can't 'quoted' -- a-") == ["l-threonate", "can't", "quoted", "a"]
