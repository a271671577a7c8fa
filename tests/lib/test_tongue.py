"""Languages by their small words."""

from __future__ import annotations

import pytest

from crampinfo.lib import tongue

EN = "In older adults the trials that were taken together found that it made little difference to how often it came "
ES = "En las personas mayores los ensayos que se tomaron en conjunto encontraron que apenas cambiaba la frecuencia "


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (EN * 3, "en"),
        (f"<p>{ES * 3}</p>", "es"),
        (EN, ""),  # too short to tell
        (EN * 3 + ES * 3, ""),  # too mixed
        ("magnesium 250 mg " * 30, ""),  # no small words at all
        ("", ""),
    ],
)
def test_guess(text: str, language: str) -> None:
    assert tongue.guess(text) == language
