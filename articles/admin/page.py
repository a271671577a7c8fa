"""The admin of the site's own pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from articles.models import PAGE_SLUGS, Page, PageStep
from crampinfo.editorial.admin import HouseStack, PublishableAdmin


class StepInline(HouseStack):
    """Numbered steps with their drawings; they are what "I have a cramp now" is made of."""

    model = PageStep
    fields = (("position", "title", "figure"), "text")
    classes = ("sortable",)


@admin.register(Page)
class PageAdmin(PublishableAdmin):
    """About, terms, privacy, contact, corrections, and "cramp now". Nothing commercial stands on them."""

    list_display = ("title", "slug", "language", "state", "updated")
    list_filter = ("state", "language", "is_demo")
    search_fields = ("title", "slug", "summary", "body")
    related = ("medical_review__reviewer",)
    short_texts = ("red_flags_emergency", "red_flags_today")
    inlines = (StepInline,)
    fieldsets = (
        (None, {"fields": (("title", "slug", "language"), "summary")}),
        (gettext_lazy("Text"), {"fields": ("body",)}),
        (gettext_lazy("When to get help"), {"fields": (("red_flags_emergency", "red_flags_today"),)}),
        (gettext_lazy("Dates"), {"fields": (("publish_at", "retire_at"), "is_demo"), "classes": ("collapse",)}),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The addresses the site routes, to choose from."""
        if db_field.name == "slug":
            kwargs["widget"] = forms.Select(choices=[("", "–"), *((slug, f"/{slug}/") for slug in PAGE_SLUGS)])
        return super().formfield_for_dbfield(db_field, request, **kwargs)
