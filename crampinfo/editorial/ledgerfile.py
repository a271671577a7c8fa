"""The ledger as it is published: one JSON object a line, the first of which says whose it is and how far it goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from crampinfo.editorial.models import LedgerEntry
from crampinfo.lib import chain

LICENCE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
SCHEMA = "/transparency/schema/"
_COLUMNS = (
    *("number", "at", "recorded", "kind", "subject", "role", "reason", "payload", "removed", "marks", "previous"),
    "hash",
)
_CHUNK = 1000  # entries in memory at once: about a megabyte


def source() -> dict[str, Any]:
    """Whose data it is, under which licence, and whether it is invented: stands in every export."""
    said = {"site": settings.SITE_URL, "licence": LICENCE, "schema": f"{settings.SITE_URL}{SCHEMA}"}
    return said if settings.PRODUCTION or settings.SHOWCASE else {**said, "demo": True}


def position(head: LedgerEntry | None) -> dict[str, Any]:
    """The end of the chain at some moment, as every export names it."""
    return {"number": head.number, "hash": head.hash} if head is not None else {"number": 0, "hash": chain.BEGINNING}


def chunks(head: LedgerEntry | None) -> Iterator[str]:
    """The file up to and with head, some lines at a time. Each part is a query of its own: what is written is never
    changed, so no transaction has to stay open while somebody downloads slowly."""
    yield chain.canonical({**source(), "ledger": position(head)}) + "\n"
    end, last = (head.number if head is not None else 0), 0
    while last < end:
        rows = LedgerEntry.objects.filter(number__gt=last, number__lte=end).order_by("number")
        part = [dict(zip(_COLUMNS, row, strict=True)) for row in rows.values_list(*_COLUMNS)[:_CHUNK]]
        if not part:
            return  # the end is gone from the table: the file is short, and its first line convicts it
        last = part[-1]["number"]
        yield "".join(chain.canonical(_line(row)) + "\n" for row in part)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    row["at"], row["recorded"] = chain.moment(row["at"]), chain.moment(row["recorded"])
    if not row["removed"]:
        del row["removed"]
    return row
