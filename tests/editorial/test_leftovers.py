"""What nobody filled in, in texts made to keep the reader busy."""

from __future__ import annotations

import pytest

from crampinfo.editorial import figures, leftovers
from tests.hostile import TOO_MUCH, growth

YEAR = 2026


@pytest.mark.parametrize(
    ("piece", "end"),
    [
        ("<td></td>", "None"),
        ("<td> </td>\n", "None"),
        ("<td><b></b></td>", "<td>None</td>"),
        ("<td>None ", ""),
        ("[insert ", "]"),
        ("[figure:", ""),
        ("{{ ", ""),
        ("lorem ", ""),
        ("XX", ""),
        ("\n", ""),
    ],
)
def test_hostile_text_is_read_once(piece: str, end: str) -> None:
    assert growth(lambda text: leftovers.find("body", text, YEAR), piece, end) < TOO_MUCH


def test_a_row_of_opened_marks_is_read_once() -> None:
    assert growth(figures.MARK.findall, "[figure:") < TOO_MUCH


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("<td>None</td>", False),
        ('<td colspan="2"><p> None </p></td>', False),
        ("<td></td><td>None</td>", False),
        ("<td>None of them</td><td>None</td>", False),
        ("<td></td></tr></tbody></table><p>None</p>", True),
    ],
)
def test_none_is_an_answer_in_a_cell_and_nowhere_else(cell: str, left: bool) -> None:
    found = [hit for hit in leftovers.find("body", f"<table><tbody><tr>{cell}", YEAR) if hit.words == "None"]
    assert bool(found) == left
