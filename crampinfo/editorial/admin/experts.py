"""Beside the form of a text in review: ask an expert who has no account, see what they said, withdraw the link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial import experts, pages
from crampinfo.editorial.admin.laying import Laying
from crampinfo.editorial.admin.panel import Use
from crampinfo.editorial.experts import Standing
from crampinfo.editorial.models import Decision, ExpertReading, Publishable, State
from crampinfo.editorial.roles import APPROVE

_WORDS: dict[Standing, Any] = {
    Standing.OPEN: gettext_lazy("open"),
    Standing.EXPIRED: gettext_lazy("expired"),
    Standing.REVOKED: gettext_lazy("withdrawn"),
    Standing.CHANGED: gettext_lazy("void: the text has changed or moved on"),
    Standing.GONE: gettext_lazy("void"),
}


class InvitationForm(forms.Form):
    """Whom one asks, and for how long the link works."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    qualification = forms.CharField(
        label=gettext_lazy("Qualification"), max_length=160, required=False,
        help_text=gettext_lazy("Such as: neurologist, University Hospital. It stands with what they say."),
    )  # fmt: skip
    days = forms.IntegerField(
        label=gettext_lazy("Days the link works"), min_value=experts.DAYS[0], max_value=experts.DAYS[1], initial=14
    )


class Experts(Laying):
    """One part of PublishableAdmin: two pages more."""

    def get_urls(self) -> list[Any]:
        """The page, and withdrawing one link."""
        guard = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/experts/<int:reading>/revoke/",
                guard(self.revoke_view),
                name=self._route("revoke"),
            ),
            path("<path:object_id>/experts/", guard(self.experts_view), name=self._route("experts")),
            *super().get_urls(),
        ]

    def also(self, request: HttpRequest, instance: Any) -> Sequence[Use]:
        """Where somebody from outside can be asked, for those who approve."""
        before: Sequence[Use] = super().also(request, instance)  # type: ignore[misc]
        if instance.state != State.IN_REVIEW or not request.user.has_perm(APPROVE):
            return before
        address = reverse(f"admin:{self._route('experts')}", args=[instance.pk])
        return [*before, Use(_("Expert"), _("Ask an expert without an account"), address)]

    def experts_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Everybody who was asked, and the form to ask somebody. A new link is shown once, on the answer to it."""
        instance = self._experts_text(request, object_id)
        form = InvitationForm(request.POST or None)
        link = ""
        if request.method == "POST" and form.is_valid():
            try:
                _reading, key = experts.invite(instance, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
            except ValidationError as error:
                form.add_error(None, error)
            else:
                link = pages.absolute(reverse("expert", args=[key]))
                form = InvitationForm()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Experts asked about: %(object)s") % {"object": instance},
            "original": instance,
            "opts": self.opts,
            "form": form,
            "link": link,
            "open": instance.state == State.IN_REVIEW,
            "readings": [(reading, *self._experts_told(reading, instance)) for reading in experts.of(instance)[:50]],
        }
        answer = TemplateResponse(request, "admin/publishable/experts.html", context)
        answer["Cache-Control"] = "no-store, private"
        return answer

    def _experts_told(self, reading: ExpertReading, instance: Publishable) -> tuple[str, bool]:
        """How it stands, in words, and whether it can still be withdrawn."""
        stands = experts.standing(reading, instance)
        if stands is Standing.DECIDED:
            return str(Decision(reading.decision).label), False
        return str(_WORDS[stands]), stands in (Standing.OPEN, Standing.CHANGED)

    def revoke_view(self, request: HttpRequest, object_id: str, reading: int) -> HttpResponse:
        """Withdraw a link; nothing else is sent here."""
        instance = self._experts_text(request, object_id)
        found = get_object_or_404(experts.of(instance), pk=reading)
        if request.method == "POST":
            said = (
                _("The link for %(who)s opens nothing any more.")
                if experts.revoke(found)
                else _("There was nothing to withdraw: %(who)s has answered, or it was withdrawn before.")
            )
            messages.info(request, said % {"who": found.name})
        return HttpResponseRedirect(reverse(f"admin:{self._route('experts')}", args=[object_id]))

    def _experts_text(self, request: HttpRequest, object_id: str) -> Publishable:
        instance: Publishable | None = self.get_object(request, object_id)
        if instance is None:
            raise Http404
        if not (request.user.has_perm(APPROVE) and self.has_view_permission(request, instance)):
            raise PermissionDenied
        return instance
