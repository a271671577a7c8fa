"""Conversions from a network's CSV: matched to our links by the place we sent along, each counted once.

Columns about buyers are never read: only those mapped here are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO

from django.db import transaction
from django.utils import timezone

from products.feeds import amounts, reading
from products.feeds.reading import FeedError, Raw
from products.models import AffiliateProgramme, Conversion, ConversionStatus, Offer

_USUAL: Mapping[str, tuple[str, ...]] = {
    "reference": ("transaction id", "transaction_id", "id", "order id", "order_id", "action id", "reference"),
    "day": ("date", "transaction date", "transaction_date", "event date", "sale date", "click date"),
    "place": ("clickref", "subid", "sub id", "sub_id", "subid1", "sid", "click_ref", "afftrack", "place"),
    "amount": ("sale amount", "sale_amount", "amount", "order value", "sale"),
    "commission": ("commission", "commission amount", "commission_amount", "earnings", "payout"),
    "currency": ("currency", "commission currency", "currency_code"),
    "status": ("status", "commission status", "state"),
}
_NEEDED = ("reference", "day", "place", "commission")
_PLACE = re.compile(
    r"(?P<offer>[0-9]{1,18})\.(?P<page>[a-z]+(?:-[-\w]{1,80})?)\.(?P<slot>[a-z-]{1,30}(?:-[0-9]{1,3})?)"
)
_STATUS = {
    **dict.fromkeys(("approved", "confirmed", "paid", "locked", "closed", "extended"), ConversionStatus.APPROVED),
    **dict.fromkeys(("declined", "rejected", "reversed", "void", "cancelled", "canceled"), ConversionStatus.REVERSED),
    **dict.fromkeys(("pending", "open", "new", "delayed", ""), ConversionStatus.PENDING),
}
_DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d")
MOST_ROWS = 200_000


@dataclass
class Report:
    """What an import came to: rows by outcome, and why some were not taken (row, reason, what it said)."""

    counts: Counter[str] = field(default_factory=Counter)
    rejections: list[tuple[int, str, str]] = field(default_factory=list)
    trouble: str = ""

    def reject(self, row: int, reason: str, excerpt: str = "") -> None:
        self.counts["rejected"] += 1
        self.rejections.append((row, reason, excerpt[:80]))


class _RowError(ValueError):
    """A row that is not taken: why, and what it said."""

    def __init__(self, reason: str, excerpt: str = "") -> None:
        super().__init__(reason)
        self.excerpt = excerpt


def read(file: IO[bytes], programme: AffiliateProgramme, currency: str = "", *, trial: bool = False) -> Report:
    """Import a network's file for a programme; currency is for files that name none. A dry run stores nothing.

    A transaction that is known is updated where its status or commission changed, and counted once all the same.
    """
    report = Report()
    with transaction.atomic():
        try:
            rows = list(_rows(file, report))
        except FeedError as error:
            report.trouble = str(error)
            return report
        _store(rows, programme, currency, report)
        if trial:
            transaction.set_rollback(True)
    return report


def _rows(file: IO[bytes], report: Report) -> list[tuple[Raw, dict[str, str]]]:
    found: list[tuple[Raw, dict[str, str]]] = []
    mapping: dict[str, str] = {}
    for raw in reading.read(file, "csv"):
        if not mapping and raw.columns:
            mapping = {name: next((c for c in usual if c in raw.columns), "") for name, usual in _USUAL.items()}
            lacking = [name for name in _NEEDED if not mapping[name]]
            if lacking:
                raise FeedError(
                    f"No column holds: {', '.join(lacking)}. Rename it, such as to “{_USUAL[lacking[0]][0]}”."
                )
        if raw.number > MOST_ROWS:
            raise FeedError(f"The file has more than {MOST_ROWS} rows: split it.")
        if raw.trouble:
            report.reject(raw.number, raw.trouble)
        else:
            found.append((raw, {name: raw.columns.get(column, "") for name, column in mapping.items()}))
    return found


def _store(
    rows: list[tuple[Raw, dict[str, str]]], programme: AffiliateProgramme, currency: str, report: Report
) -> None:
    known = {row.reference: row for row in programme.conversions.all()}
    offers = dict(Offer.objects.filter(programme=programme).values_list("pk", "pk"))
    seen: dict[str, int] = {}
    new: list[Conversion] = []
    for raw, said in rows:
        try:
            row = _conversion(said, programme, currency, offers)
            earlier = seen.setdefault(row.reference, raw.number)
            if earlier != raw.number:
                raise _RowError(f"Row {earlier} is the same transaction: it is counted once.", row.reference)
        except _RowError as error:
            report.reject(raw.number, str(error), error.excerpt)
            continue
        before = known.get(row.reference)
        if before is None:
            new.append(row)
            report.counts["new"] += 1
        else:
            report.counts[_update(before, row)] += 1
    Conversion.objects.bulk_create(new, batch_size=500)


def _update(before: Conversion, row: Conversion) -> str:
    same = (before.status, before.commission, before.amount) == (row.status, row.commission, row.amount)
    if same:
        return "unchanged"
    before.status, before.commission, before.amount = row.status, row.commission, row.amount
    before.save()
    return "changed"


def _conversion(
    said: Mapping[str, str], programme: AffiliateProgramme, currency: str, offers: Mapping[int, int]
) -> Conversion:
    match = _PLACE.fullmatch(said["place"])
    if match is None:
        raise _RowError("Its place is none that our links carry.", said["place"])
    offer = int(match["offer"])
    if offer not in offers:
        raise _RowError("Its offer is none of this programme.", said["place"])
    if not said["reference"] or len(said["reference"]) > 120:
        raise _RowError("The network's number is missing or too long.", said["reference"])
    code = (said["currency"] or currency).upper()
    commission, status = _money(said["commission"], code), _status(said["status"])
    if commission is None:
        raise _RowError("The commission is missing.")
    return Conversion(
        programme=programme,
        reference=said["reference"],
        happened_on=_day(said["day"]),
        offer_id=offer,
        page=match["page"],
        slot=match["slot"],
        amount=_money(said["amount"], code),
        commission=commission,
        currency=code,
        status=status,
    )


def _money(text: str, currency: str) -> Decimal | None:
    if not text:
        return None
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise _RowError("The currency is missing: choose one for the file.", currency)
    if re.fullmatch(r"0+([.,]0*)?", text):
        return Decimal(0)
    try:
        return amounts.read(text, currency)[0]
    except ValueError as error:
        raise _RowError(str(error), text) from error


def _status(text: str) -> str:
    found = _STATUS.get(text.strip().lower())
    if found is None:
        raise _RowError("The status is none that we know: approved, pending, declined.", text)
    return str(found)


def _day(text: str) -> date:
    said = text.strip()[:10]
    for form in _DAYS:
        try:
            day = datetime.strptime(said, form).date()  # noqa: DTZ007  (a day has no time zone)
        except ValueError:
            continue
        if date(2000, 1, 1) <= day <= timezone.localdate() + timedelta(days=1):
            return day
        raise _RowError("The day is in the future or long past.", text)
    raise _RowError("The day is written as 2026-11-22 or 22.11.2026; others could mean two days.", text)
