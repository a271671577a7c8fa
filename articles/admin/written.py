"""The admin of guides and questions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from articles.models import Article, FaqEntry, Question, Written
from crampinfo.editorial.admin import CitationInline, HouseStack, PublishableAdmin
from crampinfo.editorial.models import MedicalReview, State


class FaqInline(HouseStack):
    """Short questions at the end of a guide. The answer of an entry that needs a page of its own is a Question."""

    model = FaqEntry
    fields = (("position", "question"), "answer")
    short_texts = ("answer",)
    classes = ("sortable",)


def unread(texts: Any) -> Any:
    """Sensitive or urgent texts whose words, or evidence box, nobody qualified has read as they stand."""
    touchy = Q(topic__sensitive=True) | Q(urgent=True)
    return texts.exclude(state=State.RETIRED).filter(touchy).exclude(MedicalReview.counting())


class Unread(admin.SimpleListFilter):
    """What waits for somebody qualified."""

    title = gettext_lazy("medical review")
    parameter_name = "medical"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """One choice."""
        return (("missing", gettext_lazy("missing or void, on a sensitive topic")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """See unread()."""
        return unread(queryset) if self.value() == "missing" else queryset


class WrittenAdmin(PublishableAdmin):
    """What guides and questions share."""

    list_display = ("title", "state", "topic", "author", "language", "updated")
    list_filter = ("state", "topic", "author", "language", Unread, "urgent", "is_demo")
    search_fields = ("title", "slug", "summary", "key_answer", "body", "author__name")
    date_hierarchy = "first_published_at"
    related = (
        "author", "author__user", "topic", "evidence", "evidence__topic", "button_slot", "translation_of", "picture",
        "medical_review__reviewer",
    )  # fmt: skip
    autocomplete_fields = (
        "author",
        "topic",
        "topics",
        "products",
        "evidence",
        "button_slot",
        "translation_of",
        "picture",
    )
    prepopulated_fields = {"slug": ("title",)}
    short_texts = ("key_answer", "red_flags_emergency", "red_flags_today")
    hints = {
        "title": gettext_lazy("At most 120 characters; what a tired person would type."),
        "slug": gettext_lazy("The page's address. When you change it later, the old one leads to the new one."),
        "key_answer": gettext_lazy("2 to 4 sentences for a reader who reads nothing else. Cite with [@slug]."),
        "body": gettext_lazy(
            "Headings 2 to 4. Cite after a sentence's full stop: [@slug]. Links to shops become offers."
        ),
        "red_flags_emergency": gettext_lazy("One sign a line."),
        "red_flags_today": gettext_lazy("One sign a line."),
        "button_slot": gettext_lazy("Where one labelled ad may stand. Never on urgent pages or sensitive topics."),
        "translation_of": gettext_lazy("The page in the other language that says the same."),
    }
    fieldsets = (
        (None, {"fields": ("title", ("slug", "short_title", "language"), "summary", ("author", "topic"))}),
        (gettext_lazy("The answer first"), {"fields": ("key_answer",)}),
        (gettext_lazy("Text"), {"fields": ("body",)}),
        (gettext_lazy("When to get help"), {"fields": ("urgent", ("red_flags_emergency", "red_flags_today"))}),
        (gettext_lazy("Around it"), {"fields": ("evidence", "picture", "topics", "products", "translation_of")}),
        (gettext_lazy("Money"), {"fields": ("button_slot",), "classes": ("money",)}),
        (gettext_lazy("Dates"), {"fields": (("publish_at", "retire_at"), "is_demo"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Lists don't load whole texts."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        listing = match is not None and str(match.url_name).endswith("changelist")
        return rows.defer("body", "contents", "key_answer") if listing else rows

    def label_for(self, instance: Written) -> str:
        """The title, its language and where it stands."""
        return f"{instance.title} ({instance.language}, {instance.get_state_display()})"


@admin.register(Article)
class ArticleAdmin(WrittenAdmin):
    """Guides."""

    inlines = (CitationInline, FaqInline)


@admin.register(Question)
class QuestionAdmin(WrittenAdmin):
    """Questions with a short answer and a long one."""

    inlines = (CitationInline,)
    labels = {
        "title": gettext_lazy("question"),
        "key_answer": gettext_lazy("short answer"),
        "body": gettext_lazy("long answer"),
    }
