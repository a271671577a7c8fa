"""A list as it stood: rebuilt from the ledger alone, at the end of a day of the site's zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crampinfo.editorial.models import LedgerEntry
from reviews.models import Ranking
from reviews.reconstruction import Rebuilt, State
from reviews.recorded import Booking, key_of

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OF_PRODUCTS = ("product", "score", "review")


class NoSuchDay(ValueError):
    """There is nothing to show for what an address asks; the sentence says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Said:
    """An entry that a list rests on."""

    number: int
    at: datetime
    kind: str
    subject: str
    payload: dict[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A list at the end of a day (of today: now). state is all that the entries up to then say about it."""

    day: date
    at: datetime
    state: State
    rebuilt: Rebuilt | None

    @property
    def is_shown(self) -> bool:
        """Whether readers could see it then."""
        return self.rebuilt is not None and self.rebuilt.live and self.rebuilt.version is not None

    @property
    def bookings(self) -> list[Booking]:
        """What was booked on it and ran then, of every kind."""
        return self.state.running(self.rebuilt.key, self.at) if self.rebuilt is not None else []


def read_day(text: str, now: datetime) -> date:
    """The day that an address asks for. Raises NoSuchDay for what is no day, or has not come."""
    if not _DAY.fullmatch(text):
        raise NoSuchDay(_("That is no day: write it as year, month and day, such as 2026-11-30."))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NoSuchDay(_("The calendar has no such day: look at month and day.")) from None
    if day > timezone.localdate(now):
        raise NoSuchDay(_("That day has not come yet: nobody knows how the list will stand."))
    return day


def entries(ranking: Ranking) -> list[Said]:
    """Every entry that a list rests on, in the ledger's order, in two queries: its own, then those it leads to."""
    own = _rows(Q(subject="site") | Q(subject=f"ranking:{ranking.pk}"))
    methodologies = {said.payload["methodology"] for said in own if said.kind == "ranking"}
    slots = {slot for said in own if said.kind == "ranking" for slot in said.payload["slots"]}
    products = {said.payload["product"] for said in own if said.kind == "listing"}
    others = _rows(
        Q(kind="methodology", subject__in=methodologies)
        | Q(kind__in=_OF_PRODUCTS, subject__in=products)
        | Q(kind="placement", payload__slot__in=sorted(slots))
    )
    return sorted([*own, *others], key=lambda said: said.number)


def _rows(which: Q) -> list[Said]:
    found = LedgerEntry.objects.filter(which).order_by("number")
    return [Said(*row) for row in found.values_list("number", "at", "kind", "subject", "payload", "reason")]


def end_of(day: date, now: datetime) -> datetime:
    """The last moment of a day in the site's zone, whether it has 23, 24 or 25 hours; of today: now."""
    return min(_midnight_after(day) - timedelta(microseconds=1), now)


def _midnight_after(day: date) -> datetime:
    """Where a day ends, in UTC: subtracting in local time would lose an hour where the clocks go back at midnight."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)).astimezone(UTC)


def at(ranking: Ranking, said: Sequence[Said], day: date, now: datetime) -> Moment:
    """A list at the end of a day. Raises NoSuchDay before the first entry that speaks of it."""
    return between(ranking, said, day, day, now)[0]


def between(ranking: Ranking, said: Sequence[Said], first: date, second: date, now: datetime) -> tuple[Moment, Moment]:
    """A list at the end of two days, the earlier first. Raises NoSuchDay as at() does."""
    before, after = moments(ranking, said, (first, second), now)
    if before.rebuilt is None:
        raise NoSuchDay(_too_early(said))
    return before, after


def moments(ranking: Ranking, said: Iterable[Said], days: Iterable[date], now: datetime) -> Iterator[Moment]:
    """A list at the end of each of some days, in their order, in one walk; rebuilt is None before it was on record."""
    state, waiting = State(), iter(said)
    entry = next(waiting, None)
    for day in days:
        moment = end_of(day, now)
        while entry is not None and entry.at <= moment:
            state.apply(entry.kind, entry.subject, entry.payload)
            entry = next(waiting, None)
        yield Moment(day, moment, state.copy(), state.rebuild(ranking.pk, moment))


def _too_early(said: Iterable[Said]) -> str:
    began = next((entry.at for entry in said if entry.kind == "ranking"), None)
    if began is None:
        return _("The ledger does not speak of this list yet.")
    since = date_format(timezone.localdate(began), _("j F Y"))
    return _("This list was not there yet: the ledger speaks of it from %(day)s on.") % {"day": since}


def eventful(said: Iterable[Said], now: datetime) -> list[date]:
    """The days on which anything a list rests on was written, began or ended by its date, oldest first."""
    state, found = State(), set()
    for entry in said:
        state.apply(entry.kind, entry.subject, entry.payload)
        edges = (edge for edge in state.edges(entry.kind, entry.subject) if entry.at < edge <= now)
        found |= {timezone.localdate(moment) for moment in (entry.at, *edges)}
    return sorted(found)


def true_until(moments: Iterable[Moment], now: datetime) -> datetime:
    """When a page about these is next out of date by the clock alone: today ends, or a date on record comes."""
    edges = (one.state.next_edge(one.rebuilt.key, now) for one in moments if one.rebuilt is not None)
    return min([_midnight_after(timezone.localdate(now)), *(edge for edge in edges if edge is not None)])


def head_at(moment: datetime) -> tuple[int, str]:
    """Number and hash of the last entry that counted at a moment: what anybody can look up in an old copy."""
    found = LedgerEntry.objects.filter(at__lte=moment).order_by("-number").values_list("number", "hash").first()
    return (found[0], found[1]) if found is not None else (0, "")


def products_of(moments: Sequence[Moment]) -> set[int]:
    """The products that stand in any of these."""
    return {key for moment in moments if moment.rebuilt is not None for key in moment.rebuilt.keys.values()}


def product_of(said: Said) -> int:
    """The product that an entry is about."""
    return key_of(said.subject)
