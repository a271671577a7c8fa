"""Ways of scoring: criteria, and versions with their weights, which freeze when they come into force."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Max
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial.admin import AppendOnly, HouseAdmin, HouseInline
from reviews import impact, scoring, weighing
from reviews.models import Criterion, Methodology, MethodologyVersion, Ranking, Weight


class CriterionInline(HouseInline):
    """What is scored, in the order readers see."""

    model = Criterion
    fields = ("position", "name", "slug", "description", "is_price", "preset")
    prepopulated_fields = {"slug": ("name",)}
    short_texts = ("description",)
    classes = ("sortable",)


class VersionInline(AppendOnly, HouseInline):
    """The versions, newest first; each has its weights on a page of its own."""

    model = MethodologyVersion
    fields = ("number", "effective_from", "margin", "tie_breaker", "frozen_at", "changes")
    readonly_fields = fields
    related = ("tie_breaker", "methodology")
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """On a page of its own."""
        return False


@admin.register(Methodology)
class MethodologyAdmin(HouseAdmin):
    """A way of scoring one kind of product."""

    change_form_template = "admin/reviews/methodology_form.html"
    list_display = ("title", "current_version", "criterion_count", "review_count", "slug")
    list_filter = (("current_version", admin.EmptyFieldListFilter),)
    search_fields = ("title", "slug", "description")
    related = ("current_version", "current_version__methodology")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("current_version",)
    short_texts = ("description",)
    inlines = (CriterionInline, VersionInline)
    fields = (("title", "slug"), "description", "current_version")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what depends on it."""
        counts = {"scored": Count("criteria", distinct=True), "reviewed": Count("reviews", distinct=True)}
        return super().get_queryset(request).annotate(**counts)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Explained for a list that readers see."""
        return _explained(obj.pk) if obj is not None else None

    @admin.display(description=gettext_lazy("criteria"), ordering="scored")
    def criterion_count(self, methodology: Any) -> int:
        """How many."""
        return int(methodology.scored)

    @admin.display(description=gettext_lazy("reviews"), ordering="reviewed")
    def review_count(self, methodology: Any) -> int:
        """How many reviews are scored by it."""
        return int(methodology.reviewed)


@admin.register(Criterion)
class CriterionAdmin(HouseAdmin):
    """Only for choosing one: criteria are written with their methodology."""

    list_display = ("name", "methodology", "is_price", "position")
    list_filter = ("methodology", "is_price")
    search_fields = ("name", "slug", "methodology__title")
    related = ("methodology",)
    label_related = ("methodology",)
    autocomplete_fields = ("methodology",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Not in the menu."""
        return False

    def label_for(self, instance: Criterion) -> str:
        """The methodology and the criterion."""
        return f"{instance.methodology}: {instance.name}"


