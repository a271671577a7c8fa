"""Filters by what matters now: prices readers still see, bookings that run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import DateTimeField, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Least, Now
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from products.models import Offer, Placement, Price


class HoursAfter(Func):
    """A moment, and how many hours later: a column of hours is no interval to SQLite."""

    output_field = DateTimeField()
    template = "(%(expressions)s * interval '1 hour')"
    arg_joiner = " + "

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Its own function for that; the text it gives sorts like stored moments."""
        template = "datetime(%(expressions)s || ' hours')"
        return self.as_sql(compiler, connection, template=template, arg_joiner=", '+' || ", **context)


def with_price_end(offers: QuerySet[Offer]) -> Any:
    """Annotate price_ends: when the newest price stops being shown, by its own limit and the programme's."""
    newest = Price.objects.filter(offer=OuterRef("pk")).order_by("-as_of", "-pk")
    own = Subquery(newest.values("max_age_hours")[:1])
    hours = Least(own, Coalesce(F("programme__max_price_age_hours"), own))
    return offers.annotate(price_ends=HoursAfter(Subquery(newest.values("as_of")[:1]), hours))


def stale(offers: Any) -> Any:
    """Offers on sale whose newest price is too old: readers see none until it is read again."""
    return with_price_end(offers.active()).filter(price_ends__lte=Now())


class Freshness(admin.SimpleListFilter):
    """Whether readers see a price."""

    title = _("price")
    parameter_name = "price"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Three states."""
        return (("fresh", _("shown")), ("stale", _("too old, hidden")), ("none", _("never read")))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> Any:
        """See stale()."""
        if self.value() == "stale":
            return stale(queryset)
        if self.value() == "fresh":
            return with_price_end(queryset).filter(price_ends__gt=Now())
        return queryset.filter(prices=None) if self.value() == "none" else queryset


class Running(admin.SimpleListFilter):
    """Where a booking stands in time."""

    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """From waiting to over."""
        return (
            ("waiting", _("waits for approval")),
            ("coming", _("approved, not begun")),
            ("running", _("running")),
            ("ending", _("ends within 14 days")),
            ("over", _("over")),
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> Any:
        """By the database's clock; an early end counts."""
        rows = queryset.annotate(stops=Coalesce("ended_early_at", "ends_at"))
        approved = Q(approved_at__isnull=False)
        chosen: dict[str | None, Q] = {
            "waiting": Q(approved_at__isnull=True, stops__gt=Now()),
            "coming": approved & Q(starts_at__gt=Now()),
            "running": approved & Q(starts_at__lte=Now(), stops__gt=Now()),
            "over": Q(stops__lte=Now()),
        }
        if self.value() == "ending":
            return ending(queryset)
        return rows.filter(chosen[value]) if (value := self.value()) in chosen else queryset


def ending(placements: QuerySet[Placement], days: int = 14) -> Any:
    """Running bookings that stop within some days."""
    return placements.annotate(stops=Coalesce("ended_early_at", "ends_at")).filter(
        approved_at__isnull=False, starts_at__lte=Now(), stops__gt=Now(), stops__lte=Now() + timedelta(days=days)
    )
