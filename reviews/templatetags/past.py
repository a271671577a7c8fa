"""A list of another day: its rows in words, what a gate kept out then, and its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.listing import RankedRow
from reviews.past import Moment
from reviews.recorded import Booking

register = template.Library()

# Why a gate kept a product out, by the gate's code; the figures of that day are in the ledger.
_WHY = {
    "recalled": gettext_lazy("It had been recalled."),
    "over_limit": gettext_lazy("A daily dose was over the limit, and the label carried no warning."),
    "no_label": gettext_lazy("The label did not say how much magnesium a daily dose holds."),
}


@dataclass(frozen=True, slots=True)
class PastRow:
    """A row as it stood: money is what payment did to it; scores are its criteria in a line."""

    name: str
    url: str
    score: str
    scores: str
    money: RankedRow


@dataclass(frozen=True, slots=True)
class PastBooking:
    """A booking that ran: what is in words; it ends when its own dates, an early end or its offer's end say."""

    advertiser: str
    what: str
    product: str
    start: datetime
    end: datetime | None


@register.simple_tag
def past_rows(then: Moment, addresses: Mapping[int, str], criteria: Mapping[str, str]) -> list[PastRow]:
    """The rows in the order shown then; a product whose review is live leads there."""
    rebuilt = then.rebuilt
    if rebuilt is None:
        return []
    return [
        PastRow(
            name=rebuilt.names[row.key],
            url=_url(addresses, rebuilt.keys[row.key]),
            score=number_format(row.editorial_score, 1),
            scores=" · ".join(_said(rebuilt.scores[row.key], criteria)),
            money=row,
        )
        for row in rebuilt.rows
    ]


def _url(addresses: Mapping[int, str], product: int) -> str:
    return reverse("review", args=[addresses[product]]) if product in addresses else ""


def _said(scores: Mapping[str, Decimal], criteria: Mapping[str, str]) -> list[str]:
    return [f"{criteria.get(slug, slug)}\u00a0{number_format(value, 1)}" for slug, value in scores.items()]


@register.simple_tag
def past_failures(then: Moment, criteria: Mapping[str, str]) -> list[tuple[str, str]]:
    """What had no place then: name and why, kept out by a gate or not scored by every criterion."""
    rebuilt = then.rebuilt
    if rebuilt is None:
        return []
    gates = {slug: " ".join(str(_WHY[code]) for code in codes) for slug, codes in rebuilt.failed.items()}
    unscored = {
        slug: _("It had no score yet for: %(criteria)s.")
        % {"criteria": ", ".join(criteria.get(name, name) for name in missing)}
        for slug, missing in rebuilt.unscored.items()
        if slug not in gates
    }
    return [(rebuilt.names[slug], why) for slug, why in (gates | unscored).items()]


@register.simple_tag
def past_bookings(then: Moment) -> list[PastBooking]:
    """What was paid for on the list and ran then, bands among it."""
    return [
        PastBooking(
            advertiser=booking.advertiser,
            what=_what(booking),
            product=then.state.products[booking.product].name if booking.product in then.state.products else "–",
            start=booking.start,
            end=booking.window.end,
        )
        for booking in then.bookings
    ]


def _what(booking: Booking) -> str:
    if booking.kind == "order":
        return _("Place %(place)s") % {"place": booking.place}
    if booking.kind == "adjustment":
        return _("%(points)s points on the shown score") % {"points": f"{booking.points or 0:+f}"}
    return _("A labelled ad beside the list")


@register.simple_tag
def past_weights(then: Moment, criteria: Mapping[str, str]) -> list[dict[str, Any]]:
    """The weights that counted then, in per cent of their sum."""
    version = then.rebuilt.version if then.rebuilt is not None else None
    if version is None:
        return []
    total = sum(version.weights.values(), Decimal(0))
    return [
        {"name": criteria.get(slug, slug), "share": _("%(share)s %%") % {"share": round(weight * 100 / total)}}
        for slug, weight in version.weights.items()
    ]
