"""Many things, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of at most size items, in order; nothing is read ahead. A size below 1 is a ValueError."""
    if size < 1:
        raise ValueError(f"A chunk holds at least one item, not {size}.")
    waiting = iter(items)
    while part := list(islice(waiting, size)):
        yield part
