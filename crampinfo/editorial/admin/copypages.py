"""Beside a live object's form: what its draft of changes would change, and the question before it is thrown away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from crampinfo.editorial import handover
from crampinfo.editorial.admin import copying
from crampinfo.editorial.admin.history import Difference
from crampinfo.editorial.admin.laying import Laying, mark
from crampinfo.editorial.admin.opened import Opened
from crampinfo.editorial.models import THROWN_AWAY, WorkingCopy


class CopyPages(Laying):
    """One part of PublishableAdmin."""

    def get_urls(self) -> list[Any]:
        """Two more."""
        guard = self.admin_site.admin_view
        pages = (("changes/", self.changes_view, "changes"), ("discard/", self.discard_view, "discard"))
        return [
            *(path(f"<path:object_id>/{end}", guard(view), name=self._route(name)) for end, view, name in pages),
            *super().get_urls(),
        ]

    def changes_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Field by field and row by row, from the page that readers see to the draft."""
        copy, obj, found = self._compared(request, object_id)
        return self._compare_page(request, copy, obj, found, "admin/publishable/changes.html", _("What changes"))

    def discard_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows what would be lost, asks, and then throws it away: exactly the draft that was shown."""
        copy, obj, found = self._compared(request, object_id)
        if not self.may_discard(request, copy):
            raise PermissionDenied
        if request.method == "POST":
            with transaction.atomic():
                stored = WorkingCopy.objects.select_for_update().filter(pk=copy.pk).first()
                if stored is not None and request.POST.get("_copy") == mark(stored):
                    self._throw_away(request, stored)
                    return HttpResponseRedirect(reverse(f"admin:{self._route('change')}", args=[object_id]))
            messages.error(request, _("Somebody saved this draft of changes meanwhile: it was kept. This is it now."))
        return self._compare_page(
            request, copy, obj, found, "admin/publishable/discard.html", _("Throw the changes away")
        )

    def _throw_away(self, request: HttpRequest, copy: WorkingCopy) -> None:
        user: Any = request.user
        LogEntry.objects.create(
            user=user,
            content_type=ContentType.objects.get_for_model(WorkingCopy),
            object_id=str(copy.pk),
            object_repr=copy.title,
            action_flag=DELETION,
            change_message=_("Draft of changes %(number)s thrown away") % {"number": copy.number},
        )
        handover.record(copy, copy.state, THROWN_AWAY, user)
        messages.success(request, _("The draft of changes is gone: %(object)s.") % {"object": copy.title})
        copy.delete()

    def _compared(self, request: HttpRequest, object_id: str) -> tuple[WorkingCopy, Any, list[Difference]]:
        """The draft, its object, and what differs. 404 without a draft."""
        copy = self.copy_of(request, self.key(object_id))
        if copy is None:
            raise Http404
        if not self.has_change_permission(request):
            raise PermissionDenied
        self.lend(request, copy)
        form, pairs = self.as_opened(request, object_id)
        formsets = [rows for rows, _inline in pairs]
        laid = copying.laid_over(copy.post, Opened.parse(copy.base), form, formsets).post
        plain = copying.default(form, formsets)
        return copy, form.instance, copying.differences(plain, laid, form, formsets)

    def _compare_page(
        self, request: HttpRequest, copy: WorkingCopy, obj: Any, found: list[Difference], template: str, title: str
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": obj,
            "copy": copy,
            "mark": mark(copy),
            "differences": found,
            "may_discard": self.may_discard(request, copy),
        }
        return TemplateResponse(request, template, context)
