"""Keyset paging: the next page starts after a row, so that page 1,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of rows, with the query strings that lead to its neighbours ('' where there is none)."""

    rows: list[Any]
    newer: str
    older: str
    is_first: bool

    @property
    def newer_address(self) -> str:
        """The address of the newer page, relative to this one."""
        return f"?{self.newer}" if self.newer else ""

    @property
    def older_address(self) -> str:
        """The address of the older page, relative to this one."""
        return f"?{self.older}" if self.older else ""


def newest_first(queryset: QuerySet[Any], query: QueryDict, size: int = PAGE_SIZE) -> Slice:
    """A page of rows ordered by (-first_published_at, -pk), at ?after= or ?before= a cursor.

    A cursor that this site did not write raises Http404 with a sentence.
    """
    after, before = query.get("after"), query.get("before")
    rows = queryset.order_by("-first_published_at", "-pk")
    if before:
        rows = queryset.filter(_beyond(before, "gt")).order_by("first_published_at", "pk")
    elif after:
        rows = rows.filter(_beyond(after, "lt"))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if before:
        found.reverse()
        return Slice(
            found, f"before={cursor(found[0])}" if more else "", f"after={cursor(found[-1])}" if found else "", not more
        )
    return Slice(
        found,
        f"before={cursor(found[0])}" if after and found else "",
        f"after={cursor(found[-1])}" if more else "",
        not after,
    )


def cursor(row: Any) -> str:
    """Where a row stands, as a query parameter."""
    raw = f"{row.first_published_at.isoformat()}|{row.pk}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _beyond(text: str, comparison: str) -> Q:
    moment, number = _read(text)
    return Q(**{f"first_published_at__{comparison}": moment}) | Q(
        first_published_at=moment, **{f"pk__{comparison}": number}
    )


def _read(text: str) -> tuple[datetime, int]:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        moment, number = raw.split("|")
        when, key = datetime.fromisoformat(moment), int(number)
        if when.tzinfo is None:
            raise ValueError("a moment of nowhere")
        when = when.astimezone(UTC)  # as every database keeps it: a moment at the end of the calendar overflows here
    except (ValueError, OverflowError, binascii.Error):
        raise Http404(_("This page number is not one of ours.")) from None
    if not 0 <= key < 2**63:
        raise Http404(_("This page number is not one of ours."))
    return when, key
