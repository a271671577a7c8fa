"""Beside the form: notes of colleagues on its fields, with replies, until they are resolved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crampinfo.editorial import notes
from crampinfo.editorial.admin.laying import Laying
from crampinfo.editorial.admin.panel import Use
from crampinfo.editorial.models import FieldNote, Publishable


class Notes(Laying):
    """One part of PublishableAdmin: a page for all notes on one object. Whoever may read it may leave one."""

    def get_urls(self) -> list[Any]:
        """The page."""
        page = path("<path:object_id>/notes/", self.admin_site.admin_view(self.notes_view), name=self._route("notes"))
        return [page, *super().get_urls()]

    def also(self, request: HttpRequest, instance: Any) -> Sequence[Use]:
        """The way there, with how many are open."""
        before: Sequence[Use] = super().also(request, instance)  # type: ignore[misc]
        number = notes.open_of(instance).count()
        words = ngettext("%(n)s open note", "%(n)s open notes", number) % {"n": number} if number else _("Leave a note")
        return [*before, Use(_("Notes"), words, reverse(f"admin:{self._route('notes')}", args=[instance.pk]))]

    def notes_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """All notes, open ones first; leaving one, answering, resolving."""
        instance: Publishable | None = self.get_object(request, object_id)
        if instance is None:
            raise Http404
        if not self.has_view_permission(request, instance):
            raise PermissionDenied
        typed, errors = {"field": "", "text": "", "reply_to": ""}, []
        if request.method == "POST":
            typed |= {name: request.POST.get(name, "") for name in typed}
            try:
                self._notes_heard(request, instance, typed)
            except ValidationError as error:
                errors = error.messages
            else:
                return HttpResponseRedirect(request.path)
        rows = notes.of(instance).select_related("author", "resolved_by").prefetch_related("replies__author")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Notes: %(object)s") % {"object": instance},
            "original": instance,
            "opts": self.opts,
            "notes": [
                (note, self._notes_label(note.field), self._notes_closes(request, note))
                for note in sorted(rows, key=lambda note: bool(note.resolved_at))
            ],
            "fields": [(name, self._notes_label(name)) for name in self._notes_about()],
            "typed": typed,
            "errors": errors,
            "longest": notes.LONGEST,
        }
        return TemplateResponse(request, "admin/publishable/notes.html", context)

    def _notes_heard(self, request: HttpRequest, instance: Publishable, typed: dict[str, str]) -> None:
        user: Any = request.user
        if "resolve" in request.POST:
            note = self._notes_one(instance, request.POST["resolve"])
            if not self._notes_closes(request, note):
                raise PermissionDenied
            if notes.resolve(note, user):
                messages.success(request, _("Resolved."))
            return
        if typed["field"] not in self._notes_about():
            raise ValidationError(_("Choose the field that the note is about, or the whole text."))
        before = self._notes_one(instance, typed["reply_to"]) if typed["reply_to"] else None
        notes.leave(instance, typed["field"], typed["text"], user, before)
        messages.success(request, _("Your note stands beside the text until somebody resolves it."))

    def _notes_closes(self, request: HttpRequest, note: FieldNote) -> bool:
        """An open note is asked about before publishing: whoever may change the text settles it, or who left it."""
        return self.has_change_permission(request) or note.author_id == request.user.pk

    def _notes_one(self, instance: Publishable, key: str) -> FieldNote:
        if not key.isdecimal() or len(key) > 18:
            raise Http404
        found: FieldNote = get_object_or_404(notes.of(instance), pk=int(key))
        return found

    def _notes_about(self) -> tuple[str, ...]:
        """What a note can be about: the whole, each field of the content, each kind of its rows."""
        return ("", *self.model.content_fields, *getattr(self.model, "content_children", {}))

    def _notes_label(self, name: str) -> str:
        if not name:
            return _("The whole text")
        try:
            field: Any = self.model._meta.get_field(name)
        except FieldDoesNotExist:
            return capfirst(name.replace("_", " "))
        own = getattr(field, "verbose_name", None)
        return capfirst(str(own if own is not None else field.related_model._meta.verbose_name_plural))