class WeightInline(HouseInline):
    """How much each criterion counts."""

    model = Weight
    related = ("criterion", "criterion__methodology", "version")
    fields = ("criterion", "value")
    autocomplete_fields = ("criterion",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not once it is frozen."""
        return _open(obj) and super().has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not once it is frozen."""
        return _open(obj) and super().has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not once it is frozen."""
        return _open(obj) and super().has_delete_permission(request, obj)

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """A new version begins with a row for every criterion."""
        return len(_before(request)) if obj is None else 0


def _explained(methodology: int) -> str | None:
    """Where readers find the criteria and weights of a methodology."""
    slug = Ranking.objects.published().filter(methodology=methodology).values_list("slug", flat=True).first()
    return reverse("methodology", args=[slug]) if slug is not None else None


def _open(version: Any) -> bool:
    return version is None or version.frozen_at is None


def _before(request: HttpRequest) -> list[dict[str, Any]]:
    """The criteria of the methodology a new version is for, with the weights of the version before it."""
    key = request.GET.get("methodology", "")
    if not key.isdecimal():
        return []
    known: list[dict[str, Any]] | None = request.__dict__.get("_crampinfo_weights")
    if known is None:
        last = MethodologyVersion.objects.filter(methodology=int(key)).order_by("-number").first()
        values = dict(last.weights.values_list("criterion", "value")) if last is not None else {}
        criteria = Criterion.objects.filter(methodology=int(key)).values_list("pk", flat=True)
        known = [{"criterion": criterion, "value": values.get(criterion)} for criterion in criteria]
        request.__dict__["_crampinfo_weights"] = known
    return known


@admin.register(MethodologyVersion)
class MethodologyVersionAdmin(HouseAdmin):
    """One set of weights. Frozen when it comes into force; a change is a new version."""

    change_form_template = "admin/reviews/version_form.html"
    list_display = ("methodology", "number", "effective_from", "margin", "tie_breaker", "frozen_at", "is_current")
    list_filter = ("methodology", ("frozen_at", admin.EmptyFieldListFilter))
    search_fields = ("methodology__title", "changes")
    related = ("methodology", "methodology__current_version", "tie_breaker")
    label_related = ("methodology",)
    autocomplete_fields = ("methodology", "tie_breaker")
    short_texts = ("changes",)
    inlines = (WeightInline,)
    fields = (("methodology", "number"), ("effective_from", "margin", "tie_breaker"), "changes", "frozen_at")
    readonly_fields = ("frozen_at",)
    hints = {
        "margin": gettext_lazy("A follower less than this below the leader shares the leader's place."),
        "tie_breaker": gettext_lazy("Equal scores are ordered by this criterion."),
        "changes": gettext_lazy("What changed and why: readers see it with whom it moved."),
        "effective_from": gettext_lazy("It counts from this day on, once it is frozen. A past day becomes today."),
    }

    def stands(self, obj: Any) -> str:
        """Its weights can change until it is frozen; then it counts from its day on."""
        if _open(obj):
            return _("a draft")
        if obj.methodology.current_version_id == obj.pk:
            return _("in force")
        return _("frozen, not yet in force") if obj.effective_from > timezone.localdate() else _("past")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not once it is frozen."""
        return _open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not once it is frozen."""
        return _open(obj) and super().has_delete_permission(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The next number."""
        given: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        key = str(given.get("methodology", ""))
        if key.isdecimal():
            last = MethodologyVersion.objects.filter(methodology=int(key)).aggregate(last=Max("number"))["last"]
            given["number"] = (last or 0) + 1
        return given

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """The weights before it, to begin with."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, WeightInline) and (obj is None or obj.pk is None) and request.method == "GET":
            given["initial"] = _before(request)
        return given

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Explained for a list that readers see."""
        return _explained(obj.methodology_id) if obj is not None else None

    @admin.display(description=gettext_lazy("in force"), boolean=True)
    def is_current(self, version: MethodologyVersion) -> bool:
        """Whether scores are computed with it now."""
        return version.methodology.current_version_id == version.pk

    def get_urls(self) -> list[Any]:
        """The button of the form."""
        view = self.admin_site.admin_view(self.in_force_view)
        return [path("<int:key>/in-force/", view, name="reviews_methodologyversion_in_force"), *super().get_urls()]

    def in_force_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show what it moves before it goes live, and what of that earns money once it is frozen; then freeze it."""
        version = self.get_object(request, str(key))
        if version is None or not self.has_view_permission(request, version):
            raise PermissionDenied
        if request.method != "POST":
            return self._impact_page(request, version)
        if not self.has_change_permission(request, version):
            raise PermissionDenied
        try:
            counts = weighing.put_in_force(version)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(reverse("admin:reviews_methodologyversion_change", args=[key]))
        said = (
            _("Version %(number)s is in force.")
            if counts
            else _("Version %(number)s is frozen: it counts from %(on)s.")
        )
        words = {"number": version.number, "on": date_format(version.effective_from)}
        messages.success(request, said % words)
        return HttpResponseRedirect(reverse("admin:reviews_methodologyversion_in_force", args=[key]))

    def _impact_page(self, request: HttpRequest, version: MethodologyVersion) -> HttpResponse:
        """Every place that moves. Who earns us money is told only when nothing can be changed any more."""
        tables, refusal = version.impact, ""
        if _open(version):
            try:
                tables = impact.as_stored(impact.of(version), set())
            except scoring.ScoringError as error:
                tables, refusal = None, str(error)
        context = {
            **self.admin_site.each_context(request),
            "title": _("What version %(number)s moves") % {"number": version.number},
            "opts": self.opts,
            "version": version,
            "tables": tables,
            "refusal": refusal,
            "is_open": _open(version),
            "may_freeze": self.has_change_permission(request, version),
        }
        return TemplateResponse(request, "admin/reviews/impact.html", context)
