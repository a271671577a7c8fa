"""Forms in progress: kept on the server every few seconds, offered again when the form is next opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial.admin.copies import query
from crampinfo.editorial.admin.laying import Laid, Laying, lay_on
from crampinfo.editorial.admin.opened import Merged
from crampinfo.editorial.admin.previewing import is_preview
from crampinfo.editorial.models import Autosave

_RECENT = timedelta(minutes=5)  # whoever kept a form so lately is at it
# Of no use when the form is opened again: who asked, and which button.
_LEFT_OUT = frozenset({"csrfmiddlewaretoken", "_verb"})


class Autosaving(Laying):
    """One part of PublishableAdmin."""

    def get_urls(self) -> list[Any]:
        """Two more: for a new object and for a stored one."""
        view = self.admin_site.admin_view(self.autosave_view)
        return [
            path("autosave/", view, name=self._route("autosave_new")),
            path("<path:object_id>/autosave/", view, name=self._route("autosave")),
            *super().get_urls(),
        ]

    def autosave_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """Keep the form as it stands; with _drop, throw it away. Answers with the time in the site's zone."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        key = self.key(object_id) if object_id is not None else 0
        may = self.has_change_permission(request) if object_id is not None else self.has_add_permission(request)
        if not may or key is None:
            raise PermissionDenied
        if "_drop" in request.POST:
            self._kept(request, key).delete()
            name, args = ("change", [key]) if object_id is not None else ("add", [])
            return HttpResponseRedirect(reverse(f"admin:{self._route(name)}", args=args))
        post = {name: values for name, values in request.POST.lists() if name not in _LEFT_OUT}
        kind = ContentType.objects.get_for_model(self.model)
        user: Any = request.user  # nobody comes here without signing in
        Autosave.objects.update_or_create(user=user, content_type=kind, object_id=key, defaults={"post": post})
        return JsonResponse({"at": timezone.localtime().strftime("%H:%M:%S")})

    def _kept(self, request: HttpRequest, key: int) -> QuerySet[Autosave]:
        kind = ContentType.objects.get_for_model(self.model)
        return Autosave.objects.filter(user=request.user.pk, content_type=kind, object_id=key)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Offer what was kept; lay it over the form when that is wished; forget it once the form is saved."""
        key = self.key(object_id) if object_id is not None else 0
        if key is None or is_preview(request):
            return super().changeform_view(request, object_id, form_url, extra_context)
        if request.method == "POST":
            answer = super().changeform_view(request, object_id, form_url, extra_context)
            if answer.status_code == 302:
                self._kept(request, key).delete()
            return answer
        kept, others = self._at_work(request, key)
        context = {**(extra_context or {}), "autosave": kept, "others": others}
        if kept is None or "restore" not in request.GET:
            return super().changeform_view(request, object_id, form_url, context)
        context |= {"autosave": None, "restored": kept}
        return self._restored(request, object_id, kept, form_url, context)

    def _at_work(self, request: HttpRequest, key: int) -> tuple[Autosave | None, list[Autosave]]:
        """What this person left unsaved, and who else was writing here in the last minutes."""
        kind = ContentType.objects.get_for_model(self.model)
        mine, recent = Q(user=request.user.pk), Q(saved_at__gt=timezone.now() - _RECENT)
        rows = Autosave.objects.filter(mine | recent if key else mine, content_type=kind, object_id=key)
        found = list(rows.select_related("user").order_by("user__username"))
        own = next((row for row in found if row.user_id == request.user.pk), None)
        return own, [row for row in found if row is not own]

    def _restored(
        self, request: HttpRequest, object_id: str | None, kept: Autosave, form_url: str, extra_context: Any
    ) -> Any:
        """The form with the words that were kept; it is told, when it is saved, what came between."""
        method, post = request.method, request.POST
        copy = self.copy_of(request, self.key(object_id)) if object_id is not None else None
        if copy is not None:
            self.lend(request, copy)
        stood = query(kept.post)
        lay_on(request, Laid(copy, Merged(stood), str(stood.get("_seen", "")), str(stood.get("_copy", ""))))
        messages.info(request, _("These are your unsaved words: nothing is saved yet."))
        request.method, request.POST = "POST", stood  # type: ignore[assignment]
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        finally:
            request.method, request.POST = method, post

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the address at which the form keeps itself."""
        obj = context.get("original")
        mine = self.has_change_permission(request, obj) if obj is not None else self.has_add_permission(request)
        if mine and not context.get("is_popup"):
            name, key = ("autosave", [obj.pk]) if obj is not None else ("autosave_new", [])
            context["autosave_url"] = reverse(f"admin:{self._route(name)}", args=key)
        return super().render_change_form(request, context, *args, **kwargs)
