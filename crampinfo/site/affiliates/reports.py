"""Reports: clicks and earnings of a period, cut as somebody wishes, as a chart, a table and a CSV file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crampinfo.site.admin import clicks
from crampinfo.site.affiliates import pages
from products import reports, trends
from products.reports import By, Line
from products.templatetags.money import money

LONGEST = 800  # days
_BY_WEEK = 62  # a longer period is drawn by weeks

NAMES = {
    By.OFFER: gettext_lazy("Offer"),
    By.PRODUCT: gettext_lazy("Product"),
    By.MERCHANT: gettext_lazy("Shop"),
    By.PROGRAMME: gettext_lazy("Programme"),
    By.PAGE: gettext_lazy("Page"),
    By.SLOT: gettext_lazy("Slot"),
    By.POSITION: gettext_lazy("Place in lists"),
    By.DAY: gettext_lazy("Day"),
    By.WEEK: gettext_lazy("Week"),
}


class Day(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PeriodForm(forms.Form):
    """From and until, both included."""

    first = forms.DateField(label=gettext_lazy("From"), widget=Day)
    last = forms.DateField(label=gettext_lazy("Until"), widget=Day)

    def clean(self) -> dict[str, Any]:
        """In order, and not longer than reports go."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and not timedelta(0) <= last - first < timedelta(days=LONGEST):
            raise forms.ValidationError(
                _("The period begins before it ends, and has at most %(days)s days.") % {"days": LONGEST}
            )
        return data


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is printed; address leads to what is inside it."""

    line: Line
    address: str
    earned: str
    a_click: str
    change: str


@pages.page(pages.SEES_CLICKS)
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """One cut of a period."""
    today = timezone.localdate()
    usual = {"first": today - timedelta(days=29), "last": today}
    asked = "first" in request.GET or "last" in request.GET
    form = PeriodForm(request.GET if asked else None, initial=usual)
    period = form.cleaned_data if asked and form.is_valid() else usual
    first, last = period["first"], period["last"]
    by = next((one for one in By if one == request.GET.get("by")), By.PRODUCT)
    key = request.GET.get("key", "")[:120]
    if request.GET.get("format") == "csv":
        return _file(by, first, last)
    lines = reports.lines(by, first, last)
    by_week = (last - first).days > _BY_WEEK
    counts = reports.weeks(first, last) if by_week else reports.days(first, last)
    slots = {line.label: line.clicks for line in lines} if by is By.SLOT else {}
    notes = trends.notes(today)
    context = {
        "form": form,
        "by": by,
        "by_name": NAMES[by],
        "in_time": by in (By.DAY, By.WEEK),
        "tabs": [(name, f"?{_query(one, first, last)}", one is by) for one, name in NAMES.items()],
        "chart": clicks.chart(counts, slots),
        "by_week": by_week,
        "rows": [_row(by, line, first, last) for line in lines[:500]],
        "more": max(0, len(lines) - 500),
        "earned": _sum(lines),
        "clicks": sum(line.clicks for line in lines),
        "fell": [note for note in notes if not note.rose],
        "rose": [note for note in notes if note.rose],
        "trend": trends.trend(today),
        "inside": reports.inside(by, key, first, last)[:200] if key else [],
        "earned_inside": _earned_inside(key, first, last) if by is By.PROGRAMME else [],
        "inside_of": next((line.label for line in lines if line.key == key), "") if key else "",
        "csv": f"?{_query(by, first, last)}&format=csv",
        "first": first,
        "last": last,
    }
    return pages.render(request, "report.html", _("Clicks and earnings"), context)


def _query(by: By, first: date, last: date, key: str = "") -> str:
    query = {"by": by.value, "first": first.isoformat(), "last": last.isoformat()}
    return urlencode({**query, "key": key} if key else query)


def _row(by: By, line: Line, first: date, last: date) -> Row:
    opens = by in (By.OFFER, By.PAGE, By.PROGRAMME) and line.key
    return Row(
        line=line,
        address=f"?{_query(by, first, last, line.key)}#inside" if opens else "",
        earned=_amounts(line.earned.items()),
        a_click=_amounts(line.a_click.items()),
        change="–" if line.change is None else f"{line.change:+} %",
    )


def _earned_inside(key: str, first: date, last: date) -> list[tuple[str, str, int, str]]:
    rows = reports.earned_inside(key, first, last)[:200]
    return [(page, slot, count, _amounts(amounts.items())) for page, slot, count, amounts in rows]


def _amounts(amounts: Iterable[tuple[str, Decimal]]) -> str:
    return ", ".join(money(amount, code) for code, amount in sorted(amounts)) or "–"


def _sum(lines: Iterable[Line]) -> str:
    total: dict[str, Decimal] = {}
    for line in lines:
        for code, amount in line.earned.items():
            total[code] = total.get(code, Decimal(0)) + amount
    return _amounts(total.items())


def _file(by: By, first: date, last: date) -> HttpResponse:
    lines = reports.lines(by, first, last)
    codes = sorted({code for line in lines for code in line.earned})
    heading = [str(NAMES[by]), "clicks", "clicks in the period before", *(f"commission {code}" for code in codes)]
    heading += [f"per click {code}" for code in codes]
    rows = (
        [
            line.label,
            line.clicks,
            line.before,
            *(line.earned.get(code, "") for code in codes),
            *(line.a_click.get(code, "") for code in codes),
        ]
        for line in lines
    )
    return pages.table(f"clicks-by-{by}-{first}-{last}", heading, rows)
