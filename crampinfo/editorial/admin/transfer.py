"""Import and export pages of a list: what a file may hold, what it would do, and doing exactly that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from crampinfo.editorial.admin.base import HouseAdmin
from crampinfo.editorial.transfer import files, run
from crampinfo.editorial.transfer.run import Outcome, Report
from crampinfo.editorial.transfer.sheet import Allowed, Sheet

_SALT = "crampinfo.transfer"
_KEPT = 24 * 60 * 60  # seconds in which what was looked at may be confirmed
SHOWN = 200  # rows and problems a page prints
_WRITERS = {"csv": (files.write_csv, "text/csv; charset=utf-8"), "json": (files.write_json, "application/json")}


class FileForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.json,text/csv,application/json"}),
        help_text=gettext_lazy("CSV (UTF-8) or JSON, up to 2 MB. You see what it would do first."),
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody looked at: whose it is, for which list, the file, and the mark of what it would do."""

    user: int
    model: str
    name: str
    text: str
    fingerprint: str

    def sealed(self) -> str:
        """For the form that confirms it: nothing waits on the server, and nobody can change it on its way."""
        data = {field: getattr(self, field) for field in self.__slots__}
        return signing.dumps(data, salt=_SALT, compress=True)

    @classmethod
    def opened(cls, sealed: str) -> Seen | None:
        """None where the seal is broken or too old."""
        try:
            return cls(**signing.loads(sealed, salt=_SALT, max_age=_KEPT))
        except (signing.BadSignature, TypeError):
            return None


