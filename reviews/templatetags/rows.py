"""Rows of a list in words, dose rulers, the slope of an order, the history of a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from crampinfo.lib import charts, pieces
from products.affiliate import PricedOffer
from products.shopping import Shopping
from products.templatetags.money import delivery, money, paid_link
from reviews.doses import DoseFacts
from reviews.history import Step
from reviews.listing import RankedRow
from reviews.lists import ListPage, Row

register = template.Library()


@register.simple_tag(takes_context=True)
def list_row(context: Mapping[str, Any], row: Row) -> str:
    """A row of an isolated list, or of an influenced one shown without payment."""
    return pieces.render("includes/list_row.html", {"row": _words(context, row)})


@register.simple_tag(takes_context=True)
def list_row_influenced(context: Mapping[str, Any], row: Row) -> str:
    """A row of an influenced list, with what payment did to it."""
    words = {**_words(context, row), "money": row.place, "paid_bar": float(row.place.paid_points) * 10}
    return pieces.render("includes/list_row_influenced.html", {"row": words})


@register.simple_tag(takes_context=True)
def list_row_own(context: Mapping[str, Any], row: Row) -> str:
    """A row in the order of the reader's own weights."""
    own = row.own
    if own is None:
        raise ValueError("A row without a place by own weights is printed by list_row.")
    words = {"label": own.label, "score": number_format(own.score, 1), "bar": float(own.score) * 10}
    mine = {**words, "shared": own.label.endswith("=")}
    return pieces.render("includes/list_row_own.html", {"row": {**_words(context, row), "own": mine}})


def _words(context: Mapping[str, Any], row: Row) -> dict[str, Any]:
    product, place, best = row.review.product, row.place, row.offer
    shopping: Shopping = context["list"].choice.shopping
    return {
        "slug": product.slug,
        "label": place.shown_label,
        "is_shared": place.shown_label.endswith("="),
        "name": product.name,
        "url": f"{row.review.get_absolute_url()}{shopping.query}",
        "by": f"{product.brand.name}, {product.get_form_display()}",
        "silhouette": product.silhouette,
        "score": number_format(place.editorial_score, 1),
        "bar": float(place.editorial_score) * 10,
        "keep": row.keeps_percent,
        "verdict": row.review.verdict,
        "facts": product.short_facts,
        **_dose_words(row.dose),
        "price": _price_words(best),
        "price_lines": _price_lines(best),
        "button": paid_link(context, best.offer, _slot(place.shown_label)) if best is not None else "",
    }


def _slot(label: str) -> str:
    """Where a click on the row counts: row-2 for the second place, shared or not."""
    number = label.rstrip("=")
    return f"row-{number}" if number.isdecimal() and len(number) < 4 else "row"


def _dose_words(dose: DoseFacts | None) -> dict[str, Any]:
    if dose is None:
        return {"dose": "", "ruler": None}
    strictest = dose.shares[0]
    share = _("%(percent)s %% of the %(market)s limit")
    return {
        "dose": _("%(mg)s mg magnesium a day") % {"mg": number_format(dose.mg)},
        "compound": " + ".join(
            _("%(name)s, %(mg)s mg a serving") % {"name": name, "mg": number_format(mg.normalize() + 0)}
            for name, mg in dose.compounds
        ),
        "ruler": dose_ruler(dose),
        "limits": ", ".join(share % {"percent": item.percent, "market": item.market} for item in dose.shares),
        "short_limit": share % {"percent": strictest.percent, "market": strictest.market},
    }


@register.simple_tag
def dose_ruler(dose: DoseFacts | None) -> charts.Ruler | None:
    """The ruler of a day's dose."""
    return None if dose is None else charts.ruler(dose.mg, [(share.market, share.limit_mg) for share in dose.shares])


def _price_words(offer: PricedOffer | None) -> dict[str, Any] | None:
    if offer is None or offer.amount is None:
        return None
    if offer.per_day is None:
        return {"amount": money(offer.amount, offer.currency), "per": "", "as_of": offer.as_of}
    return {"amount": money(offer.per_day, offer.currency), "per": _("a day"), "as_of": offer.as_of}


def _price_lines(offer: PricedOffer | None) -> list[str]:
    if offer is None or offer.amount is None or offer.per_day is None:
        return []
    lines = [_("%(price)s for %(days)s days") % {"price": money(offer.amount, offer.currency), "days": offer.days}]
    if offer.per_100_mg is not None:
        lines.insert(0, _("%(price)s per 100 mg") % {"price": money(offer.per_100_mg, offer.currency)})
    if offer.shipping is not None:
        lines.append(delivery(offer))
    return lines


@register.simple_tag
def slope_figure(page: ListPage) -> charts.Slope | None:
    """What money did to an order; None when nothing was paid."""
    if not page.effects or page.editorial:
        return None
    names = {row.key: page.standing.entries[row.key].name for row in page.order}
    before = sorted(page.order, key=lambda row: [placed.key for placed in page.standing.placed].index(row.key))
    return charts.slope(
        [(row.key, row.editorial_label, names[row.key]) for row in before],
        [(row.key, row.shown_label, names[row.key]) for row in page.order],
        {row.key for row in page.order if _bought(row)},
    )


def _bought(row: RankedRow) -> bool:
    return bool(row.effects)


@register.simple_tag
def history_figure(steps: Sequence[Step]) -> charts.History | None:
    """The chart of an editorial score over time; None before there is a second step."""
    if len(steps) < 2:
        return None
    said = [
        f"{number_format(step.score, 1)} ({date_format(timezone.localtime(step.on), 'YEAR_MONTH_FORMAT')})"
        for step in steps
    ]
    summary = _("Editorial score over time: %(steps)s.") % {"steps": ", ".join(said)}
    return charts.history(
        [(step.on, step.score, date_format(timezone.localtime(step.on), _("M Y"))) for step in steps],
        timezone.now(),
        summary,
    )
