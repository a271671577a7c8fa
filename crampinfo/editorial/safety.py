"""Warnings that stand wherever something dangerous is named (rules.md HC-24)."""

from __future__ import annotations

import re

from crampinfo.lib import lettering

_QUININE = re.compile(r"\b(?:quinin[ea]|tonic water|agua tonica)\b", re.I)


def names_quinine(*texts: str) -> bool:
    """Whether a text names quinine, in any letters: its page then shows the warning of the FDA (2010)."""
    return any(_QUININE.search(_plain(text)) for text in texts)


def _plain(text: str) -> str:
    return text if text.isascii() else "".join(map(lettering.latin, text))
