"""What changed in clicks, and what may explain it: offers that fell or rose, and the trend of the whole site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from products import pricing, totals
from products.models import Dimension, Offer


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a manager would want to know of an offer: its clicks fell or rose, and what may explain it."""

    offer: int
    sentence: str
    rose: bool = False


_LEAST = 20  # clicks a week: below that a fall is chance


def notes(today: date) -> list[Note]:
    """Offers whose clicks of the last seven days are a fifth of their usual week (of the four before) or less, or five
    times as many or more; those that lost most first, then those that won most.
    """
    week = totals.by_key(Dimension.OFFER, today - timedelta(days=6), today)
    month = totals.by_key(Dimension.OFFER, today - timedelta(days=34), today - timedelta(days=7))
    changed: dict[int, tuple[int, float]] = {}
    for key in week.keys() | month.keys():
        now, usual = week.get(key, 0), month.get(key, 0) / 4
        if key.isdecimal() and ((usual >= _LEAST and now * 5 <= usual) or (now >= _LEAST and now >= usual * 5)):
            changed[int(key)] = (now, usual)
    rows: Iterable[Offer] = (
        Offer.objects.filter(pk__in=changed).with_price().select_related("product", "merchant", "programme")
    )
    found = [_note(offer, *changed[offer.pk], today) for offer in rows]
    lost = {pk: usual - now for pk, (now, usual) in changed.items()}
    return sorted(found, key=lambda note: (note.rose, -abs(lost[note.offer])))


def _note(offer: Offer, now: int, usual: float, today: date) -> Note:
    rose = now > usual
    sentence = _("%(offer)s: %(now)s clicks in seven days, where %(usual)s are usual. %(why)s") % {
        "offer": offer, "now": now, "usual": round(usual), "why": _gain(offer, today) if rose else _why(offer, today),
    }  # fmt: skip
    return Note(offer.pk, sentence, rose)


def _gain(offer: Offer, today: date) -> str:
    """What may explain that an offer is followed more: a booking that began, a lower price, or that it is new."""
    since = today - timedelta(days=10)
    booked = offer.placements.active().filter(starts_at__date__gte=since).first()
    if booked is not None:
        return _("%(advertiser)s's placement began on %(day)s.") % {
            "advertiser": booked.advertiser, "day": timezone.localdate(booked.starts_at),
        }  # fmt: skip
    if offer.created_at.date() >= since:
        return _("It is new.")
    now: Decimal | None = offer.price_amount  # type: ignore[attr-defined]  # annotated by with_price
    before = offer.prices.filter(as_of__date__lt=since).order_by("-as_of").values_list("amount", flat=True).first()
    if now is not None and before is not None and now < before:
        return _("Its price fell from %(before)s to %(now)s.") % {
            "before": pricing.to_cents(before), "now": pricing.to_cents(now),
        }  # fmt: skip
    return _("Nothing of it changed here: look at the pages it stands on.")


def _why(offer: Offer, today: date) -> str:
    """What is known that may explain it, the strongest first."""
    if offer.held_at is not None:
        return _("Its link has not worked since %(day)s.") % {"day": offer.held_at.date()}
    if offer.is_paused or not offer.is_open:
        return _("It stands on no page now: it or its programme is paused or ended, or the product is recalled.")
    if offer.in_stock is False:
        return _("The shop says that it is out of stock.")
    as_of = offer.price_as_of  # type: ignore[attr-defined]  # annotated by with_price
    if as_of is None:
        return _("It has no price.")
    hours = offer.price_max_age_hours  # type: ignore[attr-defined]
    if offer.programme is not None:
        hours = min(hours, offer.programme.max_price_age_hours)
    gone = (as_of + timedelta(hours=hours)).date()
    if gone <= today:
        return _("Its price vanished on %(day)s: it was too old.") % {"day": gone}
    return _("Nothing of it changed here: look at the pages it stands on.")


def trend(today: date) -> str:
    """The last four weeks against the four before, in a sentence; '' where there was too little to compare."""
    counts = totals.by_day(today - timedelta(days=55), today)
    half = today - timedelta(days=27)
    now = sum(number for day, number in counts.items() if day >= half)
    before = sum(number for day, number in counts.items() if day < half)
    if before < _LEAST:
        return ""
    change = round((now - before) * 100 / before)
    said = {"now": now, "before": before, "change": abs(change)}
    if change > 0:
        return _("%(now)s clicks in four weeks, %(change)s %% more than in the four before (%(before)s).") % said
    if change < 0:
        return _("%(now)s clicks in four weeks, %(change)s %% fewer than in the four before (%(before)s).") % said
    return _("%(now)s clicks in four weeks, as many as in the four before.") % said
