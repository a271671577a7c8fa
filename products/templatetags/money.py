"""The tags that print anything commercial: the disclosure, the paid link, prices; and bodies, which may hold links."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crampinfo.editorial import figures, illustrations
from crampinfo.editorial.citations import Numbering
from crampinfo.lib import charts, markup, pieces
from products import affiliate
from products.affiliate import PageMoney, PricedOffer
from products.models import Offer, PriceSource
from products.pricehistory import PriceHistory

logger = logging.getLogger(__name__)
register = template.Library()

_FIGURE = re.compile(rf"(<p>)?\s*{figures.MARK.pattern}\s*(?:<br\s*/?>)?\s*(</p>)?")
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}


@register.inclusion_tag("includes/disclosure.html", takes_context=True)
def disclosure(context: Mapping[str, Any]) -> dict[str, Any]:
    """The disclosure strip that is true for this page; from here on the page may print paid links."""
    page_money: PageMoney | None = context.get("money")
    if page_money is None or not page_money.sentences:
        return {"disclosures": ()}
    page_money.disclosed = True
    return {
        "disclosures": page_money.sentences,
        "link": context.get("way_out"),
        "link_text": _("Order without advertising"),
    }


@register.simple_tag(takes_context=True)
def paid_link(
    context: Mapping[str, Any], offer: Offer, slot: str = "row", advertised: bool = False
) -> SafeString | str:
    """An offer's button, fused with the word that says who pays; plain text where no disclosure stands above it."""
    link = affiliate.shop_link(offer, context.get("money"), slot, advertised=advertised)
    if link is None:
        return offer.merchant.name
    return pieces.render("includes/offer_button.html", asdict(link))


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """An amount with its currency as the page's language writes it: €8.40, 8,40 €."""
    if amount is None:
        return ""
    figure = number_format(amount, decimal_pos=2, force_grouping=True)
    symbol = _SYMBOLS.get(currency, f"{currency}\u00a0")
    return f"{figure}\u00a0{symbol}" if (get_language() or "").startswith("es") else f"{symbol}{figure}"


@register.filter
def delivery(offer: PricedOffer) -> str:
    """What delivery costs, in words; '' where the shop doesn't say."""
    if offer.shipping is None:
        return ""
    if not offer.shipping:
        return _("free delivery")
    return _("+ %(price)s delivery") % {"price": money(offer.shipping, offer.currency)}


@register.simple_tag
def price_figure(history: PriceHistory) -> charts.History:
    """The chart of a price history."""
    weeks = history.weeks
    low, high = min(week.amount for week in weeks), max(week.amount for week in weeks)
    said = {
        "first": date_format(weeks[0].monday, _("j M Y")),
        "last": date_format(weeks[-1].monday, _("j M Y")),
        "low": money(low, history.currency),
        "high": money(high, history.currency),
        "now": money(weeks[-1].amount, history.currency),
    }
    return charts.prices(
        [(week.monday, week.amount) for week in weeks],
        lambda amount: money(amount, history.currency),
        lambda day: date_format(day, _("M Y")),
        _("Lowest price by week from %(first)s to %(last)s: between %(low)s and %(high)s, last %(now)s.") % said,
    )


@register.filter
def source_words(source: str) -> str:
    """Where a price was read (PriceSource), in words."""
    return str(PriceSource(source).label) if source else ""


@register.simple_tag(takes_context=True)
def body(context: Mapping[str, Any], text: str, slot: str = "body") -> SafeString:
    """A stored body, ready to print: anchors, numbered citations, figures, pictures, scrollable tables, links."""
    numbering: Numbering | None = context.get("numbering")
    html = markup.with_anchors(text)
    html = (numbering or Numbering([])).render(html)
    name = _("Table")
    html = html.replace("<table>", f'<div class="table-scroll" role="region" tabindex="0" aria-label="{name}"><table>')
    html = html.replace("</table>", "</table></div>")
    html = illustrations.show(_FIGURE.sub(_figure, html))
    offers: Mapping[int, Offer] = context.get("body_offers") or {}
    html = markup.replace_links(html, lambda link: _shop_link(link, offers, context.get("money"), slot))
    return markup.trusted(html)


@register.simple_tag(takes_context=True)
def cited(context: Mapping[str, Any], text: str) -> SafeString:
    """Plain text with citation marks, escaped, its marks numbered."""
    numbering: Numbering | None = context.get("numbering")
    return markup.trusted((numbering or Numbering([])).render(escape(text)))


def _figure(match: re.Match[str]) -> str:
    name = match[2]
    if not figures.exists(name):
        logger.error("There is no drawing called %r.", name)
        return f"{match[1] or ''}{match[3] or ''}"
    drawing = format_html(
        '<figure class="figure figure-{}">{}</figure>', name, pieces.render(f"figures/{name}.svg", {})
    )
    opened, closed = match[1], match[3]
    # A figure can't stand inside a paragraph: it goes before the words it shared one with.
    return f"{drawing}<p>" if opened and not closed else str(drawing)


def _shop_link(link: markup.Link, offers: Mapping[int, Offer], money: PageMoney | None, slot: str) -> str | None:
    number = link.attributes.get("data-offer")
    if number is None:
        return None
    offer = offers.get(int(number)) if number.isdecimal() else None
    ready = affiliate.shop_link(offer, money, slot) if offer is not None else None
    if ready is None:
        return link.inner
    return format_html(
        '<a href="{}" rel="{}"{}>{}<span class="visually-hidden"> {}</span></a> '
        '<small class="near-inline"{}>({})</small>',
        ready.url,
        ready.rel,
        markup.trusted(" data-aff" if ready.paid else ""),
        markup.trusted(link.inner),
        _("at %(shop)s") % {"shop": ready.merchant},
        markup.trusted(' data-disclosure="near"' if ready.paid else ""),
        _("Paid link") if ready.paid else _("Pays us nothing"),
    )
