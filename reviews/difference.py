"""What changed in a list between two moments, in plain words: who came and went, who moved, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviews.past import Moment, Said
from reviews.reconstruction import Rebuilt
from reviews.recorded import Booking


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: what it is about, what happened, and the reasons on record, each with its day."""

    about: str
    what: str
    reasons: tuple[str, ...] = ()
    is_money: bool = False


def between(before: Moment, after: Moment, said: Iterable[Said], criteria: dict[str, str]) -> list[Difference]:
    """Everything that is different, weights first, then products in the later order, then payments.

    said are all entries of the list; those between the two moments give the reasons. criteria are names by slug.
    """
    old, new = before.rebuilt, after.rebuilt
    if new is None:
        return []
    if old is None:
        return [_began(new)]
    since = [entry for entry in said if before.at < entry.at <= after.at]
    return [
        *_shown(before, after),
        *_weights(old, new, since, criteria),
        *_products(old, new, since, criteria),
        *_payments(before, after),
    ]


def _day(at: datetime) -> str:
    return date_format(timezone.localdate(at), _("j M Y"))


def _began(new: Rebuilt) -> Difference:
    count = len(new.rows)
    what = ngettext("began with %(count)s ranked product", "began with %(count)s ranked products", count)
    return Difference(_("The list"), what % {"count": count})


def _shown(before: Moment, after: Moment) -> Iterator[Difference]:
    if before.is_shown != after.is_shown:
        yield Difference(_("The list"), _("appeared") if after.is_shown else _("was withdrawn"))


def _weights(old: Rebuilt, new: Rebuilt, since: Sequence[Said], criteria: dict[str, str]) -> Iterator[Difference]:
    if new.version is None or old.version == new.version:
        return
    was = old.version.weights if old.version is not None else {}
    parts = [
        _("%(criterion)s weighs %(weight)s, was %(was)s")
        % {
            "criterion": criteria.get(slug, slug),
            "weight": number_format(weight.normalize() + 0),
            "was": number_format(was[slug].normalize() + 0) if slug in was else "–",
        }
        for slug, weight in new.version.weights.items()
        if was.get(slug) != weight
    ]
    about = _("Version %(number)s of the weights") % {"number": new.version.number}
    reasons = [_reason(entry) for entry in since if entry.kind == "methodology" and entry.reason]
    yield Difference(about, "; ".join(parts) or _("margin or ties changed"), tuple(reasons))


def _reason(entry: Said) -> str:
    return _("%(day)s: %(reason)s") % {"day": _day(entry.at), "reason": entry.reason}


def _products(old: Rebuilt, new: Rebuilt, since: Sequence[Said], criteria: dict[str, str]) -> Iterator[Difference]:
    stood = {old.keys[row.key]: row for row in old.rows}
    stands = {new.keys[row.key]: row for row in new.rows}
    names = {key: old.names[slug] for slug, key in old.keys.items()} | {
        key: new.names[slug] for slug, key in new.keys.items()
    }
    for key, row in stands.items():
        was = stood.get(key)
        if was is None:
            what = _("came in at place %(place)s with %(score)s")
            values = {"place": row.editorial_label, "score": number_format(row.editorial_score, 1)}
            yield Difference(names[key], what % values, _reasons(key, since, criteria))
        elif (was.editorial_label, was.editorial_score) != (row.editorial_label, row.editorial_score):
            said = list(_moves(was.editorial_label, row.editorial_label, was.editorial_score, row.editorial_score))
            yield Difference(names[key], "; ".join(said), _reasons(key, since, criteria))
    for key in [*old.keys.values(), *(key for key in new.keys.values() if key not in old.keys.values())]:
        if key in stood and key not in stands or key not in stood and key in _failed(new) and key not in _failed(old):
            out = _("is not recommended any more: a gate keeps it out") if key in _failed(new) else _("left the list")
            yield Difference(names[key], out, _reasons(key, since, criteria))


def _failed(rebuilt: Rebuilt) -> set[int]:
    return {rebuilt.keys[slug] for slug in rebuilt.failed}


def _moves(place: str, to: str, score: object, now: object) -> Iterator[str]:
    if place != to:
        yield _("editorial place %(place)s, was %(was)s") % {"place": to, "was": place}
    if score != now:
        yield _("score %(score)s, was %(was)s") % {"score": number_format(now, 1), "was": number_format(score, 1)}  # type: ignore[arg-type]


def _reasons(key: int, since: Sequence[Said], criteria: dict[str, str]) -> tuple[str, ...]:
    """What the entries about a product say, in their order; its facts and a recall among them."""
    found = []
    for entry in since:
        if entry.subject != f"product:{key}" or entry.kind not in ("score", "product") or not entry.reason:
            continue
        about = criteria.get(entry.payload.get("criterion", ""), "")
        found.append(f"{_day(entry.at)}, {about}: {entry.reason}" if about else _reason(entry))
    return tuple(dict.fromkeys(found))


def _payments(before: Moment, after: Moment) -> Iterator[Difference]:
    """Bookings that began or stopped in between, those that did both among them."""
    if after.rebuilt is None:
        return
    key = after.rebuilt.key
    for booking in sorted(after.state.bookings.values(), key=lambda one: (one.start, one.key)):
        if booking.slot not in after.rebuilt.facts.slots:
            continue
        was = before.state.bookings.get(booking.key)
        ran = was is not None and before.state.runs(was, key, before.at)
        runs = after.state.runs(booking, key, after.at)
        end = booking.window.end
        inside = before.at < booking.start <= after.at and (end is None or booking.start < end)
        if ran != runs or inside:
            yield Difference(booking.advertiser, _paid(booking, after), is_money=True)


def _paid(booking: Booking, after: Moment) -> str:
    """What was bought. Only the kinds that a list's slots can sell stand here."""
    product = after.state.products.get(booking.product)
    end = booking.window.end
    if booking.kind == "order":
        words = _("paid for place %(what)s for %(product)s from %(start)s until %(end)s")
    elif booking.kind == "adjustment":
        words = _("paid for %(what)s points for %(product)s from %(start)s until %(end)s")
    else:
        words = _("paid for an ad for %(product)s from %(start)s until %(end)s")
    return words % {
        "what": booking.place if booking.kind == "order" else f"{booking.points or 0:+f}",
        "product": product.name if product is not None else "–",
        "start": _day(booking.start),
        "end": _day(end) if end is not None else "–",
    }
