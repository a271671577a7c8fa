"""Where the money is: today's figures for the home page and the books for /transparency/."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from crampinfo.editorial import ledger
from crampinfo.editorial.models import LedgerEntry
from products.models import AffiliateProgramme, Offer, Placement, PlacementKind
from reviews.models import Ranking, Review

PAST = 50  # past placements on a page
_NUMBER = re.compile(r"[0-9]{1,18}")


class UnknownPlacement(LookupError):
    """The books were asked to go on after a placement that is not among the past ones."""


@dataclass(frozen=True, slots=True)
class Today:
    """Paid placements in effect: all of them, and those that may move a row of an influenced list."""

    placements: int
    effects: int


@dataclass(frozen=True, slots=True)
class Books:
    """Everything /transparency/ prints."""

    programmes: Sequence[AffiliateProgramme]
    placements: Sequence[Placement]
    past: Sequence[Placement]
    older: str
    reviewed: int
    paying: int
    cap: Decimal
    influenced_allowed: bool
    single_operator: bool
    now: datetime
    lists: Sequence[Ranking]
    head: LedgerEntry | None

    @property
    def share(self) -> int:
        """The share of reviewed products with an offer that pays us, in percent."""
        return round(100 * self.paying / self.reviewed) if self.reviewed else 0

    @property
    def is_demo(self) -> bool:
        """Whether anything in them is invented."""
        placements = (*self.placements, *self.past)
        return any(item.is_demo for item in self.programmes) or any(item.is_demo for item in placements)

    @property
    def paying_nothing(self) -> int:
        """Reviewed products without any offer that pays us."""
        return self.reviewed - self.paying


def today() -> Today:
    """What is booked and in effect now, in one query."""
    kinds = list(Placement.objects.active().exclude(slot__topic__sensitive=True).values_list("kind", flat=True))
    return Today(len(kinds), sum(kind in (PlacementKind.ORDER, PlacementKind.ADJUSTMENT) for kind in kinds))


def books(after: str = "") -> Books:
    """Programmes, placements, and how many reviewed products pay us anything.

    after is the number of a placement: past ones go on after it. Raises UnknownPlacement for what is none.
    """
    now = timezone.now()
    rows = Placement.objects.filter(approved_at__isnull=False).select_related("slot", "product")
    rows = rows.annotate(stops_at=Coalesce("ended_early_at", "ends_at"))
    past = list(_after(rows.filter(stops_at__lte=now).order_by("-starts_at", "-pk"), after)[: PAST + 1])
    reviewed = Review.objects.published().values("product")
    paying = Offer.objects.paying().filter(product__in=reviewed).values("product").distinct()
    return Books(
        programmes=list(AffiliateProgramme.objects.select_related("merchant")),
        placements=list(rows.filter(stops_at__gt=now).order_by("-starts_at", "-pk")),
        past=past[:PAST],
        older=f"after={past[PAST - 1].pk}" if len(past) > PAST else "",
        reviewed=reviewed.count(),
        paying=paying.count(),
        cap=settings.SCORE_ADJUSTMENT_CAP,
        influenced_allowed=settings.ALLOW_INFLUENCED_LISTS,
        single_operator=settings.SINGLE_OPERATOR,
        now=now,
        lists=list(Ranking.objects.published()),
        head=ledger.head(),
    )


def _after(rows: QuerySet[Placement], after: str) -> QuerySet[Placement]:
    """What began before a placement, in the order of starts and numbers."""
    if not after:
        return rows
    start = rows.filter(pk=int(after)).values_list("starts_at", flat=True).first() if _NUMBER.fullmatch(after) else None
    if start is None:
        raise UnknownPlacement(after)
    return rows.filter(Q(starts_at__lt=start) | Q(starts_at=start, pk__lt=int(after)))
