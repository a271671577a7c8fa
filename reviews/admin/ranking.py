"""The admin of lists: what is in them, what was considered and left out, how payment is kept out or shown."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from crampinfo.editorial.admin import HouseInline, PublishableAdmin
from crampinfo.editorial.roles import may_publish
from reviews.models import Ranking, RankingEntry, RankingRejection

# What decides whether money reaches a list: for those who answer for what is public.
_MONEY = ("compensation", "slots")


class EntryInline(HouseInline):
    """The products. Their order is computed from the scores; nobody types a place."""

    model = RankingEntry
    fields = ("product", "added_on", "keeps")
    readonly_fields = ("keeps",)
    related = ("product", "product__brand")
    autocomplete_fields = ("product",)
    hints = {"added_on": gettext_lazy("Readers see since when it is in the list.")}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Added today, usually."""
        if db_field.name == "added_on":
            kwargs["initial"] = timezone.localdate
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("keeps its place in"))
    def keeps(self, entry: RankingEntry) -> str:
        """Rank robustness: the share of weightings."""
        return f"{entry.keeps_place * 100:.0f} %" if entry.keeps_place is not None else "–"


class RejectionInline(HouseInline):
    """What was looked at and left out, with the reason readers see."""

    model = RankingRejection
    related = ("product", "product__brand")
    autocomplete_fields = ("product",)


@admin.register(Ranking)
class RankingAdmin(PublishableAdmin):
    """Lists of reviewed products."""

    list_display = ("title", "compensation", "methodology", "topic", "state", "entry_count", "updated")
    list_filter = ("state", "compensation", "methodology", "topic", "language", "is_demo")
    search_fields = ("title", "slug", "summary", "dek")
    related = (
        "methodology", "methodology__current_version", "topic", "evidence", "evidence__topic", "author", "author__user",
        "medical_review__reviewer",
    )  # fmt: skip
    autocomplete_fields = ("methodology", "topic", "evidence", "author", "slots")
    prepopulated_fields = {"slug": ("title",)}
    prose_fields = ()
    short_texts = ("dek", "none_text")
    inlines = (EntryInline, RejectionInline)
    hints = {
        "compensation": gettext_lazy(
            "Isolated: no payment reaches order or score. Influenced: a declared advertisement."
        ),
        "slots": gettext_lazy("What can be sold beside this list, or in it when it is influenced."),
        "none_text": gettext_lazy("The first row of every list: what costs nothing, and what trials found."),
    }
    fieldsets = (
        (None, {"fields": (("title", "slug"), "short_title", "summary", "dek", ("author", "language"))}),
        (gettext_lazy("What it rests on"), {"fields": ("methodology", ("topic", "evidence"))}),
        (gettext_lazy("Money"), {"fields": _MONEY, "classes": ("money",)}),
        (
            gettext_lazy("“You may need none of these”"),
            {"fields": ("none_title", "none_text", "none_detail", "none_source", ("none_link", "none_link_text"))},
        ),
        (gettext_lazy("Dates"), {"fields": (("publish_at", "retire_at"), "is_demo"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With how many products it holds."""
        return super().get_queryset(request).annotate(held=Count("entries"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whether money reaches a list is decided by those who publish."""
        return super().get_readonly_fields(request, obj) if may_publish(request.user) else _MONEY

    def label_for(self, instance: Ranking) -> str:
        """The title and how payment stands to it."""
        return f"{instance.title} – {instance.get_compensation_display()}"

    @admin.display(description=gettext_lazy("products"), ordering="held")
    def entry_count(self, ranking: Any) -> int:
        """How many it holds."""
        return int(ranking.held)
