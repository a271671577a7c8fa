"""Dates in content files: ISO dates, and dates relative to the moment of loading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

MORNING = time(8)
_RELATIVE = re.compile(r"(?P<base>today|now)(?:(?P<sign>[+-])(?P<count>\d{1,5})(?P<unit>[dh]))?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?")
FORMS = "write 2026-02-09, 2026-02-09T18:30, today, today-21d, today+30d or now-2h"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, in the site's zone, with the words of the file.

    relative: the file counts it from the time of loading, so that it moves with each load.
    """

    at: datetime
    words: str
    relative: bool

    @property
    def day(self) -> date:
        """The local day."""
        return self.at.date()


def read(text: str, now: datetime) -> Moment:
    """The moment a text names; now is aware and carries the site's zone.

    A bare day means 8:00, but "today" is never later than now. Raises ValueError with a sentence.
    """
    zone = now.tzinfo
    if zone is None:
        raise TypeError("now must be aware")
    match = _RELATIVE.fullmatch(text)
    if match:
        return Moment(_relative(match, now, zone), text, True)
    if text.startswith(("today", "now")):
        raise ValueError(f"“{text}” is no relative date: {FORMS}.")
    if not (_DAY.fullmatch(text) or _MOMENT.fullmatch(text)):
        raise ValueError(f"“{text}” is no date: {FORMS}.")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text}” is not in the calendar: check day, month and hour.") from None
    if not 1900 <= at.year <= 2200:
        raise ValueError(f"The year {at.year} can't be meant: check the date.")
    if _DAY.fullmatch(text):
        at = datetime.combine(at.date(), MORNING)
    return Moment(at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone), text, False)


def _relative(match: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    count = int(match["count"] or 0) * (-1 if match["sign"] == "-" else 1)
    if abs(count) > 36500:
        raise ValueError(f"“{match[0]}” is more than a hundred years away: check the number.")
    if match["base"] == "now":
        step = timedelta(hours=count) if match["unit"] == "h" else timedelta(days=count)
        return (now.astimezone(UTC) + step).astimezone(zone)
    if match["unit"] == "h":
        raise ValueError(f"“{match[0]}” counts hours from a day: write now{match['sign']}{match['count']}h.")
    at = datetime.combine(now.date() + timedelta(days=count), MORNING, tzinfo=zone)
    # Loaded before eight, "today" would lie in the future, and prices read "today" would be refused.
    return min(at, now) if count == 0 else at
