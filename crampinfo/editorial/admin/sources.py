"""Topics, references with their outcomes, evidence boxes, and the rows that cite."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.admin import GenericTabularInline
from django.db.models import Count, Q
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.admin.base import Choosing, HouseAdmin, HouseGenericFormSet, HouseInline, Lent
from crampinfo.editorial.admin.labels import HouseForm
from crampinfo.editorial.models import Citation, Evidence, Reference, ReferenceOutcome, Topic


class CitationInline(Lent, Choosing, GenericTabularInline):
    """The reference list of a text, in its order. The number is what `[@slug]` in the text becomes."""

    model = Citation
    form: type[ModelForm] = HouseForm
    formset: Any = HouseGenericFormSet
    ct_field = "content_type"
    ct_fk_field = "object_id"
    extra = 0
    fields = ("position", "reference", "note")
    related = ("reference",)
    autocomplete_fields = ("reference",)
    ordering = ("position", "pk")
    verbose_name_plural = _("references, in the order of the list")
    classes = ("sortable",)


@admin.register(Topic)
class TopicAdmin(HouseAdmin):
    """Subjects; a sensitive one carries no money."""

    list_display = ("name", "language", "sensitive", "slug")
    list_filter = ("sensitive", "language")
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}

    def label_for(self, instance: Topic) -> str:
        """The name, its language, and whether money may stand there."""
        sensitive = _(", sensitive: nothing is sold") if instance.sensitive else ""
        return f"{instance.name} ({instance.language}{sensitive})"


class OutcomeInline(HouseInline):
    """The results that were measured, each with its interval."""

    model = ReferenceOutcome
    fields = (
        "position",
        "name",
        "measure",
        "unit",
        "effect",
        "ci_low",
        "ci_high",
        "p",
        "studies",
        "n",
        "certainty",
        "population",
    )
    classes = ("sortable", "wide")


class Standing(admin.SimpleListFilter):
    """Sources that no longer carry what rests on them."""

    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """One choice: withdrawn."""
        return [("withdrawn", _("retracted or superseded"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those."""
        if self.value() != "withdrawn":
            return queryset
        return queryset.filter(Q(retracted=True) | Q(superseded_by__isnull=False))


@admin.register(Reference)
class ReferenceAdmin(HouseAdmin):
    """Published sources, one record each, cited from anywhere."""

    list_display = ("short", "year", "title", "design", "n", "direction", "certainty", "cited", "source_status")
    list_display_links = ("short", "title")
    list_filter = ("design", "direction", "certainty", "source_status", Standing)
    search_fields = ("title", "authors", "source", "slug", "doi", "pmid", "year")
    related = ("superseded_by",)
    autocomplete_fields = ("superseded_by",)
    inlines = (OutcomeInline,)
    short_texts = ("summary",)
    hints = {
        "slug": _("How texts cite it: [@slug]. It stays for good."),
        "title": _("Exactly as published."),
        "authors": _("As the journal prints them. Never guess a name: leave it empty and let the issuer speak."),
        "source": _("Journal with volume and pages, or who issued it."),
        "n": _("How many people were studied in all."),
        "direction": _("“No trials” is not “no effect”."),
        "summary": _("One or two honest sentences: what was found, in whom."),
        "superseded_by": _("Texts that cite this one are told to look at the newer one."),
        "source_status": _("Only a primary text that you have read is V1."),
    }
    fieldsets = (
        (None, {"fields": ("title", "slug", "authors", ("year", "source"))}),
        (_("Where it is"), {"fields": (("doi", "pmid"), "url")}),
        (
            _("What it studied"),
            {
                "fields": (
                    "design",
                    ("n", "weeks"),
                    ("treatment", "comparator"),
                    "population",
                    ("condition", "no_trials_in"),
                    "dose_note",
                )
            },
        ),
        (_("What it found"), {"fields": (("direction", "certainty"), "summary")}),
        (_("Its standing"), {"fields": ("source_status", "superseded_by", "retracted")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With how often each is cited."""
        return super().get_queryset(request).annotate(uses=Count("citations"))

    def label_for(self, instance: Reference) -> str:
        """Who, when, what, and the slug that texts cite it by."""
        return f"{instance.short} {instance.year or ''} – {instance.title[:80]} [@{instance.slug}]"

    @admin.display(description=_("cited"), ordering="uses")
    def cited(self, reference: Any) -> int:
        """By how many texts."""
        return int(reference.uses)


@admin.register(ReferenceOutcome)
class OutcomeAdmin(HouseAdmin):
    """Only for choosing one: outcomes are written with their reference."""

    list_display = ("name", "reference", "effect", "ci_low", "ci_high", "unit", "certainty")
    list_filter = ("certainty", "measure")
    search_fields = ("name", "reference__title", "reference__authors", "reference__slug")
    related = ("reference",)
    label_related = ("reference",)
    autocomplete_fields = ("reference",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Not in the menu."""
        return False

    def label_for(self, instance: ReferenceOutcome) -> str:
        """The outcome, its reference and its interval."""
        interval = f" ({instance.ci_low} to {instance.ci_high})" if instance.ci_low is not None else ""
        effect = f": {instance.effect}{interval} {instance.unit}" if instance.effect is not None else ""
        return f"{instance.name} – {instance.reference}{effect}"


@admin.register(Evidence)
class EvidenceAdmin(HouseAdmin):
    """The evidence box: one verdict, how strong it is, and where it comes from."""

    list_display = ("statement", "topic", "language", "direction", "strength", "reference")
    list_filter = ("direction", "language", "topic")
    search_fields = ("statement", "slug", "studied", "population", "result")
    related = ("topic", "reference", "outcome", "outcome__reference")
    label_related = ("topic",)
    autocomplete_fields = ("topic", "reference", "outcome")
    hints = {
        "statement": _("The verdict in one sentence, without hope and without scorn."),
        "strength": _("Filled squares of four: 4 high certainty, 3 moderate, 2 low, 1 very low."),
        "population": _("In whom it was studied. A result in older adults says nothing about athletes."),
        "outcome": _("Drawn as a point with its interval. It needs the axis below."),
        "axis_min": _("The ends of the drawn axis, in the outcome's unit."),
    }
    fieldsets = (
        (None, {"fields": ("statement", "slug", ("topic", "language"))}),
        (_("How sure"), {"fields": ("direction", ("strength", "strength_note"))}),
        (_("What was studied"), {"fields": ("studied", "population", "result", "reference")}),
        (
            _("The drawing"),
            {"fields": ("outcome", ("axis_min", "axis_max"), ("axis_low_label", "axis_high_label"), "caption")},
        ),
    )

    def label_for(self, instance: Evidence) -> str:
        """Topic, language and verdict."""
        return f"{instance.topic} ({instance.language}) – {instance.statement[:90]}"
