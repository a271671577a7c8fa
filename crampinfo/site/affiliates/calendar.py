"""The calendar of slots, and the invoices of what is booked in them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crampinfo.site.affiliates import pages
from products import calendar
from products.calendar import Cell, Lane
from products.models import Placement

SELLS = "products.add_placement"


@pages.page(pages.SEES_BOOKINGS)
@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """A month of every slot; a free day leads to booking it."""
    first = _month(request.GET.get("month", ""))
    days = monthrange(first.year, first.month)[1]
    today = timezone.localdate()
    books = request.user.has_perm(SELLS)
    context = {
        "first": first,
        "days": [_day(first + timedelta(days=number), today) for number in range(days)],
        "lanes": [_lane(lane, today, books) for lane in calendar.of_month(first, days)],
        "before": (first - timedelta(days=1)).strftime("%Y-%m"),
        "after": (first + timedelta(days=days)).strftime("%Y-%m"),
        "invoices": request.user.has_perm(pages.SEES_TERMS),
        "books": books,
    }
    return pages.render(request, "calendar.html", _("Calendar of slots"), context)


@pages.page(pages.SEES_BOOKINGS, pages.SEES_TERMS)
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """A CSV file of the bookings that begin in a month, with what each costs; only approved ones are invoiced."""
    first = _month(request.GET.get("month", ""))
    after = first + timedelta(days=monthrange(first.year, first.month)[1])
    rows = Placement.objects.filter(approved_at__isnull=False).select_related("slot", "product")
    begun = [row for row in rows.order_by("starts_at", "pk") if first <= timezone.localdate(row.starts_at) < after]
    heading = ("booking", "advertiser", "slot", "kind", "product", "from", "until", "days", "ended early", "fee",
               "currency", "booked by", "approved by")  # fmt: skip
    return pages.table(f"bookings-{first:%Y-%m}", heading, (_invoice(row) for row in begun))


def _invoice(row: Placement) -> tuple[object, ...]:
    begins, ends = timezone.localdate(row.starts_at), calendar.last_day(row)
    early = timezone.localdate(row.ended_early_at) if row.ended_early_at else ""
    fee = row.fee if row.fee is not None else ""
    return (
        row.slug, row.advertiser, row.slot.name, row.get_kind_display(), row.product.name, begins, ends,
        (ends - begins).days + 1, early, fee, row.fee_currency, row.booked_by, row.approved_by,
    )  # fmt: skip


def _month(text: str) -> date:
    """The first day of a month written 2026-11; this month for anything else."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        found = timezone.localdate().replace(day=1)
    return found if 2000 <= found.year <= 2100 else timezone.localdate().replace(day=1)


def _day(day: date, today: date) -> dict[str, Any]:
    return {"day": day, "weekend": day.weekday() > 4, "today": day == today}


def _lane(lane: Lane, today: date, books: bool) -> dict[str, Any]:
    return {
        "slot": lane.slot,
        "number": lane.number,
        "of": lane.of,
        "cells": [_cell(lane, cell, today, books) for cell in lane.cells],
    }


def _cell(lane: Lane, cell: Cell, today: date, books: bool) -> dict[str, Any]:
    placement = cell.placement
    found: dict[str, Any] = {"days": cell.days, **_day(cell.first, today), "placement": placement}
    if placement is not None:
        found["classes"] = " ".join(
            word
            for word, holds in (
                ("booked", True), ("waiting", placement.approved_at is None), ("clash", cell.clashes),
            )
            if holds
        )  # fmt: skip
        found["words"] = _words(placement, cell.clashes)
    elif books and cell.first >= today and not (lane.slot.topic is not None and lane.slot.topic.sensitive):
        query = urlencode({"slot": str(lane.slot.pk), "starts_at": cell.first.isoformat()})
        found["book"] = f"{reverse('admin:products_placement_add')}?{query}"
        found["words"] = _("Book %(slot)s from %(day)s") % {
            "slot": lane.slot.name, "day": date_format(cell.first, "j F"),
        }  # fmt: skip
    return found


def _words(placement: Placement, clashes: bool) -> str:
    standing = _("waits for approval") if placement.approved_at is None else _("approved")
    words = f"{placement.advertiser}: {placement.product}, {timezone.localdate(placement.starts_at):%d.%m.}–" + (
        f"{calendar.last_day(placement):%d.%m.%Y}, {standing}"
    )
    return f"{words}, {_('in the way of another booking')}" if clashes else words
