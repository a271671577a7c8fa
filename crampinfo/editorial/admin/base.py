"""What every admin page of the site shares: bounded queries, telling labels, the prose editor, append-only records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.contenttypes.forms import BaseGenericInlineFormSet
from django.db import models
from django.forms import BaseInlineFormSet, ModelForm
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest
from django.http.response import HttpResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from js_asset import Media

from crampinfo.editorial.admin.labels import HouseForm, KnownSelect, KnownSelectMultiple, Labels
from crampinfo.editorial.admin.meanwhile import Meanwhile
from crampinfo.editorial.admin.refusing import Refusing
from crampinfo.editorial.admin.seen import address_of
from crampinfo.editorial.admin.whereused import WhereUsed
from crampinfo.editorial.admin.widgets import BodyWidget


class Lines(forms.CharField):
    """Text of several lines. Browsers send each break as two characters, which would make an untouched text changed."""

    def to_python(self, value: Any) -> Any:
        """With the breaks as they are stored."""
        given = super().to_python(value)
        return given.replace("\r\n", "\n") if isinstance(given, str) else given


class Choosing:
    """Form fields as this site wants them, for pages and for the rows inside them."""

    related: tuple[str, ...] = ()  # foreign keys that lists, forms and rows read: one join instead of a query a row
    prose_fields: tuple[str, ...] = ()
    short_texts: tuple[str, ...] = ()  # text fields that hold a few lines
    labels: dict[str, Any] = {}  # plainer names than the model's, for the person at the form
    hints: dict[str, Any] = {}  # what an editor should know when filling in a field

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the related rows."""
        rows: models.QuerySet = super().get_queryset(request)  # type: ignore[misc]
        return rows.select_related(*self.related) if self.related else rows

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Autocompletes with our labels."""
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", KnownSelect(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Autocompletes with our labels."""
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", KnownSelectMultiple(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The prose editor for bodies, a few lines for short texts, and what we tell the person who fills it in."""
        if db_field.name in self.prose_fields:
            kwargs["widget"] = BodyWidget
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
        if isinstance(db_field, models.TextField):
            kwargs.setdefault("form_class", Lines)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is None:
            return None
        if db_field.name in self.short_texts:
            field.widget.attrs["rows"] = 4
        field.label = capfirst(str(self.labels.get(db_field.name, field.label)))
        field.help_text = self.hints.get(db_field.name, field.help_text)
        if isinstance(db_field, models.DateTimeField):
            zone = _("Time in %(zone)s.") % {"zone": timezone.get_current_timezone_name()}
            field.help_text = f"{field.help_text} {zone}".strip()
        _name(field, in_table=str(getattr(self, "template", "")).endswith("tabular.html"))
        return field


def _name(field: Any, *, in_table: bool) -> None:
    """Names for inputs that Django leaves without a label of their own: those in tables, and the halves of a moment."""
    label = capfirst(str(field.label))
    widget = getattr(field.widget, "widget", field.widget)
    if isinstance(widget, AdminSplitDateTime):
        for part, words in zip(widget.widgets, (_("date"), _("time")), strict=True):
            part.attrs["aria-label"] = f"{label}, {words}"
    elif in_table:
        widget.attrs["aria-label"] = label


class HouseAdmin(WhereUsed, Choosing, Labels, Refusing, Meanwhile):
    """The base of every ModelAdmin here."""

    form: type[ModelForm] = HouseForm
    list_per_page = 50
    show_full_result_count = False
    empty_value_display = "–"

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Where readers see it, on its own page or on another's; nothing while they don't."""
        return address_of(obj) if obj is not None else None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The editor's import map is the only inline script of the admin: it carries the response's nonce."""
        context["media"] = Media.from_media(context["media"], nonce=getattr(request, "csp_nonce", ""))
        return super().render_change_form(request, context, *args, **kwargs)


class ValuesFilter(admin.AllValuesFieldListFilter):
    """Every value that occurs; the empty one has a name too."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """A link without words can't be read aloud."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("none")}


class _NamedDelete:
    """The box that deletes a row says so to a screen reader; the table's heading is not its label."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """See the class."""
        super().add_fields(form, index)  # type: ignore[misc]
        if DELETION_FIELD_NAME in form.fields:
            form.fields[DELETION_FIELD_NAME].widget.attrs["aria-label"] = _("Delete this row")


class HouseFormSet(_NamedDelete, BaseInlineFormSet):
    """Rows of a parent."""


class HouseGenericFormSet(_NamedDelete, BaseGenericInlineFormSet):
    """Rows of anything."""


LENT = "_crampinfo_lent"  # where a request keeps the kinds of rows that somebody else wrote into a draft of changes


class Lent:
    """Rows of a draft of changes are shown and published as they were written, also by who may not write them."""

    model: Any

    def _is_lent(self, request: HttpRequest) -> bool:
        return self.model in getattr(request, LENT, ())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See the class."""
        return self._is_lent(request) or super().has_add_permission(request, obj)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See the class."""
        return self._is_lent(request) or super().has_change_permission(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See the class."""
        return self._is_lent(request) or super().has_delete_permission(request, obj)  # type: ignore[misc]


class HouseInline(Lent, Choosing, admin.TabularInline):
    """Rows inside a page, a line each. No empty rows wait: the link below adds one."""

    form: type[ModelForm] = HouseForm
    formset = HouseFormSet
    extra = 0


class HouseStack(Lent, Choosing, admin.StackedInline):
    """Rows inside a page that need more than a line each."""

    form: type[ModelForm] = HouseForm
    extra = 0


class AppendOnly:
    """For what is added and never changed: scores, prices, disclosures."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody, the operator neither."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody, the operator neither."""
        return False


class ReadOnly(AppendOnly):
    """For what the system writes: the ledger, revisions, clicks."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody, the operator neither."""
        return False
