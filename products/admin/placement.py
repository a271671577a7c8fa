"""What can be sold, and what is booked in it: written by affiliate managers, approved by somebody else, then fixed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial.admin import HouseAdmin, TransferAdmin
from products import bookings, calendar
from products.admin.filters import Running
from products.models import Placement, Slot
from products.transfer import PlacementSheet

APPROVES = "products.approve_placement"
BOOKS = "products.change_placement"
SEES_TERMS = "products.view_affiliateprogramme"


@admin.register(Slot)
class SlotAdmin(HouseAdmin):
    """Places on the site that can be sold."""

    list_display = ("name", "kind", "topic", "running", "slug")
    list_filter = ("kind", "topic")
    search_fields = ("name", "slug")
    related = ("topic",)
    autocomplete_fields = ("topic",)
    prepopulated_fields = {"slug": ("name",)}
    hints = {"topic": gettext_lazy("When it stands on one topic. Nothing is sold on a sensitive one.")}

    def get_queryset(self, request: HttpRequest) -> Any:
        """With how many bookings run in it."""
        runs = Q(
            placements__approved_at__isnull=False,
            placements__starts_at__lte=Now(),
            placements__ends_at__gt=Now(),
            placements__ended_early_at__isnull=True,
        )
        return super().get_queryset(request).annotate(booked=Count("placements", filter=runs))

    def label_for(self, instance: Slot) -> str:
        """The name and what it takes."""
        return f"{instance.name} – {instance.get_kind_display()}"

    @admin.display(description=gettext_lazy("running"), ordering="booked")
    def running(self, slot: Any) -> int:
        """How many bookings run in it."""
        return int(slot.booked)


class EndForm(forms.Form):
    """Why a booking is cut short."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        help_text=gettext_lazy("Printed on the transparency page and kept in the ledger."),
        widget=forms.TextInput(attrs={"size": 80, "autofocus": True}),
    )


