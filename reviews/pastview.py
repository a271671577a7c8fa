"""The time machine's page: a list at the end of a day, and what changed from then until another."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crampinfo.editorial import pages
from crampinfo.editorial.models import LedgerEntry
from crampinfo.lib import shown
from products import affiliate
from reviews import difference, past
from reviews.models import Criterion, Ranking, Review


def as_of(request: HttpRequest, ranking: Ranking) -> HttpResponse:
    """?as_of=YYYY-MM-DD, and what changed until ?to=YYYY-MM-DD (now unless given). Days that make no sense say so."""
    now = timezone.now()
    asked, until = request.GET.get("as_of", ""), request.GET.get("to", "")
    context: dict[str, Any] = {"ranking": ranking, "today": timezone.localdate(now), "asked": asked, "until": until}
    try:
        day = past.read_day(asked, now)
        to = past.read_day(until, now) if until else timezone.localdate(now)
        context |= _between(ranking, *sorted((day, to)), now=now, wanted=day)
    except past.NoSuchDay as problem:
        context |= {"problem": str(problem), "money": None}
    title = _("%(title)s: another day") % {"title": ranking.title}
    if "then" in context:
        values = {"title": ranking.title, "day": date_format(context["then"].day, _("j F Y"))}
        title = _("%(title)s, as it stood on %(day)s") % values
    head = pages.head(
        title=title,
        heading=ranking.title,
        description=ranking.summary,
        path=ranking.get_absolute_url(),
        language=ranking.language,
        section="lists",
        demo=ranking.is_demo,
        trail=[(_("Lists"), "/lists/"), (ranking.short_title, ranking.get_absolute_url()), (_("Another day"), None)],
        indexable=False,
    )
    response = pages.render(request, "reviews/past.html", head, context)
    if "problem" in context:
        response["Cache-Control"] = "no-store"
    return response


def _between(ranking: Ranking, first: date, second: date, *, now: datetime, wanted: date) -> dict[str, Any]:
    """Both moments, the one that is wanted, and the difference from the earlier to the later.

    A page of it is rendered anew when the ledger grows, when a date on record comes, and when today is over.
    """
    said = past.entries(ranking)
    before, after = past.between(ranking, said, first, second, now)
    then = before if wanted == first else after
    shown.note(shown.table(LedgerEntry._meta.db_table))
    shown.true_until(past.true_until((before, after), now))
    names = dict(Criterion.objects.filter(methodology=ranking.methodology_id).values_list("slug", "name"))
    addresses = dict(
        Review.objects.published()
        .filter(product__in=past.products_of((before, after)))
        .values_list("product", "product__slug")
    )
    number, digest = past.head_at(then.at)
    rebuilt = then.rebuilt
    paid = rebuilt is not None and any(row.effects or row.moved_by for row in rebuilt.rows)
    return {
        "then": then,
        "before": before,
        "after": after,
        "addresses": addresses,
        "criteria": names,
        "entry": number,
        "digest": digest,
        "paid": paid,
        "cap": settings.SCORE_ADJUSTMENT_CAP,
        "changes": difference.between(before, after, said, names) if first != second else [],
        "money": affiliate.page_money(f"list-{ranking.slug}", ranking, influenced=paid),
    }
