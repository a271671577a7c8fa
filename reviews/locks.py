"""When a score was locked and when a product first paid us, as the ledger has it: the order of the two is the proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from crampinfo.editorial.models import LedgerEntry
from reviews.models import Review

_FIRST, _LAST, _PAID = "first_score", "last_score", "first_paid"


@dataclass(frozen=True, slots=True)
class Lock:
    """Moments with the numbers of their entries. paid_at is None where no offer was ever attached to a programme."""

    scored_at: datetime
    locked_at: datetime
    locked_by: int
    paid_at: datetime | None
    paid_by: int | None

    @property
    def was_scored_again(self) -> bool:
        """Whether a score was given after the first paid offer: then the history must say why."""
        return self.paid_at is not None and self.locked_at > self.paid_at


def columns() -> dict[str, Subquery]:
    """What lock_of reads, for querysets of reviews: no query of its own."""
    subject = Concat(Value("product:"), Cast(OuterRef("product_id"), CharField()), output_field=CharField())
    scores = LedgerEntry.objects.filter(kind="score", subject=subject)
    paid = LedgerEntry.objects.filter(kind="paid_offer", subject=subject, payload__paid=True)
    found = {_FIRST: scores.order_by("number"), _LAST: scores.order_by("-number"), _PAID: paid.order_by("number")}
    return {
        f"{name}_{column}": Subquery(rows.values(column)[:1])
        for name, rows in found.items()
        for column in ("at", "number")
    }


def lock_of(review: Review) -> Lock | None:
    """What is on record of an annotated review; None before it was published."""
    found: dict[str, Any] = review.__dict__
    if found.get(f"{_LAST}_at") is None:
        return None
    return Lock(
        scored_at=found[f"{_FIRST}_at"],
        locked_at=found[f"{_LAST}_at"],
        locked_by=found[f"{_LAST}_number"],
        paid_at=found[f"{_PAID}_at"],
        paid_by=found[f"{_PAID}_number"],
    )
