"""Addresses that moved, and those that are gone for good: most are written by the site, some by a publisher."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.redirects.models import Redirect
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial import redirects
from crampinfo.editorial.admin import HouseAdmin
from crampinfo.editorial.admin.labels import HouseForm


def own_path(text: str) -> str:
    """An address of this site as its path, decoded, whether it was typed as a path or copied whole."""
    parts = urlsplit(text.strip())
    if parts.netloc and f"{parts.scheme}://{parts.netloc}" != settings.SITE_URL:
        raise ValidationError(_("Only addresses of this site: begin with a slash, such as /guides/stretching/."))
    path = unquote(parts.path)
    if not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(ch) < 32 for ch in path):
        raise ValidationError(_("Begin with a slash, such as /guides/stretching/."))
    if parts.query or parts.fragment:
        raise ValidationError(_("Give the path alone: what follows a question mark is handed on by itself."))
    return path


class RedirectForm(HouseForm):
    """Two paths; circles are refused."""

    def clean_old_path(self) -> str:
        """As readers' requests are compared with it."""
        return own_path(self.cleaned_data["old_path"])

    def clean_new_path(self) -> str:
        """Empty: gone for good."""
        new = self.cleaned_data["new_path"]
        return own_path(new) if new else ""

    def clean(self) -> dict[str, Any]:
        """Nobody is led in a circle."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "old_path" in data and "new_path" in data:
            taken = Redirect.objects.filter(site_id=settings.SITE_ID, old_path=data["old_path"])
            if taken.exclude(pk=self.instance.pk).exists():
                raise ValidationError({"old_path": _("This address is led somewhere already: change that redirect.")})
            redirects.refuse_circle(data["old_path"], data["new_path"], self.instance.pk)
        return data


class Where(admin.SimpleListFilter):
    """Moved, or gone."""

    title = gettext_lazy("leads")
    parameter_name = "leads"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Two."""
        return (("on", gettext_lazy("to another address")), ("gone", gettext_lazy("nowhere: gone for good")))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """An empty new path is gone."""
        chosen = self.value()
        if chosen == "gone":
            return queryset.filter(new_path="")
        return queryset.exclude(new_path="") if chosen == "on" else queryset


@admin.register(Redirect)
class RedirectAdmin(HouseAdmin):
    """Addresses that moved. Changing a slug leaves one by itself; a page that stands at an address always wins."""

    form: type[ModelForm] = RedirectForm
    list_display = ("old_path", "leads_to")
    list_filter = (Where,)
    search_fields = ("old_path", "new_path")
    fields = ("old_path", "new_path")
    hints = {
        "old_path": gettext_lazy("The address that no longer answers, such as /guides/old/."),
        "new_path": gettext_lazy("Where its readers find it now. Empty: gone for good (410)."),
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Room for a path."""
        if db_field.name in ("old_path", "new_path"):
            kwargs["widget"] = forms.TextInput(attrs={"class": "vTextField", "spellcheck": "false"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """In one step: what led to the old address leads on to the new one."""
        obj.site_id = settings.SITE_ID
        super().save_model(request, obj, form, change)
        redirects.shorten(obj.old_path, obj.new_path)

    @admin.display(description=gettext_lazy("leads to"), ordering="new_path")
    def leads_to(self, row: Redirect) -> str:
        """The new address."""
        return row.new_path or _("nowhere: gone for good")
