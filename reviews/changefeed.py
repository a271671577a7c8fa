"""What changed in a list, day by day in plain words, from the ledger: for those who want to be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _

from crampinfo.editorial import ledger, ledgerfile, pages
from crampinfo.lib import shown
from reviews import difference, past
from reviews.difference import Difference
from reviews.models import Criterion, Ranking
from reviews.past import Moment, Said

SIZE = 30  # days in the feed
_LOOKED_AT = 60  # the newest eventful days; on some of them nothing changed in the end


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which a list changed: from the end of the day in before to the end of its own (today's: now)."""

    before: Moment
    after: Moment
    changes: tuple[Difference, ...]
    at: datetime


def days(ranking: Ranking, said: list[Said], now: datetime) -> list[Day]:
    """The newest days on which the list changed, newest first. Only these are rebuilt, however long the ledger is."""
    eventful = past.eventful(said, now)[-_LOOKED_AT:]
    if not eventful:
        return []
    names = dict(Criterion.objects.filter(methodology=ranking.methodology_id).values_list("slug", "name"))
    moments = past.moments(ranking, said, [eventful[0] - timedelta(days=1), *eventful], now)
    found = []
    for before, after in pairwise(moments):
        changes = difference.between(before, after, said, names)
        if changes:
            found.append(Day(before, after, tuple(changes), _last_event(after, said)))
    return found[: -SIZE - 1 : -1]


def _last_event(day: Moment, said: list[Said]) -> datetime:
    """When the day's last change was: its last entry, or the day's last moment where only a date had come."""
    written = [entry.at for entry in said if timezone.localdate(entry.at) == day.day]
    return written[-1] if written else day.at


def feed(ranking: Ranking, address: str) -> Atom1Feed:
    """The feed at a path. It links to the list's own past, and to no shop."""
    now = timezone.now()
    said = past.entries(ranking)
    position = ledgerfile.position(ledger.head())
    found = Atom1Feed(
        title=_title(ranking),
        link=pages.absolute(ranking.get_absolute_url()),
        description="",
        subtitle=" ".join(_about(ranking, position["number"], position["hash"])),
        language=ranking.language,
        author_name=settings.SITE_NAME,
        feed_url=pages.absolute(address),
        feed_copyright=ledgerfile.LICENCE,
    )
    for day in days(ranking, said, now):
        until = {} if day.before.rebuilt is None else {"to": day.before.day.isoformat()}
        query = urlencode({"as_of": day.after.day.isoformat(), **until})
        found.add_item(
            title=_headline(day),
            link=pages.absolute(f"{ranking.get_absolute_url()}?{query}"),
            unique_id=pages.absolute(f"{ranking.get_absolute_url()}?as_of={day.after.day.isoformat()}"),
            description="".join(f"<p>{escape(line)}</p>" for line in _lines(day)),
            pubdate=day.at,
            updateddate=day.at,
        )
    shown.true_until(past.true_until(past.moments(ranking, said, [timezone.localdate(now)], now), now))
    return found


def _title(ranking: Ranking) -> str:
    title = _("What changed: %(list)s") % {"list": ranking.title}
    return _("Advertisement: %(title)s") % {"title": title} if ranking.is_influenced else title


def _about(ranking: Ranking, number: int, digest: str) -> Iterator[str]:
    if ranking.is_influenced:
        yield _("Advertisement: order influenced by payment") + "."
    if pages.shown_as_demo(ranking.is_demo):
        yield _("Sample text, not medically reviewed.")
    yield _("From the ledger, entries 1 to %(number)s, %(hash)s.") % {"number": number, "hash": digest}


def _headline(day: Day) -> str:
    first = day.changes[0]
    said = _("%(day)s: %(about)s %(what)s") % {
        "day": date_format(day.after.day, _("j M Y")), "about": first.about, "what": first.what,
    }  # fmt: skip
    more = len(day.changes) - 1
    return said if not more else _("%(said)s, and %(count)s more") % {"said": said, "count": more}


def _lines(day: Day) -> Iterator[str]:
    for change in day.changes:
        paid = _("Paid:") + " " if change.is_money else ""
        yield " ".join([f"{paid}{change.about} {change.what}.", *change.reasons])
