"""The ledger at a million entries: the stand-alone script's time and memory over a file written here.

    .venv/bin/python bench/ledger_chain.py [entries] [where the file goes]

Figures that must hold: 1,000,000 entries under 60 s, memory flat (it does not grow with the entries).
The file is what a busy site would have: 40 lists of 20 products, scores given again and again, placements that begin
and end, reviews that are withdrawn and come back. It is chained by crampinfo.lib.chain, as the site chains it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crampinfo.lib import chain  # noqa: E402

SCRIPT = ROOT / "crampinfo/site/standalone/verify_ledger.py"
LISTS, PRODUCTS, CRITERIA = 40, 20, ("label", "dose", "price", "additives", "warnings")
START = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS, MEGABYTES = 60, 16  # the limit, and how much more memory ten times the entries may take
Fact = tuple[str, str, dict[str, Any]]


def facts(count: int) -> Iterator[Fact]:
    """(kind, subject, payload) of so many entries."""
    draw = Random(7)
    opening = list(_opening())
    yield from opening
    for number in range(len(opening), count):
        product = draw.randrange(LISTS * PRODUCTS)
        roll = draw.random()
        if roll < 0.9:
            yield _score(product, draw.choice(CRITERIA), number, draw.randrange(101))
        elif roll < 0.97:
            yield _placement(draw.randrange(500), draw, number)
        else:
            yield "review", f"product:{product}", _live(START if roll < 0.985 else None)


def _opening() -> Iterator[Fact]:
    yield (
        "settings",
        "site",
        {"site": "https://bench.example", "zone": "UTC", "cap": Decimal("0.5"), "influenced_lists": True,
         "limits": {"EU": 250, "US": 350}},
    )  # fmt: skip
    weights = dict(zip(CRITERIA, (30, 25, 20, 15, 10), strict=True))
    yield (
        "methodology",
        "methodology:1",
        {"slug": "m", "version": 1, "margin": Decimal("0.2"), "tie_breaker": "label", "weights": weights},
    )
    for product in range(LISTS * PRODUCTS):
        name = {"slug": f"p-{product}", "name": f"Product {product}", "supplement": True, "mg_per_day": Decimal(100)}
        label = {"label_readable": True, "label_warns_limit": False, "recalled_on": None}
        yield "product", f"product:{product}", name | label
        for position, criterion in enumerate(CRITERIA):
            yield _score(product, criterion, -1, (product * 7 + position * 13) % 101)
        yield "review", f"product:{product}", _live(START)
    for number in range(LISTS):
        for product in range(number * PRODUCTS, (number + 1) * PRODUCTS):
            yield "listing", f"ranking:{number}", {"product": f"product:{product}", "listed": True}
        kind = "influenced" if number % 4 == 0 else "isolated"
        more = {"slug": f"l-{number}", "title": f"List {number}", "compensation": kind, "methodology": "methodology:1"}
        yield "ranking", f"ranking:{number}", {**more, "slots": [number], **_live(START)}


def _score(product: int, criterion: str, number: int, tenths: int) -> Fact:
    given = {"score": number + 1, "criterion": criterion, "value": Decimal(tenths) / 10, "evidence": ["label"]}
    when = {
        "scored_at": START + timedelta(seconds=max(number, 0)),
        "evidence_note": "The label of a pack bought in March.",
    }
    return "score", f"product:{product}", given | when


def _placement(key: int, draw: Random, number: int) -> Fact:
    """A booking keeps its slot and its product: an approved one's terms stand."""
    product = key % LISTS * PRODUCTS + key // LISTS % PRODUCTS
    starts = START + timedelta(seconds=number + draw.randrange(3600))
    booked = {"slug": f"b-{key}", "slot": product // PRODUCTS, "sells": "adjustment", "product": f"product:{product}"}
    dates = {"from": starts, "until": starts + timedelta(hours=2), "ended_early": None, "offer_ends": None}
    what = {"advertiser": "Somebody Ltd", "place": None, "points": Decimal("0.3"), "on_hold": False}
    return "placement", f"placement:{key}", booked | dates | what


def _live(since: datetime | None) -> dict[str, Any]:
    return {"from": since, "until": None, "content": "0" * 64}


def write(path: Path, count: int) -> None:
    """A chained file of so many entries; its first line is written last, when the head is known."""
    head, width = chain.BEGINNING, 400
    with path.open("w", encoding="utf-8") as file:
        file.write(" " * width + "\n")
        for number, (kind, subject, payload) in enumerate(facts(count), 1):
            at = chain.moment(START + timedelta(seconds=number))
            header = {"number": number, "at": at, "recorded": at, "kind": kind, "subject": subject, "role": "Reviewer"}
            entry = chain.sealed(
                {**header, "reason": "The label was read again.", "payload": chain.plain(payload)}, head
            )
            head = entry["hash"]
            file.write(chain.canonical(entry) + "\n")
    with path.open("r+", encoding="utf-8") as file:
        file.write(chain.canonical({"ledger": {"number": count, "hash": head}}).ljust(width))


def check(path: Path) -> tuple[float, float, float, str]:
    """Seconds, seconds of the processor, megabytes at the most, and what the script said."""
    before = time.perf_counter()
    run = subprocess.Popen([sys.executable, "-I", SCRIPT, path], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    said = run.stdout.read()
    _pid, status, used = os.wait4(run.pid, 0)
    assert status == 0, said[-500:]
    return time.perf_counter() - before, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said.strip()


def main(count: int, folder: Path) -> int:
    """Measure a tenth and the whole."""
    found = []
    for size in (count // 10, count):
        path = folder / f"ledger-{size}.jsonl"
        if not path.exists():
            write(path, size)
        seconds, busy, megabytes, said = check(path)
        took = f"{seconds:.1f} s ({busy:.1f} s of the processor), {megabytes:.0f} MB"
        print(f"{size:>9,} entries, {path.stat().st_size / 1e6:,.0f} MB: {took}. {said}", flush=True)
        found.append((seconds, megabytes))
    (_, small), (seconds, large) = found
    holds = seconds < SECONDS and large - small < MEGABYTES
    print(
        f"Limit {SECONDS} s; ten times the entries took {large - small:.0f} MB more. {'Holds.' if holds else 'FAILS.'}"
    )
    return 0 if holds else 1


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 2:
        sys.exit(main(size, Path(sys.argv[2])))
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(main(size, Path(scratch)))
