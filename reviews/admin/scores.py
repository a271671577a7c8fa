"""Scores: added with their reason and evidence, shown as a grid, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial import revisions, workflow
from crampinfo.editorial.admin import AppendOnly, HouseAdmin, HouseStack
from crampinfo.editorial.admin.labels import HouseForm
from crampinfo.editorial.models import State
from crampinfo.editorial.roles import may_publish
from reviews import scoring
from reviews.models import Criterion, EvidenceKind, Review, Score

SCORES_LIVE = "reviews.score_live_review"
_FIELDS = (
    ("criterion", "value", "evidence"),
    "reason",
    ("evidence_note", "changed_because"),
    ("reference_price", "reference_currency", "reference_taken_on"),
    "reference_sources",
)


class SellersField(forms.CharField):
    """Who sold it for how much, a line each: "Shop; 12.90; programme" (the last word where we have a programme)."""

    widget = forms.Textarea(attrs={"rows": 2, "cols": 60})

    def prepare_value(self, value: Any) -> Any:
        """As it is typed."""
        if not isinstance(value, list):
            return value
        return "\n".join(
            "; ".join([row["seller"], str(row["amount"]), *(["programme"] if row.get("programme") else [])])
            for row in value
        )

    def clean(self, value: Any) -> Any:
        """As it is stored."""
        return [self._seller(line) for line in str(super().clean(value) or "").splitlines() if line.strip()]

    def _seller(self, line: str) -> dict[str, Any]:
        seller, _semicolon, rest = (part.strip() for part in line.partition(";"))
        amount, _semicolon, mark = (part.strip() for part in rest.partition(";"))
        try:
            number = Decimal(amount.replace(",", "."))
        except InvalidOperation:
            number = Decimal(0)
        if not seller or not number.is_finite() or number <= 0 or mark not in ("", "programme"):
            raise forms.ValidationError(
                _("“%(line)s”: write it as Shop; 12.90 or Shop; 12.90; programme.") % {"line": line}
            )
        return {"seller": seller, "amount": str(number), "programme": mark == "programme"}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Empty is empty, typed or stored."""
        return bool(initial) != bool(str(data or "").strip())


class ScoreForm(HouseForm):
    """One new score."""

    evidence = forms.MultipleChoiceField(
        label=gettext_lazy("It rests on"), choices=EvidenceKind.choices, widget=forms.CheckboxSelectMultiple
    )
    reference_sources = SellersField(
        label=gettext_lazy("Sellers"),
        required=False,
        help_text=gettext_lazy(
            "A line each: Shop; 12.90 (and ; programme where it pays us). Not only sellers that pay."
        ),
    )

    criteria: Sequence[Any] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.criteria is not None and "criterion" in self.fields:
            self.fields["criterion"].choices = self.criteria  # type: ignore[attr-defined]

    class Meta:
        model = Score
        exclude = ("review", "scored_at")
        widgets = {"reason": forms.Textarea(attrs={"rows": 2, "cols": 90})}


HINTS = {
    "value": gettext_lazy("0 to 10, one decimal."),
    "reason": gettext_lazy("Printed under the score, word for word."),
    "evidence_note": gettext_lazy("Which label, which report, which trial."),
    "changed_because": gettext_lazy("Only when this replaces an earlier score: readers see why it moved."),
    "reference_price": gettext_lazy("Only for a price criterion. It is frozen with the score."),
}


