"""Link health: what stands behind offers' addresses, worst first, and what a manager says about it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crampinfo.editorial.admin import HouseAdmin, ReadOnly
from products import linkhealth, tasks
from products.models import LinkCheck, LinkState
from products.models.linkcheck import LinkCheckQuerySet

KEEPS_OFFERS = "products.change_offer"


class Wanting(admin.SimpleListFilter):
    """Whether somebody should look."""

    title = gettext_lazy("needs somebody")
    parameter_name = "wants"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Three."""
        return (
            ("you", gettext_lazy("trouble, confirmed")),
            ("accepted", gettext_lazy("accepted as it is")),
            ("held", gettext_lazy("offer held back")),
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> Any:
        """See LinkCheckQuerySet.wanting."""
        rows: Any = queryset
        if self.value() == "you":
            return rows.wanting()
        if self.value() == "accepted":
            return rows.exclude(accepted_answer="")
        return rows.filter(offer__held_at__isnull=False) if self.value() == "held" else rows


@admin.register(LinkCheck)
class LinkCheckAdmin(ReadOnly, HouseAdmin):
    """What the link check found. Blocked is not broken: it says nothing about the link."""

    list_display = ("offer", "found", "detail", "stands", "checked_at")
    list_filter = (Wanting, "state", "offer__merchant")
    search_fields = ("offer__product__name", "offer__merchant__name", "offer__url", "detail")
    related = ("offer", "offer__product", "offer__merchant", "offer__programme")
    actions = ("accept_selected", "check_selected", "take_over_selected")
    fields = (
        "offer", "state", "detail", "status", "final_address", ("times", "since"), ("checked_at", "due_at"),
        ("accepted_by", "accepted_at"),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> LinkCheckQuerySet:
        """With the offers."""
        rows: LinkCheckQuerySet = super().get_queryset(request)
        return rows

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whoever keeps offers keeps their links."""
        return bool(request.user.has_perm(KEEPS_OFFERS))

    @admin.display(description=gettext_lazy("found"), ordering="state")
    def found(self, check: LinkCheck) -> SafeString | str:
        """In bold where it needs somebody."""
        words = check.get_state_display()
        return format_html("<b>{}</b>", words) if check.wants_somebody else words

    @admin.display(description=gettext_lazy("standing"))
    def stands(self, check: LinkCheck) -> str:
        """What it does to the offer."""
        if check.is_accepted:
            return _("accepted by %(who)s") % {"who": check.accepted_by}
        if check.offer.held_at is not None:
            return _("offer held back")
        if check.state != LinkState.FINE and not check.is_confirmed:
            return _("to be confirmed")
        return "–"

    @admin.action(description=gettext_lazy("Accept as it is"), permissions=["act"])
    def accept_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Until the answer changes."""
        rows = list(queryset.exclude(state__in=(LinkState.UNKNOWN, LinkState.FINE)).select_related("offer"))
        for check in rows:
            linkhealth.accept(check, request.user.get_username())
        words = ngettext("%(n)s answer accepted.", "%(n)s answers accepted.", len(rows))
        messages.success(request, words % {"n": len(rows)})

    @admin.action(description=gettext_lazy("Look again now"), permissions=["act"])
    def check_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """The worker looks."""
        offers = list(queryset.values_list("offer", flat=True)[:200])
        tasks.check_now(offers)
        messages.success(request, _("The worker looks behind %(n)s offers now.") % {"n": len(offers)})

    @admin.action(description=gettext_lazy("Take over the new address"), permissions=["act"])
    def take_over_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Of those that moved for good; each that can't says why."""
        done = 0
        for check in queryset.filter(state=LinkState.MOVED).select_related("offer__merchant", "offer__programme"):
            try:
                linkhealth.take_over_address(check)
            except ValidationError as error:
                messages.error(request, format_html("{}: {}", check.offer, " ".join(error.messages)))
            else:
                done += 1
        words = ngettext("%(n)s address taken over.", "%(n)s addresses taken over.", done)
        messages.success(request, words % {"n": done})