class TransferAdmin(HouseAdmin):
    """For lists that go out and come in as tables. Who may see a row may export it; who may change it may import it."""

    change_list_template = "admin/transfer/change_list.html"
    sheet: type[Sheet]

    def for_export(self, rows: Any) -> Any:
        """With what the sheet's cells read of other tables."""
        return rows

    def get_urls(self) -> list[Any]:
        """Two pages."""
        guard, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("import/", guard(self.import_view), name=f"{name}_import"),
            path("export/", guard(require_safe(self.export_view)), name=f"{name}_export"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """With the two links."""
        links = {"may_import": self.has_import_permission(request), "may_export": self.has_view_permission(request)}
        return super().changelist_view(request, {**links, **(extra_context or {})})

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whether any row could be imported; each row is asked for again."""
        return self.has_add_permission(request) or self.has_change_permission(request)

    def _sheet(self, request: HttpRequest) -> Sheet:
        user: Any = request.user
        return self.sheet(
            Allowed(
                add=self.has_add_permission(request),
                change=lambda row: self.has_change_permission(request, row),
                holds=user.has_perm,
            )
        )

    # --- out ------------------------------------------------------------------------------------------------------

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The rows of the list as it is filtered; with a format, the file itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form, empty = request.GET.get("_format", ""), "_empty" in request.GET
        rows = self._listed(request)
        sheet = self._sheet(request)
        if form in _WRITERS:
            return self._file(form, sheet, () if empty else self.for_export(rows).iterator(chunk_size=500))
        context = {
            "title": _("Export"),
            "number": rows.count(),
            "filtered": request.GET.urlencode(),
            "columns": [(name, column) for name, column in sheet.fields.items()],
        }
        return self._page(request, "admin/transfer/export.html", context)

    def _listed(self, request: HttpRequest) -> Any:
        """The rows of the list with the same search and filters."""
        asked = request.GET.copy()
        for name in ("_format", "_empty", "p", "all"):
            asked.pop(name, None)
        request.GET = asked  # type: ignore[assignment]  # the list refuses parameters it does not know
        return self.get_changelist_instance(request).get_queryset(request)

    def _file(self, form: str, sheet: Sheet, rows: Iterable[Any]) -> HttpResponse:
        write, kind = _WRITERS[form]
        body = write(list(sheet.fields), ([*sheet.cells(row).values()] for row in rows))
        answer = HttpResponse(body, content_type=kind)
        name = f"{slugify(str(self.opts.verbose_name_plural))}-{timezone.localdate().isoformat()}.{form}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "no-store"
        return answer

    # --- in -------------------------------------------------------------------------------------------------------

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Choose a file; see what it would do; let it."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        if "seen" in request.POST:
            return self._confirmed(request)
        form = FileForm(request.POST or None, request.FILES or None)
        if request.method != "POST" or not form.is_valid():
            return self._asking(request, form)
        upload = form.cleaned_data["file"]
        raw = upload.read(files.MAX_BYTES + 1)
        sheet = self._sheet(request)
        try:
            report = run.preview(sheet, files.read(raw, upload.name))
        except files.Unreadable as error:
            return self._asking(request, form, Report([run.unexpected(error)]), upload.name)
        if report.problems:
            return self._asking(request, form, report, upload.name)
        return self._shown(request, sheet, report, upload.name, raw.decode("utf-8-sig"))

    def _confirmed(self, request: HttpRequest) -> HttpResponse:
        """What was looked at, if it still does the same."""
        seen = Seen.opened(request.POST["seen"])
        mine = seen is not None and (seen.user, seen.model) == (request.user.pk, self.opts.label_lower)
        if seen is None or not mine:
            messages.error(request, _("This preview is too old or not yours: choose the file again."))
            return HttpResponseRedirect(request.path)
        sheet = self._sheet(request)
        table = files.read(seen.text.encode(), seen.name)
        report = run.apply(sheet, table, seen.fingerprint, lambda outcome: self._log(request, outcome, seen.name))
        if report.problems:
            return self._asking(request, FileForm(), report, seen.name)
        if report.fingerprint != seen.fingerprint:
            messages.warning(request, _("Something was changed here since you looked. This is what the file does now."))
            return self._shown(request, self._sheet(request), report, seen.name, seen.text)
        messages.success(request, self._done(report))
        return HttpResponseRedirect(self._address("changelist"))

    def _log(self, request: HttpRequest, outcome: Outcome, name: str) -> None:
        """As a save in the form does."""
        cells = ", ".join(change.column for change in outcome.changes)
        message = _("Imported from %(file)s: %(cells)s") % {"file": name[:80], "cells": cells}
        log: Any = self.log_addition if outcome.kind == run.NEW else self.log_change
        log(request, outcome.instance, message)

    def _done(self, report: Report) -> str:
        parts = (
            (run.NEW, ngettext("%(n)d new", "%(n)d new", report.count(run.NEW))),
            (run.CHANGED, ngettext("%(n)d changed", "%(n)d changed", report.count(run.CHANGED))),
            (run.SAME, ngettext("%(n)d as before", "%(n)d as before", report.count(run.SAME))),
        )
        return _("Imported: %(counts)s.") % {
            "counts": ", ".join(words % {"n": report.count(kind)} for kind, words in parts if report.count(kind))
        }

    # --- pages ----------------------------------------------------------------------------------------------------

    def _asking(
        self, request: HttpRequest, form: FileForm, report: Report | None = None, name: str = ""
    ) -> HttpResponse:
        """The file field, with what was wrong with the last one."""
        sheet = self._sheet(request)
        context = {
            "title": _("Import"),
            "form": form,
            "file_name": name,
            "line_word": _line_word(name),
            "report": report,
            "problems": report.problems[:SHOWN] if report else (),
            "more_problems": max(0, len(report.problems) - SHOWN) if report else 0,
            "most": sheet.most,
            "columns": [(column, name, name in sheet.keys) for name, column in sheet.fields.items()],
        }
        return self._page(request, "admin/transfer/import.html", context)

    def _shown(self, request: HttpRequest, sheet: Sheet, report: Report, name: str, text: str) -> HttpResponse:
        """What the file would do."""
        changing = [outcome for outcome in report.outcomes if outcome.kind != run.SAME]
        seen = Seen(int(request.user.pk or 0), self.opts.label_lower, name, text, report.fingerprint)
        context = {
            "title": _("What the file would do"),
            "file_name": name,
            "line_word": _line_word(name),
            "outcomes": changing[:SHOWN],
            "more": max(0, len(changing) - SHOWN),
            "new": report.count(run.NEW),
            "changed": report.count(run.CHANGED),
            "same": report.count(run.SAME),
            "seen": seen.sealed() if changing else "",
        }
        return self._page(request, "admin/transfer/preview.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        request.current_app = self.admin_site.name
        more = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media, **context}
        return TemplateResponse(request, template, more)

    def _address(self, page: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}")


def _line_word(name: str) -> str:
    return _("Row") if name.lower().endswith(".json") else _("Line")
