"""Texts of the law, and what the system itself writes down: disclosures, claims, the ledger, revisions."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.admin.base import AppendOnly, HouseAdmin, ReadOnly, ValuesFilter
from crampinfo.editorial.models import Acknowledgement, AuthorisedClaim, Disclosure, LedgerEntry, Revision


@admin.register(Disclosure)
class DisclosureAdmin(AppendOnly, HouseAdmin):
    """A change is a new version: what stood there before stays on record."""

    list_display = ("kind", "language", "version", "text", "created_at")
    list_filter = ("kind", "language")
    search_fields = ("text",)
    fields = ("kind", "language", "text")
    hints = {"text": _("At most 60 plain words. It replaces the version before it on every page at once.")}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The number is given when it is saved."""
        return ("kind", "language", "version", "text", "created_at") if obj else ("kind", "language", "text")

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """The next number of its kind and language."""
        last = Disclosure.objects.current(obj.kind, obj.language).first()
        obj.version = last.version + 1 if last is not None else 1
        super().save_model(request, obj, form, change)


@admin.register(AuthorisedClaim)
class AuthorisedClaimAdmin(HouseAdmin):
    """Health claims a market allows, in their exact words. None of them speaks of cramps."""

    list_display = ("wording", "market", "language", "nutrient", "min_mg_per_day")
    list_filter = ("market", "language", "nutrient")
    search_fields = ("wording", "source")
    hints = {
        "wording": _("Word for word from the register."),
        "min_mg_per_day": _("The claim may only stand beside a product whose daily portion holds at least this much."),
    }


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly, HouseAdmin):
    """What moved a score or a place, and what went public: written by the system, never changed."""

    list_display = ("number", "at", "kind", "subject", "role", "reason")
    list_filter = (("kind", ValuesFilter), ("role", ValuesFilter))
    search_fields = ("subject", "reason", "kind")
    date_hierarchy = "at"
    fields = ("number", "at", "recorded", "kind", "subject", "facts", "role", "reason", "previous", "hash")
    readonly_fields = ("facts",)
    ordering = ("-number",)

    @admin.display(description=_("facts"))
    def facts(self, entry: LedgerEntry) -> SafeString:
        """The numbers and words, a line each."""
        return _printed(entry.payload)


@admin.register(Revision)
class RevisionAdmin(ReadOnly, HouseAdmin):
    """Every save of everything publishable. The readable differences stand on each object's history page."""

    list_display = ("created_at", "content_type", "object_id", "number", "summary", "author")
    list_filter = ("content_type",)
    search_fields = ("summary", "author__username")
    date_hierarchy = "created_at"
    related = ("content_type", "author")
    fields = ("content_type", "object_id", "number", "summary", "author", "created_at", "content_hash", "snapshot")
    readonly_fields = ("snapshot",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """The list needs no snapshot."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        return rows.defer("data", "gate_report") if match and str(match.url_name).endswith("changelist") else rows

    @admin.display(description=_("as it stood"))
    def snapshot(self, revision: Revision) -> SafeString:
        """The data as they were kept."""
        return _printed(revision.data)


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ReadOnly, HouseAdmin):
    """Why a finding of the gate was let pass, and by whom. They are written beside the finding, on the text's form."""

    list_display = ("created_at", "content_type", "object_id", "code", "words", "reason", "name", "role")
    list_filter = ("severity", ("role", ValuesFilter), ("code", ValuesFilter))
    search_fields = ("words", "reason", "name")
    date_hierarchy = "created_at"
    related = ("content_type", "by")
    fields = ("content_type", "object_id", "code", "place", "words", "severity", "reason", "name", "role", "created_at")


def _printed(data: Any) -> SafeString:
    return format_html("<pre class='data'>{}</pre>", json.dumps(data, indent=2, ensure_ascii=False))
