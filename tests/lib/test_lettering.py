"""Text as a reader sees it, and the way back to the text as it is stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampinfo.lib import lettering


def read(text: str, *, markup: bool = True) -> str:
    return lettering.fold(text, markup=markup).text


def test_it_works() -> None:
    assert read("<p>It c\u0443r&shy;e<b>s</b>&nbsp;all.</p>").strip() == "It cyres all."


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("ｆｕｌｌ 𝐛𝐨𝐥𝐝 ﬁg", "full bold fig"),
        ("сοре", "cope"),
        ("niño é ü ø", "nino e u o"),
        ("a\u200bb\u2060c\ufeffd\u00ade\u202ef", "abcdef"),
        ("“one” ‘two’ – three", "\"one\" 'two' - three"),
        ("a \t  b", "a b"),
        ("&#99;&#x75;&eacute;&amp;", "cue&"),
        ("&;&nosuch;&#0;", "&;&nosuch;\ufffd"),
        ("a<br>b<p>c", "a\nb\nc"),
        ("a<!-- no -->b<?x?>c", "abc"),
        ("1 < 2 > 1 <", "1 < 2 > 1 <"),
    ],
)
def test_what_is_seen(text: str, seen: str) -> None:
    assert read(text) == seen


def test_a_line_break_ends_a_line_of_plain_text_alone() -> None:
    assert read("one\ntwo", markup=False) == "one\ntwo"
    assert read("one\ntwo") == "one two"


def test_pictures_are_read_where_they_stand() -> None:
    assert read('a <img src="/m/two-words.png" alt="Three">b').split("\n") == ["a ", "two words png", "Three", "b"]


@pytest.mark.parametrize(
    ("text", "words", "stored"),
    [
        ("<p>a</p> <p>cu\u200bres</p>", "cures", "cu\u200bres"),
        ("x &eacute;t&eacute; y", "ete", "&eacute;t&eacute;"),
        ("a  b   word", "word", "word"),
        ('<img alt="b c">', "b c", "b c"),
    ],
)
def test_every_place_leads_back(text: str, words: str, stored: str) -> None:
    folded = lettering.fold(text, markup=True)
    at = folded.text.index(words)
    start, end = folded.place(at, at + len(words))
    assert text[start:end] == stored


@given(st.text(max_size=200))
def test_any_text_is_read_and_every_place_lies_in_it(text: str) -> None:
    for markup in (True, False):
        folded = lettering.fold(text, markup=markup)
        for at in range(len(folded.text)):
            start, end = folded.place(at, at + 1)
            assert 0 <= start < end <= len(text)


@given(st.text(alphabet="abc <>&;/pb\n", max_size=120))
def test_soup_is_read(text: str) -> None:
    assert "  " not in read(text)


@pytest.mark.parametrize("piece", ["<a", "&a", "<", "&#", '<img alt="', "\u200b", "é", "<p>x</p>"])
def test_two_megabytes_of_anything_are_read(piece: str) -> None:
    assert read(piece * (2_000_000 // len(piece)) + " end").endswith("end")


def test_marks_that_turn_text_round() -> None:
    assert lettering.REVERSING.search("a\u202eb")
    assert not lettering.REVERSING.search("a\u200fb \u061c")
