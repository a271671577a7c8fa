"""How reading grows with the text: a pattern that goes back and forth shows in a ratio, on a busy machine too."""

from __future__ import annotations

import time
from collections.abc import Callable

# Four times the text: read once it takes four times as long, read again from each of its parts sixteen times.
TOO_MUCH = 9.0
_SMALL, _LARGE = 25_000, 100_000  # characters
_FLOOR = 0.004  # seconds below which two readings differ by chance


def growth(read: Callable[[str], object], piece: str, end: str = "") -> float:
    """How many times longer 100,000 characters of a repeated piece take than 25,000, in processor time."""
    return _seconds(read, piece, _LARGE, end) / max(_FLOOR, _seconds(read, piece, _SMALL, end))


def _seconds(read: Callable[[str], object], piece: str, length: int, end: str) -> float:
    text, took = piece * (length // len(piece)) + end, []
    for _ in range(3):
        began = time.process_time()
        read(text)
        took.append(time.process_time() - began)
    return min(took)
