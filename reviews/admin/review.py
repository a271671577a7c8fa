"""The admin of reviews: the text, the grid of scores, tests, badges and sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial.admin import CitationInline, HouseInline, PublishableAdmin, Use
from crampinfo.editorial.models import State
from reviews import scoring
from reviews.admin.scores import ScoreInline, grid, unscored
from reviews.models import Badge, Review, Score, TestRecord


class TestRecordInline(HouseInline):
    """That somebody really tried it. Without one, no text may say so."""

    __test__ = False

    model = TestRecord
    related = ("tester",)
    autocomplete_fields = ("tester",)


class BadgeInline(HouseInline):
    """Short distinctions, each against at least three other products."""

    model = Badge
    autocomplete_fields = ("compared",)


class Due(admin.SimpleListFilter):
    """Live reviews that nobody has touched for a year."""

    title = gettext_lazy("due again")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """One choice."""
        return (("yes", gettext_lazy("last changed over 12 months ago")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """See overdue()."""
        return overdue(queryset) if self.value() == "yes" else queryset


DUE_AFTER = timedelta(days=365)
"""A review whose content has not changed for so long is due again."""


def overdue(reviews: Any) -> Any:
    """Published reviews that are due again."""
    return reviews.published().filter(content_changed_at__lt=timezone.now() - DUE_AFTER)


@admin.register(Review)
class ReviewAdmin(PublishableAdmin):
    """Judgement of one product."""

    list_display = (
        "product",
        "editorial_score",
        "verdict",
        "state",
        "author",
        "first_published_at",
        "updated",
    )
    list_filter = (Due, "state", "product__category", "methodology", "acquisition", "author", "language", "is_demo")
    search_fields = ("product__name", "product__brand__name", "verdict", "body", "author__name")
    date_hierarchy = "first_published_at"
    related = (
        "product", "product__brand", "author", "author__user", "methodology", "methodology__current_version",
        "medical_review__reviewer", "evidence", "evidence__topic",
    )  # fmt: skip
    label_related = ("product", "product__brand")
    autocomplete_fields = ("product", "author", "methodology", "evidence", "alternatives")
    short_texts = ("dek", "pros", "cons", "not_for")
    inlines = (ScoreInline, CitationInline, TestRecordInline, BadgeInline)
    readonly_fields = ("scores_so_far",)
    hints = {
        "verdict": gettext_lazy("One line of at most 140 characters. It stands in every list."),
        "cons": gettext_lazy("One point a line. Every product has a drawback."),
        "not_for": gettext_lazy("One group a line. For supplements: kidney disease, medicines."),
        "acquisition": gettext_lazy("Printed on the page in these words."),
        "methodology": gettext_lazy("Save once, and a row waits below for each of its criteria."),
    }
    fieldsets = (
        (None, {"fields": (("product", "author"), ("methodology", "language"), "verdict", "summary", "dek")}),
        (gettext_lazy("Scores"), {"fields": ("scores_so_far",)}),
        (gettext_lazy("Text"), {"fields": ("evidence", "body")}),
        (gettext_lazy("For and against"), {"fields": ("pros", "cons", "not_for", "alternatives")}),
        (gettext_lazy("How we came by it"), {"fields": (("acquisition", "acquisition_note"), "maker_text")}),
        (gettext_lazy("Dates"), {"fields": (("publish_at", "retire_at"), "is_demo"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what the score is computed from, for the whole list."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        if match is None or not str(match.url_name).endswith("changelist"):
            return rows
        newest = Prefetch("scores", Score.objects.current().select_related("criterion"), to_attr="newest_scores")
        return rows.prefetch_related(newest, "methodology__current_version__weights__criterion")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """With what the grid, the waiting rows and the score read, each fetched once."""
        review = super().get_object(request, object_id, from_field)
        if review is not None:
            prefetch_related_objects([review], "methodology__criteria", "methodology__current_version__weights")
        return review

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """The waiting rows know their criterion."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, ScoreInline) and obj is not None and obj.pk:
            given["initial"] = [{"criterion": key} for key in unscored(request, obj)]
        return given

    def also(self, request: HttpRequest, instance: Review) -> Sequence[Use]:
        """A live review is scored on a page of its own, which asks the gate."""
        before = super().also(request, instance)
        if instance.state != State.PUBLISHED or not request.user.has_perm("reviews.add_score"):
            return before
        address = f"{reverse('admin:reviews_score_add')}?review={instance.pk}"
        return [*before, Use(_("Score"), _("Add a new score"), address)]

    def label_for(self, instance: Review) -> str:
        """The product, its brand and where the review stands."""
        return f"{instance.product} – {instance.product.brand}, {instance.get_state_display()}"

    @admin.display(description=gettext_lazy("so far"))
    def scores_so_far(self, review: Review) -> SafeString | str:
        """The grid."""
        return grid(review) if not review._state.adding else _("Save the draft first: then its criteria wait below.")

    @admin.display(description=gettext_lazy("score"))
    def editorial_score(self, review: Any) -> SafeString | str:
        """What its current scores make with the current weights, or how many are missing."""
        version = review.methodology.current_version
        weights = {row.criterion.slug: row.value for row in version.weights.all()} if version is not None else {}
        values = {score.criterion.slug: score.value for score in review.newest_scores}
        missing = [slug for slug in weights if slug not in values]
        if missing or not weights:
            return _("%(missing)s of %(all)s missing") % {"missing": len(missing), "all": len(weights)}
        return format_html("<b>{}</b>", scoring.editorial_score(values, weights))