@admin.register(Placement)
class PlacementAdmin(TransferAdmin):
    """Bookings. Once approved, their terms are fixed: they can only be ended early, with a reason."""

    change_form_template = "admin/products/placement_form.html"
    sheet = PlacementSheet
    list_display = ("advertiser", "slot", "product", "starts_at", "stops", "effect", "standing", "approved_by")
    list_filter = (Running, "kind", "slot", "is_demo")
    search_fields = ("advertiser", "slug", "product__name", "slot__name", "headline")
    date_hierarchy = "starts_at"
    related = ("slot", "slot__topic", "product", "product__brand", "offer", "offer__product", "offer__merchant")
    label_related = ("slot",)
    autocomplete_fields = ("slot", "product", "offer")
    prepopulated_fields = {"slug": ("advertiser",)}
    actions = ("approve_selected",)
    hints = {
        "offer": gettext_lazy("Where its button leads. Empty: the cheapest offer of the product."),
        "starts_at": gettext_lazy("It appears and disappears by these two moments; nothing has to run."),
        "target_place": gettext_lazy("For a place in an influenced list: which one."),
        "adjustment": gettext_lazy("For an influenced list: how many points, printed beside the editorial score."),
    }
    fieldsets = (
        (None, {"fields": ("advertiser", "slug", "slot", "product", "offer")}),
        (gettext_lazy("When"), {"fields": (("starts_at", "ends_at"),)}),
        (gettext_lazy("What it does"), {"fields": (("target_place", "adjustment"), "headline", "text")}),
        (gettext_lazy("Invoice"), {"fields": (("fee", "fee_currency"),), "classes": ("money",)}),
        (gettext_lazy("Standing"), {"fields": (("approved_by", "approved_at"), ("ended_early_at", "ended_reason"))}),
        (gettext_lazy("Demonstration"), {"fields": ("is_demo",), "classes": ("collapse",)}),
    )
    readonly_fields = ("approved_by", "approved_at", "ended_early_at", "ended_reason")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What it costs is for those who see terms."""
        sets = super().get_fieldsets(request, obj)
        sees = request.user.has_perm(SEES_TERMS)
        return sets if sees else [one for one in sets if "money" not in one[1].get("classes", ())]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A free day of the calendar leads here."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        day = parse_date(str(initial.pop("starts_at", "")) or "")
        return {**initial, "starts_at": timezone.make_aware(datetime.combine(day, time.min))} if day else initial

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Whoever wrote its terms last has booked it: somebody else approves. What stands in its way is said."""
        if obj.approved_at is None and (not change or form.changed_data):
            obj.booked_by = request.user.get_username()
        super().save_model(request, obj, form, change)
        for other in calendar.clashes(obj):
            messages.warning(
                request,
                _("In its way: %(other)s, from %(start)s to %(end)s. Only one of them can be seen.")
                % {"other": other, "start": timezone.localdate(other.starts_at), "end": calendar.last_day(other)},
            )

    def stands(self, obj: Any) -> str:
        """An approval closes the form."""
        return _("approved") if obj.approved_at is not None else _("waits for approval")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes what was approved: promise 7."""
        waiting = obj is None or obj.approved_at is None
        return waiting and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was ever approved stays on record."""
        waiting = obj is None or obj.approved_at is None
        return waiting and super().has_delete_permission(request, obj)

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """For the action below."""
        return bool(request.user.has_perm(APPROVES))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Add what can be done with it besides saving."""
        booked: Placement | None = kwargs.get("obj") or context.get("original")
        waiting = booked is not None and booked.approved_at is None and booked.until > timezone.now()
        running = booked is not None and booked.approved_at is not None and booked.until > timezone.now()
        own = booked is not None and booked.booked_by == request.user.get_username() and not settings.SINGLE_OPERATOR
        context["may_approve"] = waiting and request.user.has_perm(APPROVES) and not own
        context["clashes"] = calendar.clashes(booked) if waiting and booked is not None else []
        context["is_own"] = waiting and request.user.has_perm(APPROVES) and own
        context["may_end"] = running and request.user.has_perm(BOOKS)
        return super().render_change_form(request, context, *args, **kwargs)

    def label_for(self, instance: Placement) -> str:
        """Who, where, until when."""
        return f"{instance.advertiser}: {instance.slot}, until {timezone.localdate(instance.until)}"

    # --- columns --------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("until"), ordering="ends_at")
    def stops(self, placement: Placement) -> Any:
        """An early end counts."""
        return placement.until

    @admin.display(description=gettext_lazy("effect"))
    def effect(self, placement: Placement) -> str:
        """What it does to a list."""
        if placement.adjustment is not None:
            return f"{placement.adjustment:+} points"
        return _("place %(place)s") % {"place": placement.target_place} if placement.target_place else "–"

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, placement: Placement) -> str:
        """Where it is in time."""
        now = timezone.now()
        if placement.until <= now:
            return _("over")
        if placement.approved_at is None:
            return _("waits for approval")
        return _("running") if placement.starts_at <= now else _("approved")

    # --- approving and ending -------------------------------------------------------------------------------

    @admin.action(description=gettext_lazy("Approve"), permissions=["approve"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """One by one; each that can't be approved says why."""
        for placement in queryset.select_related("slot", "product"):
            self._try(
                request,
                placement,
                _approval(request),
                _("approved"),
            )

    def get_urls(self) -> list[Any]:
        """Two pages more."""
        pages = (("approve", self.approve_view), ("end", self.end_view))
        return [
            path(f"<int:key>/{name}/", self.admin_site.admin_view(view), name=f"products_placement_{name}")
            for name, view in pages
        ] + super().get_urls()

    def approve_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The button of the form."""
        placement = self.get_object(request, str(key))
        if placement is None or request.method != "POST" or not request.user.has_perm(APPROVES):
            raise PermissionDenied
        self._try(
            request,
            placement,
            _approval(request),
            _("approved"),
        )
        return self._back(key)

    def end_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Asks why, then ends it."""
        placement = self.get_object(request, str(key))
        if placement is None or not request.user.has_perm(BOOKS):
            raise PermissionDenied
        form = EndForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            self._try(request, placement, lambda one: bookings.end_early(one, reason), _("ended"))
            return self._back(key)
        context = {
            **self.admin_site.each_context(request),
            "title": _("End early: %(placement)s") % {"placement": placement},
            "opts": self.opts,
            "rows": [placement],
            "form": form,
            "submit": _("End it now"),
        }
        return TemplateResponse(request, "admin/publishable/retire.html", context)

    def _try(self, request: HttpRequest, placement: Placement, verb: Any, done: str) -> None:
        try:
            verb(placement)
        except ValidationError as error:
            messages.error(request, format_html("{}: {}", placement, " ".join(error.messages)))
        else:
            self.log_change(request, placement, capfirst(done))
            messages.success(request, format_html("{}: {}.", placement, done))

    def _back(self, key: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:products_placement_change", args=[key]))


def _approval(request: HttpRequest) -> Callable[[Placement], None]:
    """Approving in this person's name."""
    return lambda placement: bookings.approve(placement, _name(request), request.user.get_username())


def _name(request: HttpRequest) -> str:
    """Who approves, as readers see it: the author's name, else the account's."""
    author = getattr(request.user, "author", None)
    return str(author.name if author is not None else request.user.get_full_name() or request.user.get_username())  # type: ignore[union-attr]
