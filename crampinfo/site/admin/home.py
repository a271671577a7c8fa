"""The admin's home: what needs this person now, by what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.admin.written import unread
from articles.models import Article, Comment, CommentState, Question
from crampinfo.editorial import evidence
from crampinfo.editorial.admin.refusal import sentence
from crampinfo.editorial.admin.reports import last_reports
from crampinfo.editorial.gate import Finding, Severity
from crampinfo.editorial.models import LedgerEntry, State
from crampinfo.editorial.roles import APPROVE, may_publish
from crampinfo.site import worker
from crampinfo.site.admin import changes, clicks, handed
from crampinfo.site.admin.texts import TEXTS, allowed, model_of, named
from crampinfo.site.audit import runs
from products.admin.filters import ending, stale
from products.models import FeedItem, LinkCheck, MatchState, Offer, Placement
from reviews.admin.review import overdue
from reviews.models import Review

_ROWS = 8


@dataclass(frozen=True, slots=True)
class Card:
    """A number that wants something, what it counts, and where one deals with it."""

    number: int
    label: str
    note: str
    address: str
    money: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text on its way to readers."""

    kind: str
    title: str
    address: str
    state: str
    author: str
    since: datetime
    appears: datetime | None
    gate: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class Home:
    """Everything the page prints."""

    now: datetime
    roles: str
    cards: list[Card]
    handed: handed.Handed | None
    waiting: list[Waiting]
    more: int
    changes: list[changes.Change]
    clicks: clicks.Clicks | None
    ledger: LedgerEntry | None
    audit: runs.News | None
    silence: worker.Silence | None


def build(request: HttpRequest) -> Home:
    """The page for whoever is signed in."""
    user: Any = request.user
    rows, total = _waiting(user)
    return Home(
        now=timezone.localtime(),
        roles=", ".join(user.groups.order_by("name").values_list("name", flat=True)) or _("operator"),
        cards=[card for card in _cards(user) if card.number],
        handed=handed.to_show(user),
        waiting=rows,
        more=max(0, total - len(rows)),
        changes=changes.to_show(user),
        clicks=clicks.last_days(30) if user.has_perm("products.view_clickcount") else None,
        ledger=LedgerEntry.objects.order_by("-pk").first() if user.has_perm("editorial.view_ledgerentry") else None,
        audit=runs.newest() if user.has_perm("site.view_auditrun") else None,
        silence=worker.silence() if may_publish(user) else None,
    )


# --- cards ------------------------------------------------------------------------------------------------------


def _cards(user: Any) -> Iterator[Card]:
    states = _states(user)
    drafts, review = states.get(State.DRAFT, (0, None)), states.get(State.IN_REVIEW, (0, None))
    approved = states.get(State.APPROVED, (0, None))
    if _writes(user):
        yield Card(drafts[0], _("Drafts"), _oldest(drafts[1]), "#next")
    if user.has_perm(APPROVE):
        yield Card(review[0], _("Waiting for approval"), _oldest(review[1]), "#next")
    if may_publish(user):
        yield Card(approved[0], _("Approved, not published"), _oldest(approved[1]), "#next")
    if _writes(user) or may_publish(user):
        yield _withdrawn()
    if user.has_perm("articles.change_comment"):
        yield _comments()
    if user.has_perm("reviews.change_review"):
        yield _reviews_due()
    if user.has_perm("editorial.add_medicalreview"):
        yield _unread()
    if user.has_perm("products.add_price"):
        address = f"{reverse('admin:products_offer_changelist')}?price=stale"
        yield Card(stale(Offer.objects.all()).count(), _("Prices too old"), _("hidden until read again"), address, True)
    if user.has_perm("products.change_feeditem"):
        yield from _desk()
    if user.has_perm("products.view_placement") and (may_publish(user) or user.has_perm("products.add_placement")):
        yield from _bookings()


def _writes(user: Any) -> bool:
    return bool(allowed(user, "change"))


def _states(user: Any) -> dict[str, tuple[int, datetime | None]]:
    """How many texts stand in each state, and since when the oldest does, over all kinds this person may change."""
    mine = allowed(user, "change")
    if not mine:
        return {}
    first, *others = [
        model.objects.order_by()
        .exclude(state__in=(State.PUBLISHED, State.RETIRED))
        .values("state")
        .annotate(n=Count("pk"), oldest=Min("saved_at"))
        for model in mine
    ]
    found: dict[str, tuple[int, datetime | None]] = {}
    for row in first.union(*others, all=True):
        number, oldest = found.get(row["state"], (0, None))
        found[row["state"]] = (number + row["n"], min(filter(None, (oldest, row["oldest"]))))
    return found