class ScoreInline(AppendOnly, HouseStack):
    """New scores: a prepared row for every criterion without one. The rows so far stand above, in the grid."""

    model = Score
    form = ScoreForm
    fields = _FIELDS
    hints = HINTS
    verbose_name = gettext_lazy("new score")
    verbose_name_plural = gettext_lazy("new scores")
    template = "admin/reviews/new_scores.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is stored is seen in the grid."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A live review is scored on the page of scores, unless its text may be changed too."""
        live = obj is not None and obj.state == State.PUBLISHED
        return super().has_add_permission(request, obj) and (may_publish(request.user) or not live)

    def get_queryset(self, request: HttpRequest) -> Any:
        """None: stored scores are no form."""
        return super().get_queryset(request).none()

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Criteria of this review's methodology, fetched once for all rows."""
        rows = list(obj.methodology.criteria.all()) if obj is not None else []
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.criteria = [("", "–"), *((row.pk, row.name) for row in rows)]
        formset.form.base_fields["criterion"].queryset = Criterion.objects.filter(pk__in=[row.pk for row in rows])
        return formset

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """A row for each criterion that nobody has scored."""
        return len(unscored(request, obj)) if obj is not None else 0

    def get_max_num(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int | None:
        """None before the methodology is chosen and saved."""
        return None if obj is not None else 0


def unscored(request: HttpRequest, review: Review) -> list[int]:
    """Criteria without a score, asked once a request."""
    known: dict[Any, list[int]] = request.__dict__.setdefault("_crampinfo_unscored", {})
    if review.pk not in known:
        scored = set(review.scores.order_by().values_list("criterion", flat=True).distinct())
        known[review.pk] = [row.pk for row in review.methodology.criteria.all() if row.pk not in scored]
    return known[review.pk]


@dataclass(frozen=True, slots=True)
class GridRow:
    """A criterion with its weight, its current score, and the ones before it."""

    criterion: Criterion
    weight: Decimal | None
    current: Score | None
    earlier: tuple[Score, ...]


def grid(review: Review) -> SafeString:
    """The scores so far with the arithmetic of the editorial score."""
    version = review.methodology.current_version
    weights = {row.criterion_id: row.value for row in version.weights.all()} if version is not None else {}
    scores: dict[int, list[Score]] = {}
    for score in review.scores.order_by("-scored_at", "-pk"):
        scores.setdefault(score.criterion_id, []).append(score)
    rows = [
        GridRow(criterion, weights.get(criterion.pk), mine[0] if mine else None, tuple(mine[1:]))
        for criterion in review.methodology.criteria.all()
        for mine in [scores.get(criterion.pk, [])]
    ]
    return render_to_string("admin/reviews/scores.html", {"rows": rows, "total": total(rows)})


def total(rows: Sequence[GridRow]) -> Decimal | None:
    """The editorial score, None while one is missing."""
    weighed = {row.criterion.slug: row.weight for row in rows if row.weight is not None}
    values = {row.criterion.slug: row.current.value for row in rows if row.current is not None}
    try:
        return scoring.editorial_score(values, weighed)
    except (scoring.MissingScore, scoring.InvalidWeights):
        return None


@admin.register(Score)
class ScoreAdmin(AppendOnly, HouseAdmin):
    """Every score ever given. A new one counts at once, also on a live review: the gate is asked first."""

    form = ScoreForm
    list_display = ("review", "criterion", "value", "reason", "scored_at", "changed_because")
    list_filter = ("criterion__methodology", "criterion", "review__product__category")
    search_fields = ("review__product__name", "reason", "criterion__name")
    date_hierarchy = "scored_at"
    related = ("review", "review__product", "criterion")
    autocomplete_fields = ("review",)
    fields = ("review", *_FIELDS)
    hints = HINTS

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """With the review, which the rows inside a review don't ask for."""
        return super().get_form(request, obj, change, exclude=("scored_at",), **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The criteria of the review's methodology; of all, each with its methodology, while no review is chosen."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name != "criterion":
            return field
        key = request.POST.get("review") or request.GET.get("review", "")
        rows = Criterion.objects.select_related("methodology").order_by("methodology__title", "position")
        if key.isdecimal():
            field.queryset = rows.filter(methodology__reviews=int(key))
            field.label_from_instance = lambda criterion: criterion.name
        else:
            field.queryset = rows
            field.label_from_instance = lambda criterion: f"{criterion.methodology}: {criterion.name}"
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """With a revision; on a live review through the gate."""
        by: Any = request.user
        review: Review = obj.review
        words = _("Scored %(criterion)s %(value)s") % {"criterion": obj.criterion, "value": obj.value}
        if review.state != State.PUBLISHED:
            obj.save()
            review.content_hash = revisions.content_hash(review)
            review.save(update_fields=["content_hash", "saved_at"])
            revisions.record(review, summary=words, author=by)
            return
        if not (by.has_perm(SCORES_LIVE) or may_publish(by)):
            raise PermissionDenied
        with workflow.editing(review):
            obj.save()
            workflow.publish(review, by=by, summary=words)
