"""Many write at once: the chain never forks, and no entry is lost (PostgreSQL; SQLite lets one write at a time)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from crampinfo.editorial import ledger
from crampinfo.editorial.models import LedgerEntry
from crampinfo.lib import chain

WRITERS, EACH = 6, 8


@pytest.mark.django_db(transaction=True)
def test_the_chain_never_forks() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's transactions take turns from their beginning")
    together, failed = threading.Barrier(WRITERS), []

    def write(writer: int) -> None:
        try:
            together.wait(10)
            for turn in range(EACH):
                with transaction.atomic():
                    ledger.record("x", f"writer:{writer}", {"turn": turn})
                    ledger.note("y", "shared:1", lambda said=f"{writer}-{turn}": {"last": said})  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001  - a thread's failure is told below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    walk = chain.Walk()
    rows = list(LedgerEntry.objects.order_by("number"))
    assert [str(problem) for row in rows for problem in walk.step(row.line())] == []
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row.kind == "x" for row in rows) == WRITERS * EACH
    for writer in range(WRITERS):
        mine = [row.payload["turn"] for row in rows if row.kind == "x" and row.subject == f"writer:{writer}"]
        assert mine == list(range(EACH)), "in the order in which it wrote"


@pytest.mark.django_db(transaction=True)
def test_the_same_news_is_noted_once() -> None:
    """Two that saw the same old state: the second finds its news told already."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's transactions take turns from their beginning")
    together = threading.Barrier(WRITERS)

    def write() -> None:
        together.wait(10)
        ledger.note("y", "shared:1", lambda: {"n": 1})
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert LedgerEntry.objects.filter(kind="y").count() == 1
