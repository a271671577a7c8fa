"""Pieces of pages: made once for the same values, anew for others, and each time where nobody knows what a value is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.template import engines
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from crampinfo.editorial.models import Evidence, Reference
from crampinfo.lib import pieces

HEADER = "includes/site_header.html"


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was made, in a memory of this test's own."""
    pieces.forget()
    found: list[Any] = []
    real = pieces._made
    monkeypatch.setattr(pieces, "_made", lambda name, values: found.append(dict(values)) or real(name, values))
    return found


def test_it_works(made: list[Any]) -> None:
    assert pieces.render(HEADER, {"section": "now"}) == pieces.render(HEADER, {"section": "now"})
    assert len(made) == 1
    assert pieces.render(HEADER, {"section": ""}) != pieces.render(HEADER, {"section": "now"})


def test_each_language_has_its_own(made: list[Any]) -> None:
    english = pieces.render(HEADER, {"section": ""})
    with translation.override("es"):
        assert pieces.render(HEADER, {"section": ""}) != english
    assert pieces.render(HEADER, {"section": ""}) == english


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, Decimal(1)),
        (Decimal("1.0"), Decimal("1.00")),
        (1.0, 1),
        ("<b>", SafeString("<b>")),
        ("", None),
        (0, None),
        ([1], [1, 1]),
        ({"a": 1}, {"b": 1}),
        ("2026-01-01", None),
    ],
)
def test_what_prints_differently_is_never_the_same(one: object, other: object) -> None:
    assert pieces.plain(one) != pieces.plain(other)


def test_words_that_wait_for_a_language_are_what_they_say_now() -> None:
    words = gettext_lazy("Guides")
    english = pieces.plain(words)
    with translation.override("es"):
        assert pieces.plain(words) != english


@dataclass(frozen=True)
class Still:
    name: str
    days: tuple[date, ...] = ()


@dataclass
class Moving:
    name: str


def test_what_changes_in_place_makes_another_piece(made: list[Any]) -> None:
    assert pieces.plain(Still("a", (date(2026, 1, 2),))) == pieces.plain(Still("a", (date(2026, 1, 2),)))
    value = Moving("a")
    pieces.render(HEADER, {"section": "", "more": value})
    pieces.render(HEADER, {"section": "", "more": value})
    assert len(made) == 1
    value.name = "b"
    pieces.render(HEADER, {"section": "", "more": value})
    assert len(made) == 2


def test_a_row_is_what_was_read_of_it_and_of_its_relations(made: list[Any]) -> None:
    def evidence(title: str, **fields: Any) -> Evidence:
        return Evidence(statement="No effect.", reference=Reference(title=title), **fields)

    assert pieces.plain(evidence("A")) == pieces.plain(evidence("A"))
    assert pieces.plain(evidence("A")) != pieces.plain(evidence("B"))
    assert pieces.plain(evidence("A")) != pieces.plain(evidence("A", studied="11 trials"))


def test_rows_that_know_each_other_are_made_each_time() -> None:
    one, other = Reference(title="A"), Reference(title="B")
    one.superseded_by, other.superseded_by = other, one
    with pytest.raises(pieces.NotPlain):
        pieces.plain(one)


def test_what_nobody_knows_is_made_each_time(made: list[Any]) -> None:
    for value in (object(), Still("a", (object(),))):  # type: ignore[arg-type]
        with pytest.raises(pieces.NotPlain):
            pieces.plain(value)
        pieces.render(HEADER, {"section": "", "more": value})
        pieces.render(HEADER, {"section": "", "more": value})
    assert len(made) == 4


def test_the_oldest_make_room(made: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "ROOM", 20_000)
    for number in range(50):
        pieces.render(HEADER, {"section": str(number)})
    assert pieces._size <= 20_000
    pieces.render(HEADER, {"section": "0"})
    assert len(made) == 51


def test_the_tag_is_given_values_and_nothing_else() -> None:
    template = engines["django"].from_string('{% piece "includes/site_header.html" with section=here only %}')
    assert 'href="/guides/" aria-current="true"' in template.render({"here": "guides", "section": "lists"})
    with pytest.raises(ValueError, match="write only"):
        engines["django"].from_string('{% piece "includes/site_header.html" with section=here %}')


def test_values_are_escaped() -> None:
    values = {"name": "<i>", "url": "/a/", "by": "B", "verdict": "V", "score": "8", "level": 3}
    assert "&lt;i&gt;" in pieces.render("includes/card_review.html", values)
