"""Random histories of a site as ledgers: products, scores, weights, placements and times, the odd ones on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from crampinfo.lib import chain
from reviews.past import Said
from reviews.reconstruction import Irreconcilable, Rebuilt, State
from tests.ledgers import DOSE, LABEL, Ledger

CRITERIA = (LABEL, DOSE, "price")
NAMES = ("Åse", "ase", "Straße", "STRASSE", "Zinc", "Éclat", "eclat", "İstanbul")
PRODUCTS, LISTS, SLOTS = 7, 3, 3


def random_ledger(seed: int, entries: int = 100) -> Ledger:
    """A ledger of about so many entries; everything in it may be true, most of it is unusual."""
    draw = Random(seed)
    ledger = Ledger()
    ledger.settings(cap=draw.choice(["0", "0.5", "1.5"]), influenced=draw.random() < 0.95, EU=250, US=350)
    _weigh(ledger, draw)
    for key in range(1, PRODUCTS + 1):
        _describe(ledger, draw, key)
        for criterion in CRITERIA:
            if draw.random() < 0.95:
                ledger.score(key, criterion, _tenths(draw))
        ledger.review(key, ledger.now)
    for key in range(1, LISTS + 1):
        for product in draw.sample(range(1, PRODUCTS + 1), draw.randrange(2, PRODUCTS + 1)):
            ledger.listing(product, key=key)
        _list(ledger, draw, key)
    while len(ledger.said) < entries:
        ledger.wait(seconds=draw.choice([0, 1, 60, 3600, 40_000]))
        draw.choice(CHANGES)(ledger, draw)
    return ledger


def _tenths(draw: Random) -> str:
    return str(Decimal(draw.choice([0, 100, draw.randrange(101), 75, 74])) / 10)


def _weigh(ledger: Ledger, draw: Random) -> None:
    weights = {
        name: draw.choice(["1", "40", "33.3", "0.25"]) for name in CRITERIA if draw.random() < 0.8 or name == LABEL
    }
    ledger.methodology(
        weights, version=len(ledger.said), margin=draw.choice(["0", "0.2", "1"]), tie=draw.choice([*weights])
    )


def _describe(ledger: Ledger, draw: Random, key: int = 0) -> None:
    ledger.product(
        key or draw.randrange(1, PRODUCTS + 1),
        mg=draw.choice(["100", "250", "251", "9.5", None]) if draw.random() < 0.3 else "100",
        recalled="2026-01-09" if draw.random() < 0.04 else None,
        name=draw.choice(NAMES),
        supplement=draw.random() < 0.7,
        label_readable=draw.random() < 0.97,
        label_warns_limit=draw.random() < 0.3,
    )


def _score(ledger: Ledger, draw: Random) -> None:
    ledger.score(draw.randrange(1, PRODUCTS + 1), draw.choice(CRITERIA), _tenths(draw))


def _review(ledger: Ledger, draw: Random) -> None:
    start, end = _window(ledger, draw)
    ledger.review(
        draw.randrange(1, PRODUCTS + 1),
        *draw.choice([(start, end), (ledger.now, None), (start, None), (start, None), (None, None)]),
    )


def _list(ledger: Ledger, draw: Random, key: int = 0) -> None:
    start, end = _window(ledger, draw)
    ledger.ranking(
        key=key or draw.randrange(1, LISTS + 1),
        influenced=draw.random() < 0.8,
        slots=draw.sample(range(SLOTS), draw.randrange(1, SLOTS + 1)),
        start=draw.choice([ledger.now, ledger.now, start]),
        end=draw.choice([None, None, end]),
    )


def _listing(ledger: Ledger, draw: Random) -> None:
    ledger.listing(draw.randrange(1, PRODUCTS + 1), key=draw.randrange(1, LISTS + 1), listed=draw.random() < 0.75)


def _book(ledger: Ledger, draw: Random) -> None:
    """A booking in a slot of its own place, so that no two ever name one place: a site refuses that."""
    key = draw.randrange(1, 13)
    start, end = _window(ledger, draw)
    sells = ("order", "adjustment", "adjustment", "band")[key % 4]
    early = min(end, start + timedelta(seconds=draw.randrange(1, 9000))) if draw.random() < 0.2 else None
    ledger.placement(
        key,
        1 + key % PRODUCTS,  # a product has one booked place at most
        start,
        end,
        sells=sells,
        slot=draw.randrange(SLOTS),
        place=key if sells == "order" else None,
        points=str(Decimal(draw.randrange(-20, 21) or 5) / 10) if sells == "adjustment" else None,
        ended=early,
        offer_ends=start + timedelta(seconds=draw.randrange(1, 9000)) if draw.random() < 0.2 else None,
        on_hold=draw.random() < 0.1,
    )


def _rules(ledger: Ledger, draw: Random) -> None:
    ledger.settings(cap=draw.choice(["0", "0.3", "10"]), influenced=draw.random() < 0.95, EU=250, US=350)


def _nothing(ledger: Ledger, draw: Random) -> None:
    ledger.add("publication", "article:1", {"title": "T", "from": ledger.now, "until": None, "content": ""})


CHANGES = (*(_score, _score, _score, *([_book] * 6), _review, _listing, _list, _describe, _weigh, _rules, _nothing),)


def _window(ledger: Ledger, draw: Random) -> tuple[datetime, datetime]:
    """From before or after now; some are over within the hour, some are over already."""
    start = ledger.now + timedelta(seconds=draw.choice([-90_000, -10, 0, 0, 10, 3_000]))
    return start, start + timedelta(seconds=draw.choice([1, 3_600, 86_400, 10**6, 10**7]))


def looks(ledger: Ledger, seed: int, count: int = 8) -> Iterator[tuple[int, datetime, Rebuilt]]:
    """Random moments: after which entry, when, and each list as the site's own code rebuilds it then."""
    draw = Random(seed)
    numbers = set(draw.sample(range(len(ledger.said) // 2, len(ledger.said) + 1), count)) | {len(ledger.said)}
    state = State()
    for said, following in zip(ledger.said, [*ledger.said[1:], None], strict=True):
        state.apply(said.kind, said.subject, said.payload)
        if said.number in numbers:
            moment = _between(draw, said, following)
            for key in state.lists:
                rebuilt = state.rebuild(key, moment)
                if rebuilt is not None and rebuilt.version is not None:
                    yield said.number, moment, rebuilt


def _between(draw: Random, said: Said, following: Said | None) -> datetime:
    """A moment after an entry and before the next."""
    room = (following.at - said.at).total_seconds() if following is not None else 10**6
    return said.at + timedelta(seconds=draw.choice([0, room / 2, room * 0.99]))


def as_downloaded(number: int, digest: str, at: datetime, rebuilt: Rebuilt) -> dict[str, Any]:
    """A list as a reader has it, as far as the stand-alone script looks at it."""
    found: dict[str, Any] = chain.plain(
        {
            "ledger": {"number": number, "hash": digest},
            "at": at,
            "number": rebuilt.key,
            "rows": [
                {
                    "product": row.key,
                    "editorial_score": row.editorial_score,
                    "editorial_place": row.editorial_place,
                    "shown_score": row.shown_score,
                    "shown_place": row.shown_place,
                }
                for row in rebuilt.rows
            ],
        }
    )
    return found


__all__ = ["Irreconcilable", "as_downloaded", "looks", "random_ledger"]
