"""Pause and resume for many at once: offers and programmes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crampinfo.editorial.admin import HouseAdmin


class Pausing(HouseAdmin):
    """For rows that are shown, or pay, until they are paused. Each is saved by itself, and noted in its history."""

    actions = ("pause_selected", "resume_selected")

    @admin.action(description=gettext_lazy("Pause"), permissions=["change"])
    def pause_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Readers see it at once."""
        self._set_all(request, queryset.filter(is_paused=False), True, _("Paused."))

    @admin.action(description=gettext_lazy("Resume"), permissions=["change"])
    def resume_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """The other way."""
        self._set_all(request, queryset.filter(is_paused=True), False, _("Resumed."))

    def _set_all(self, request: HttpRequest, rows: QuerySet, paused: bool, word: str) -> None:
        done = 0
        for row in rows:
            if not self.has_change_permission(request, row):
                continue
            row.is_paused = paused
            if self._saved(request, row):
                self.log_change(request, row, word)
                done += 1
        words = ngettext("%(n)s row changed.", "%(n)s rows changed.", done)
        messages.success(request, words % {"n": done})

    def _saved(self, request: HttpRequest, row: Any) -> bool:
        try:
            row.save()
        except ValidationError as error:  # an old row that today's checks refuse says so, the others go on
            messages.error(request, format_html("{}: {}", row, " ".join(error.messages)))
            return False
        return True
