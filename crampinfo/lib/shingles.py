"""How much of a text stands in another one word for word, by overlapping runs of words. Pure."""

from __future__ import annotations

import hashlib

from crampinfo.lib import stems

RUN = 5  # words: shorter runs are common turns of phrase


def of(text: str) -> frozenset[str]:
    """Every run of five words."""
    words = stems.words(text)
    return frozenset(" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def copied(ours: str, theirs: str) -> float:
    """The share (0 to 1) of our runs that stand in their text; 0 for a text shorter than a run."""
    mine = of(ours)
    return len(mine & of(theirs)) / len(mine) if mine else 0.0


def sketch(text: str, size: int = 64) -> tuple[int, ...]:
    """The MinHash sketch of a text (Broder 1997, by the smallest hashes of one function): short, and comparable."""
    digests = (hashlib.blake2b(run.encode(), digest_size=8).digest() for run in of(text))
    return tuple(sorted(int.from_bytes(digest) for digest in digests)[:size])


def alike(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The estimated share (0 to 1) of runs that two sketched texts have in common; 0 where one is empty."""
    if not one or not other:
        return 0.0
    union = sorted({*one, *other})[: max(len(one), len(other))]
    return len(set(one) & set(other) & set(union)) / len(union)
