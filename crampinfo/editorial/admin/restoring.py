"""History that one can go back to: any revision laid into the form, and any two compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crampinfo.editorial.admin import history, typed
from crampinfo.editorial.admin.copying import Part, Shown, default
from crampinfo.editorial.admin.laying import Laid, Laying, lay_on, mark
from crampinfo.editorial.admin.opened import Merged, Opened, Row, put, stored, write
from crampinfo.editorial.models import Revision


class Restoring(Laying):
    """One part of PublishableAdmin."""

    def get_urls(self) -> list[Any]:
        """One more: two revisions side by side."""
        view = self.admin_site.admin_view(self.compare_view)
        return [path("<path:object_id>/history/compare/", view, name=self._route("compare")), *super().get_urls()]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """With ?revision=3, the form as it was then. Nothing is saved before somebody saves it."""
        wished = request.GET.get("revision", "")
        if request.method != "GET" or object_id is None or not wished or not self.has_change_permission(request):
            return super().changeform_view(request, object_id, form_url, extra_context)
        revision = self._revisions(request, object_id, [wished])[0]
        method, post = request.method, request.POST
        self.fetch_once(request, object_id)
        form, pairs = self.as_opened(request, object_id)
        parts = self.open_parts(request, form.instance, pairs)
        formsets = [rows for rows, _inline in pairs]
        now = default(form, formsets)
        seen = Opened.of(form, [part.rows for part in parts if part.changes], self.stands(form.instance))
        copy = self.copy_of(request, form.instance.pk)
        shown = Shown.of(mark(copy) if copy is not None else "", now, form, [part.rows for part in parts])
        old, left_out = as_it_was(revision.data, form, formsets, parts)
        lay_on(request, Laid(None, Merged(old), seen.token(), shown.token()))
        said = _("This is revision %(number)s. Nothing is saved yet: look at it, then save it.")
        messages.info(request, said % {"number": revision.number})
        if left_out:
            told = _("Not taken back, because it is kept elsewhere or no longer exists: %(what)s.")
            messages.warning(request, told % {"what": ", ".join(left_out)})
        request.method, request.POST = "POST", old  # type: ignore[assignment]
        try:
            return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), "restored": True})
        finally:
            request.method, request.POST = method, post

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What differs from revision a to revision b."""
        first, second = self._revisions(request, object_id, [request.GET.get("a", ""), request.GET.get("b", "")])
        old, new = sorted((first, second), key=lambda one: one.number)
        names = history.Names(self.model, (old.data, new.data))
        context = {
            **self.admin_site.each_context(request),
            "title": _("From revision %(old)s to %(new)s") % {"old": old.number, "new": new.number},
            "opts": self.opts,
            "original": old.content,
            "old": old,
            "new": new,
            "differences": history.differences(self.model, old.data, new.data, names),
            "may_restore": self.has_change_permission(request),
        }
        return TemplateResponse(request, "admin/publishable/compare.html", context)

    def _revisions(self, request: HttpRequest, object_id: str, numbers: Sequence[str]) -> list[Revision]:
        """Revisions of this object by their numbers, in that order. 404 where there is none."""
        instance = self.get_object(request, unquote(object_id))
        if instance is None or not all(number.isascii() and number.isdecimal() for number in numbers):
            raise Http404
        if not self.has_view_or_change_permission(request, instance):
            raise PermissionDenied
        kind = ContentType.objects.get_for_model(self.model)
        rows = Revision.objects.filter(
            content_type=kind, object_id=instance.pk, number__in=[int(n[:9]) for n in numbers]
        )
        found = {row.number: row for row in rows.select_related("author")}
        try:
            return [found[int(number[:9])] for number in numbers]
        except KeyError as error:
            raise Http404 from error


def as_it_was(
    data: Mapping[str, Any], form: Any, formsets: Sequence[Any], parts: Iterable[Part]
) -> tuple[QueryDict, list[str]]:
    """A form filled from a snapshot, over what it holds now; and the names of what could not be taken back."""
    model: Any = type(form.instance)
    left_out = []
    fields = {bound.name: bound for bound in typed.editable(form)}
    open_rows = {part.rows.model: part.rows for part in parts if part.changes and part.adds and part.deletes}
    post = default(form, formsets)
    joined = dict.fromkeys(getattr(model, "content_joined", ()))  # a field that was not there yet was empty
    for key, value in {**joined, **data}.items():
        field = _field(model, key)
        if field is not None and field.one_to_many:
            rows = open_rows.get(field.related_model)
            if rows is not None:
                _rows_as_they_were(post, rows, value or [])
            elif value:
                left_out.append(capfirst(str(field.related_model._meta.verbose_name_plural)))
        elif field is not None and field.name in fields:
            try:
                put(post, typed.as_sent(fields[field.name], _python(field, value)))
            except ValidationError:  # a release made it another kind of field
                left_out.append(capfirst(str(field.verbose_name)))
        else:
            left_out.append(capfirst(str(getattr(field, "verbose_name", key.replace("_", " ")))))
    return post, sorted(left_out)


def _field(model: type[models.Model], key: str) -> Any:
    try:
        return model._meta.get_field(key)
    except FieldDoesNotExist:
        pass
    try:
        return model._meta.get_field(key.removesuffix("_id"))
    except FieldDoesNotExist:
        return None


def _python(field: Any, value: Any) -> Any:
    return value if value is None or field.is_relation else field.to_python(value)


def _rows_as_they_were(post: QueryDict, rows: Any, wanted: Sequence[Mapping[str, Any]]) -> None:
    """The rows of a snapshot in its order: those that are still there under their keys, the others as new ones."""
    now, blank = stored(rows), rows.empty_form
    start = len(blank.prefix) + 1
    cells = {bound.name: bound for bound in typed.cells(blank, rows)}
    taken: set[str] = set()
    kept, fresh = [], []
    for number, row in enumerate(wanted, 1):
        values: dict[str, list[str]] = {}
        for key, value in row.items():
            field = _field(rows.model, key)
            if field is not None and field.name in cells:
                sent = typed.as_sent(cells[field.name], _python(field, value))
                values |= {name[start:]: several for name, several in sent.items()}
        same = next((key for key, held in now.items() if key not in taken and values.items() <= held.items()), None)
        if "position" in cells and "position" not in values:
            values["position"] = [str(number)]
        if same is not None:
            taken.add(same)
            kept.append(Row(same, {**now[same], **values}))
        else:
            fresh.append(Row("", values))
    gone = [Row(key, held, deleted=True) for key, held in now.items() if key not in taken]
    write(post, rows, [*kept, *gone], fresh)
