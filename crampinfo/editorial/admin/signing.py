"""Reasons typed beside findings: what lets a warning pass, or lets Compliance answer for what the gate stops."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crampinfo.editorial import acknowledgements, rendered
from crampinfo.editorial.admin.base import HouseAdmin
from crampinfo.editorial.admin.refusal import Complaint, Refusal, Stop
from crampinfo.editorial.findings import Finding
from crampinfo.editorial.models import Publishable
from crampinfo.editorial.models.acknowledgement import mark_of

PREFIX = "_reason-"


def key(finding: Finding) -> str:
    """The name of the field in which a finding's reason is typed; the same as long as its sentence stays."""
    bound = f"{finding.code} {finding.place} {mark_of(finding.words)}"
    return f"{PREFIX}{hashlib.sha256(bound.encode()).hexdigest()[:16]}"


def typed(request: HttpRequest) -> Mapping[str, str]:
    """The reasons a form brought along, by key."""
    found = {name: str(value).strip() for name, value in request.POST.items() if name.startswith(PREFIX)}
    return {name: value for name, value in found.items() if value}


def sign(instance: Publishable, by: Any, reasons: Mapping[str, str]) -> int:
    """Write down every reason for a finding that stands; how many there were. Stops at a reason that is none."""
    if not reasons:
        return 0
    done = 0
    for finding in rendered.everything(instance):
        reason = reasons.get(key(finding))
        if reason is None or finding.signed is not None or not acknowledgements.may_sign(by, finding):
            continue
        try:
            acknowledgements.sign(instance, finding, by, reason)
        except ValidationError as error:
            raise Stop(Refusal([Complaint("", f"{finding.code}: {' '.join(error.messages)}")])) from error
        done += 1
    return done


class Signing(HouseAdmin):
    """The address at which somebody who may not change a text signs a finding on it."""

    def get_urls(self) -> list[Any]:
        """One more, beside the form's."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_sign"
        view = self.admin_site.admin_view(self.sign_view)
        return [path("<path:object_id>/sign/", view, name=name), *super().get_urls()]

    def sign_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Keep the reasons, then back to the object."""
        instance = self.get_object(request, unquote(object_id))
        if request.method != "POST" or instance is None:
            raise Http404
        permissions = (acknowledgements.ACKNOWLEDGE, acknowledgements.OVERRIDE)
        permitted = any(request.user.has_perm(name) for name in permissions)
        if not permitted or not self.has_view_permission(request, instance):
            raise PermissionDenied
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[instance.pk])
        try:
            with transaction.atomic():
                done = sign(instance, request.user, typed(request))
        except Stop as stop:
            for complaint in stop.refusal.complaints:
                messages.error(request, complaint.sentence)
            return HttpResponseRedirect(page)
        if done:
            said = ngettext("One finding signed.", "%(count)s findings signed.", done) % {"count": done}
            messages.success(request, said)
        else:
            messages.warning(request, _("Nothing was signed: write a reason beside a finding first."))
        return HttpResponseRedirect(page)
