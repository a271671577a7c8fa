"""Catalogues of translations are built without gettext's tools: from what is finished, and never from half a line."""

from __future__ import annotations

import pytest

from scripts import build_messages


@pytest.mark.parametrize("text", ['msgid "a"\nmsgstr b', '"loose"', 'msgid "a"\nmsgstr "b" "c"'])
def test_a_broken_line_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="no line of a .po file"):
        build_messages.entries(text)


def test_what_is_not_finished_is_left_out() -> None:
    text = (
        '#, fuzzy\nmsgid "a"\nmsgstr "A"\n\nmsgid "b"\nmsgstr ""\n\nmsgctxt "c"\nmsgid "d"\nmsgstr "D"\n\n#~ msgid "e"'
    )
    assert build_messages.catalogue(build_messages.entries(text)) == {"c\x04d": "D"}