def _oldest(moment: datetime | None) -> str:
    return _("oldest %(time)s") % {"time": timesince(moment).split(",")[0]} if moment else ""


def _comments() -> Card:
    held = Comment.objects.filter(state=CommentState.HELD).aggregate(n=Count("pk"), oldest=Min("created_at"))
    address = f"{reverse('admin:articles_comment_changelist')}?state__exact={CommentState.HELD.value}"
    return Card(held["n"], _("Comments waiting"), _oldest(held["oldest"]), address)


def _withdrawn() -> Card:
    """Live pages that rest on a source which was retracted, or whose newer version they don't cite."""
    found = list(evidence.resting_on_withdrawn(TEXTS))
    address = f"{reverse('admin:editorial_reference_changelist')}?standing=withdrawn"
    note = ", ".join(dict.fromkeys(str(reference) for _page, reference in found[:3]))
    return Card(len(found), _("Pages on withdrawn sources"), note, address)


def _reviews_due() -> Card:
    number = overdue(Review.objects.all()).count()
    address = f"{reverse('admin:reviews_review_changelist')}?due=yes"
    return Card(number, _("Reviews due again"), _("last changed over 12 months ago"), address)


def _unread() -> Card:
    questions, guides = unread(Question.objects.all()).count(), unread(Article.objects.all()).count()
    kind = "question" if questions >= guides else "article"
    address = f"{reverse(f'admin:articles_{kind}_changelist')}?medical=missing"
    return Card(questions + guides, _("Texts to read"), _("sensitive topic, not medically reviewed"), address)


def _desk() -> Iterator[Card]:
    broken = LinkCheck.objects.wanting().count()
    page = reverse("admin:products_linkcheck_changelist")
    yield Card(broken, _("Links in trouble"), _("confirmed, not accepted"), f"{page}?wants=you", True)
    waiting = FeedItem.objects.filter(state=MatchState.WAITING).count()
    page = reverse("admin:products_feeditem_changelist")
    yield Card(waiting, _("Items to match"), _("from shops’ feeds"), f"{page}?state__exact=waiting", True)


def _bookings() -> Iterator[Card]:
    page = reverse("admin:products_placement_changelist")
    soon = list(ending(Placement.objects.all()).order_by("stops").values_list("advertiser", "stops")[:50])
    if soon:
        days = max(0, (soon[0][1] - timezone.now()).days)
        note = _("%(who)s in %(days)s") % {"who": soon[0][0], "days": ngettext("%s day", "%s days", days) % days}
        yield Card(len(soon), _("Placements ending"), note, f"{page}?standing=ending", True)
    unapproved = Placement.objects.filter(approved_at=None, ends_at__gt=timezone.now()).count()
    yield Card(unapproved, _("Placements to approve"), _("not shown until then"), f"{page}?standing=waiting", True)


# --- next to publish --------------------------------------------------------------------------------------------

_ORDER = (State.APPROVED, State.IN_REVIEW, State.DRAFT)


def _waiting(user: Any) -> tuple[list[Waiting], int]:
    mine = allowed(user, "change")
    if not mine:
        return [], 0
    wanted = Q(state__in=_ORDER)
    columns = ("kind", "pk", "name", "who", "state", "saved_at", "publish_at", "content_hash")
    first, *others = [named(model, wanted).values(*columns) for model in mine]
    rows = sorted(first.union(*others, all=True), key=lambda row: (_ORDER.index(row["state"]), row["saved_at"]))
    shown = rows[:_ROWS]
    reports = last_reports((model_of(row["kind"]), row["pk"], row["content_hash"]) for row in shown)
    return [_row(row, reports.get((model_of(row["kind"]), row["pk"]))) for row in shown], len(rows)


def _row(row: dict[str, Any], findings: list[Finding] | None) -> Waiting:
    model = model_of(row["kind"])
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row["pk"]])
    blocking = [finding for finding in findings or () if finding.severity is Severity.BLOCK]
    return Waiting(
        kind=str(model._meta.verbose_name),
        title=row["name"],
        address=address,
        state=str(State(row["state"]).label),
        author=row["who"],
        since=row["saved_at"],
        appears=row["publish_at"],
        gate=sentence(blocking[0], model) if blocking else _gate_words(findings),
        blocked=bool(blocking),
    )


def _gate_words(findings: list[Finding] | None) -> str:
    if findings is None:
        return _("not asked yet")
    return ngettext("%s warning", "%s warnings", len(findings)) % len(findings) if findings else _("passes")
