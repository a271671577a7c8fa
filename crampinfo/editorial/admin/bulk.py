"""Hand in, publish and retire for many at once: the same rights and the same gate, an answer for each object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crampinfo.editorial import workflow
from crampinfo.editorial.admin import refusal
from crampinfo.editorial.admin.base import HouseAdmin
from crampinfo.editorial.gate import GateRefused
from crampinfo.editorial.models import Publishable, State
from crampinfo.editorial.roles import is_second_person, may_publish

_MOST = 200  # objects a bulk action takes at once


class RetireForm(forms.Form):
    """Why something is taken from readers."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        help_text=gettext_lazy("Kept in the history and in the public ledger."),
        widget=forms.TextInput(attrs={"size": 80, "autofocus": True}),
    )


class BulkVerbs(HouseAdmin):
    """The other half of PublishableAdmin."""

    actions = ("hand_in_selected", "publish_selected", "retire_selected")

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """For the actions that need it."""
        return may_publish(request.user)

    @admin.action(description=gettext_lazy("Hand in for review"), permissions=["change"])
    def hand_in_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Drafts only; the others are named."""

        by: Any = request.user

        def hand_in(instance: Publishable) -> None:
            if instance.state != State.DRAFT:
                raise ValidationError(_("It is no draft."))
            workflow.submit(instance, by)

        self._each(request, queryset, hand_in, _("handed in for review"))

    @admin.action(description=gettext_lazy("Publish"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Through the gate, one by one."""

        by: Any = request.user

        def publish(instance: Publishable) -> None:
            if not is_second_person(by, instance):
                raise ValidationError(_("It is your own text: a second person publishes it."))
            workflow.publish(instance, by=by)

        self._each(request, queryset, publish, _("published"))

    @admin.action(description=gettext_lazy("Retire …"), permissions=["publish"])
    def retire_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        """Asks for the reason first."""
        keys = ",".join(str(key) for key in queryset.values_list("pk", flat=True)[:_MOST])
        return HttpResponseRedirect(f"{self._page('retire')}?ids={keys}")

    def _each(self, request: HttpRequest, queryset: QuerySet, verb: Callable[[Publishable], None], done: str) -> None:
        succeeded = 0
        for instance in queryset[:_MOST]:
            try:
                verb(instance)
            except ValidationError as error:
                messages.error(request, self._why(instance, error))
            else:
                succeeded += 1
        if succeeded:
            words = ngettext("%(count)s object %(done)s.", "%(count)s objects %(done)s.", succeeded)
            messages.success(request, words % {"count": succeeded, "done": done})

    def _why(self, instance: Publishable, error: ValidationError) -> str:
        if isinstance(error, GateRefused):
            said = refusal.of_findings(error.findings, self.model).complaints
            first = said[0].sentence if said else ""
            more = len(said) - 1
            reason = first if not more else _("%(first)s And %(more)s more.") % {"first": first, "more": more}
        else:
            reason = " ".join(error.messages)
        return format_html('<a href="{}">{}</a>: {}', self._page("change", instance.pk), instance, reason)

    def _page(self, page: str, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    # --- retiring, one or many --------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        """The page that asks why."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_retire"
        ask = self.admin_site.admin_view(self.retire_view)
        return [path("retire/", ask, name=name), *super().get_urls()]

    def retire_view(self, request: HttpRequest) -> HttpResponse:
        """What is retired, and why; then it is done."""
        if not may_publish(request.user) or not self.has_view_permission(request):
            raise PermissionDenied
        keys = [int(key) for key in request.GET.get("ids", "").split(",") if key.isascii() and key.isdecimal()][:_MOST]
        rows = self.get_queryset(request).filter(pk__in=keys, state=State.PUBLISHED)
        form = RetireForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            by: Any = request.user
            reason = form.cleaned_data["reason"]
            self._each(request, rows, lambda one: workflow.retire(one, by, reason), _("retired"))
            return HttpResponseRedirect(self._page("changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Retire"),
            "opts": self.opts,
            "rows": list(rows),
            "form": form,
        }
        return TemplateResponse(request, "admin/publishable/retire.html", context)
