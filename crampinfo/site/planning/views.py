"""The page of planning in the admin."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crampinfo.editorial.models import State
from crampinfo.site.admin.texts import allowed
from crampinfo.site.planning import texts
from crampinfo.site.planning.texts import Event, Text

SEES_BOOKINGS = "products.view_placement"
_MOST = 30  # cards in a column of the board; the oldest wait longest and come first
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar. inside: of the month that is shown, not of the weeks' ends that lie around it."""

    date: date
    inside: bool
    today: bool
    events: list[Event]


@dataclass(slots=True)
class Column:
    """A state of the board: its cards, and how many there are in all."""

    title: str
    cards: list[tuple[Text, bool]] = field(default_factory=list)
    number: int = 0

    def add(self, text: Text, *, change: bool) -> None:
        """Another card, while there is room; change: it is a draft of changes of something live."""
        self.number += 1
        if len(self.cards) < _MOST:
            self.cards.append((text, change))

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.number - len(self.cards)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """This week, a month (?month=2026-11), the board; of what this person may read."""
    models = allowed(request.user, "view")
    if not models:
        raise PermissionDenied
    now, today = timezone.now(), timezone.localdate()
    first = month_of(request.GET.get("month", ""), today)
    begin, end = _weeks(first)
    soon = today + timedelta(days=_WEEK)
    happens = _events(request, models, min(begin, today), max(end, soon), now)
    week = [event for event in happens if now <= event.at < _start(soon)]
    context = {
        **admin.site.each_context(request),
        "title": _("Planning"),
        "now": timezone.localtime(now),
        "zone": timezone.get_current_timezone_name(),
        "week": _by_day(week),
        "weeks": _calendar(happens, first, begin, end, today),
        "first": first,
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": (first + timedelta(days=32)).replace(day=1),
        "board": board(models, now),
    }
    return TemplateResponse(request, "admin/planning.html", context)


def month_of(text: str, today: date) -> date:
    """The first day of a month written 2026-11; of this month for anything else."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if 2000 <= found.year <= 2100 else today.replace(day=1)


def _weeks(first: date) -> tuple[date, date]:
    """The Monday of a month's first week, and the one after its last."""
    begin = first - timedelta(days=first.weekday())
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return begin, last + timedelta(days=_WEEK - last.weekday())


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _events(request: HttpRequest, models: Any, begin: date, end: date, now: datetime) -> list[Event]:
    found = texts.events(models, _start(begin), _start(end), now)
    if request.user.has_perm(SEES_BOOKINGS):
        found += texts.bookings(_start(begin), _start(end))
    return sorted(found, key=lambda event: event.at)


def _by_day(events: list[Event]) -> list[tuple[date, list[Event]]]:
    days: dict[date, list[Event]] = defaultdict(list)
    for event in events:
        days[timezone.localdate(event.at)].append(event)
    return sorted(days.items())


def _calendar(events: list[Event], first: date, begin: date, end: date, today: date) -> list[list[Day]]:
    on = dict(_by_day(events))
    days = [begin + timedelta(days=number) for number in range((end - begin).days)]
    whole = [Day(day, day.month == first.month, day == today, on.get(day, [])) for day in days]
    return [whole[number : number + _WEEK] for number in range(0, len(whole), _WEEK)]


def board(models: Any, now: datetime) -> list[Column]:
    """What is on its way to readers, by state; longest waiting first, what is scheduled by its time."""
    columns = {
        State.DRAFT: Column(_("Draft")),
        State.IN_REVIEW: Column(_("In review")),
        State.APPROVED: Column(_("Approved")),
        State.PUBLISHED: Column(_("Scheduled")),
    }
    rows = [(text, False) for text in texts.on_the_way(models, now)]
    rows += [(text, True) for text in texts.copies(models)]
    for text, change in sorted(rows, key=lambda row: row[0].publish_at or row[0].saved_at):
        columns[State(text.state)].add(text, change=change)
    return list(columns.values())
