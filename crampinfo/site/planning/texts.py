"""Rows that planning is about, of all kinds of texts in one query: where each stands, and when it appears or ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from crampinfo.editorial.models import State, WorkingCopy
from crampinfo.site.admin.texts import model_of, named
from products.models import Placement
from reviews.admin.review import DUE_AFTER
from reviews.models import Review

UNPUBLISHED = (State.DRAFT, State.IN_REVIEW, State.APPROVED)


@dataclass(frozen=True, slots=True)
class Text:
    """One text. changed_at is when readers got its last change, None of what they never had."""

    model: Any
    key: int
    title: str
    author: str
    state: str
    publish_at: datetime | None
    retire_at: datetime | None
    saved_at: datetime
    changed_at: datetime | None

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return str(self.model._meta.verbose_name)

    @property
    def address(self) -> str:
        """Its form in the admin."""
        return reverse(f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_change", args=[self.key])


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens by itself at a moment."""

    at: datetime
    what: str
    kind: str
    title: str
    address: str
    money: bool = False


def _read(models: Iterable[Any], wanted: Q) -> list[Text]:
    columns = ("kind", "pk", "name", "who", "state", "publish_at", "retire_at", "saved_at", "content_changed_at")
    found = [named(model, wanted).values_list(*columns) for model in models]
    return [Text(model_of(kind), *rest) for kind, *rest in (found[0].union(*found[1:], all=True) if found else ())]


def on_the_way(models: Iterable[Any], now: datetime) -> list[Text]:
    """What is not public yet: drafts, what is in review or approved, and what appears later by itself."""
    return _read(models, Q(state__in=UNPUBLISHED) | Q(state=State.PUBLISHED, publish_at__gt=now))


def events(models: Iterable[Any], begin: datetime, end: datetime, now: datetime) -> list[Event]:
    """What texts do by themselves from begin to before end, or have done: appear, disappear, fall due for review."""
    due = Q(content_changed_at__gte=begin - DUE_AFTER, content_changed_at__lt=end - DUE_AFTER)
    wanted = Q(publish_at__gte=begin, publish_at__lt=end) | Q(retire_at__gte=begin, retire_at__lt=end) | due
    found: list[Event] = []
    for text in _read(models, wanted & Q(state=State.PUBLISHED)):
        for at, what in _moments(text, now):
            if begin <= at < end:
                found.append(Event(at, what, text.kind, text.title, text.address))
    return sorted(found, key=lambda event: event.at)


def _moments(text: Text, now: datetime) -> Iterator[tuple[datetime, str]]:
    if text.publish_at is not None:
        yield text.publish_at, _("goes live") if text.publish_at > now else _("went live")
    if text.retire_at is not None:
        yield text.retire_at, _("disappears") if text.retire_at > now else _("disappeared")
    due = text.changed_at + DUE_AFTER if text.changed_at is not None else None
    if due is not None and text.model is Review and (text.retire_at is None or due < text.retire_at):
        yield due, _("is due for review again")


def bookings(begin: datetime, end: datetime) -> list[Event]:
    """Approved placements that begin or end then; for those who may see them."""
    stops = Coalesce("ended_early_at", "ends_at")
    rows = Placement.objects.filter(approved_at__isnull=False).annotate(stops=stops).select_related("product")
    rows = rows.filter(Q(starts_at__gte=begin, starts_at__lt=end) | Q(stops__gte=begin, stops__lt=end))
    found = []
    for row in rows:
        address = reverse("admin:products_placement_change", args=[row.pk])
        for at, what in ((row.starts_at, _("begins")), (row.stops, _("ends"))):
            if begin <= at < end:
                found.append(
                    Event(at, what, str(row._meta.verbose_name), f"{row.advertiser}: {row.product}", address, True)
                )
    return sorted(found, key=lambda event: event.at)


def copies(models: Iterable[Any]) -> list[Text]:
    """Drafts of changes of live texts, as texts in the state of the draft."""
    kinds = {ContentType.objects.get_for_model(model).pk: model for model in models}
    rows = (
        WorkingCopy.objects.filter(content_type__in=kinds)
        .select_related("author")
        .defer("post", "base")
        .order_by("saved_at")
    )
    return [
        Text(
            kinds[row.content_type_id], row.object_id, row.title,
            row.author.get_username() if row.author is not None else "", row.state, None, None, row.saved_at, None,
        )
        for row in rows
    ]  # fmt: skip
