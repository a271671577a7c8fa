"""Preview from a form: what is typed there, or what is stored, on the page that readers will see. Nothing is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from crampinfo.editorial import preview
from crampinfo.editorial.admin.base import HouseAdmin
from crampinfo.editorial.admin.seen import page_of

_ASKED = "_crampinfo_preview"  # on a request that wants to see its form, not to save it


class Shown(Exception):
    """Leave a save that is under way with the page it would make: everything it did is undone."""

    def __init__(self, page: HttpResponse) -> None:
        self.page = page
        super().__init__()


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a form can't be shown as a page: the id and the name of the field, and the sentence beside it."""

    anchor: str
    label: str
    sentence: str


def is_preview(request: HttpRequest) -> bool:
    """Whether this form came to be looked at."""
    return bool(getattr(request, _ASKED, False))


def _framed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For pages in the frame of a preview: our own pages may hold them, and nothing can be sent from them."""
    policy = {"frame-ancestors": [SELF], "form-action": [NONE]}
    framed: Callable[..., HttpResponseBase] = xframe_options_sameorigin(csp_replace(policy)(view))
    return framed


class Previewed(HouseAdmin):
    """For what has a page, or is shown on one."""

    def get_urls(self) -> list[Any]:
        """Four more: what is typed in a new form and in one of a stored object, a stored object, and its frame."""
        guard = self.admin_site.admin_view
        pages = (
            ("preview/", _framed(guard(self.preview_typed)), "preview_new"),
            ("<path:object_id>/preview/typed/", _framed(guard(self.preview_typed)), "preview_typed"),
            ("<path:object_id>/preview/page/", _framed(guard(self.preview_page)), "preview_page"),
            ("<path:object_id>/preview/", guard(self.preview_view), "preview"),
        )
        own = [path(route, view, name=self._route(name)) for route, view, name in pages]
        return own + super().get_urls()

    def _route(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def preview_address(self, obj: Any) -> str:
        """Where the stored object can be looked at."""
        return reverse(f"admin:{self._route('preview')}", args=[obj.pk])

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """With the button, for those who may save."""
        mine = self.has_change_permission(request, obj) if obj is not None else self.has_add_permission(request)
        if mine and not context.get("is_popup"):
            name, key = ("preview_typed", [obj.pk]) if obj is not None else ("preview_new", [])
            context["preview_url"] = reverse(f"admin:{self._route(name)}", args=key)
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- what is typed --------------------------------------------------------------------------------------

    def preview_typed(self, request: HttpRequest, object_id: str | None = None) -> HttpResponseBase:
        """The form as it stands, saved and undone; who may not save it may not see it either."""
        if request.method != "POST":  # signing in again leads here; the form is at its own address
            name, key = ("change", [object_id]) if object_id is not None else ("add", [])
            return HttpResponseRedirect(reverse(f"admin:{self._route(name)}", args=key))
        setattr(request, _ASKED, True)
        try:
            answer = self.changeform_view(request, object_id)
        except Shown as shown:
            return shown.page
        context = answer.context_data if isinstance(answer, TemplateResponse) else None
        return self._said(request, list(mistakes(context)) if context and "adminform" in context else [])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Everything is stored now: look at it, and leave."""
        super().save_related(request, form, formsets, change)
        if is_preview(request):
            raise Shown(self._as_seen(request, form.instance))

    # --- what is stored -------------------------------------------------------------------------------------

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The stored object's page in a frame, at the width of a phone or of a desk."""
        instance = self._stored(request, object_id)
        page = page_of(instance)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Preview: %(object)s") % {"object": instance},
            "original": instance,
            "is_live": page is not None and page.is_live,
            "opts": self.opts,
            "frame_url": reverse(f"admin:{self._route('preview_page')}", args=[instance.pk]),
            "change_url": reverse(f"admin:{self._route('change')}", args=[instance.pk]),
        }
        return TemplateResponse(request, "admin/preview/stored.html", context)

    def preview_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What stands in the frame."""
        instance = self._stored(request, object_id)
        with preview.undone():
            return self._as_seen(request, instance)

    def _stored(self, request: HttpRequest, object_id: str) -> Any:
        instance = self.get_object(request, unquote(object_id))
        if instance is None:
            raise Http404
        if not self.has_view_or_change_permission(request, instance):
            raise PermissionDenied
        return instance

    def _as_seen(self, request: HttpRequest, instance: Any) -> HttpResponse:
        try:
            shown = page_of(instance)
            if shown is None:
                raise preview.NotShown(_("No page shows it yet: it is seen on the page of its review."))
            if not request.user.has_perm(f"{shown._meta.app_label}.view_{shown._meta.model_name}"):
                raise PermissionDenied
            return preview.page(shown, request)
        except preview.NotShown as error:
            return self._said(request, [Mistake("", "", str(error))])

    def _said(self, request: HttpRequest, found: list[Mistake]) -> HttpResponse:
        """In place of the page: why there is none."""
        return render(request, "admin/preview/refused.html", {"mistakes": found})


def mistakes(context: dict[str, Any]) -> Iterator[Mistake]:
    """Everything that the form of a page and its rows refuse."""
    return refused(context["adminform"].form, [inline.formset for inline in context["inline_admin_formsets"]])


def refused(form: Any, formsets: Sequence[Any]) -> Iterator[Mistake]:
    """Everything that a form and its rows refuse, in their order, with where to mend it."""
    yield from _of_form(form, "")
    for rows in formsets:
        kind = capfirst(str(rows.model._meta.verbose_name))
        for sentence in rows.non_form_errors():
            yield Mistake(f"{rows.prefix}-group", capfirst(str(rows.model._meta.verbose_name_plural)), str(sentence))
        for number, row in enumerate(rows.forms, 1):
            yield from _of_form(row, f"{kind} {number}")


def _of_form(form: Any, row: str) -> Iterator[Mistake]:
    for name, sentences in form.errors.items():
        field = form[name] if name in form.fields else None
        label = ", ".join(part for part in (row, str(field.label) if field is not None else "") if part)
        for sentence in sentences:
            yield Mistake(field.auto_id if field is not None else "", capfirst(label), str(sentence))
