"""Published evidence: references with their outcomes, and citations of them."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models.internallink import InternalLink


class Design(models.TextChoices):
    """Kinds of source, from strongest to weakest for the question "does it work" (rules.md 13.3)."""

    COCHRANE = "cochrane_review", _("Cochrane review")
    REVIEW = "systematic_review", _("Systematic review")
    RCT = "rct", _("Randomised trial")
    OBSERVATIONAL = "observational", _("Observational study")
    MECHANISTIC = "mechanistic", _("Laboratory study")
    ANALYSIS = "analysis", _("Chemical analysis")
    GUIDELINE = "guideline", _("Guideline or opinion of an authority")
    REGULATION = "regulation", _("Law or regulation")
    SAFETY = "safety_notice", _("Safety notice")
    FACT_SHEET = "fact_sheet", _("Fact sheet")
    PRODUCT = "product_information", _("Product information")


class Direction(models.TextChoices):
    """What a source found. "No trials" is not "no effect"."""

    BENEFIT = "benefit", _("Benefit")
    NO_EFFECT = "no_effect", _("Little or no effect")
    CONFLICTING = "conflicting", _("Conflicting results")
    HARM = "harm", _("Harm")
    NO_TRIALS = "no_trials", _("No trials")
    NOT_APPLICABLE = "not_applicable", _("Not a question of effect")


class Certainty(models.TextChoices):
    """GRADE's four levels, or not rated."""

    HIGH = "high", _("High")
    MODERATE = "moderate", _("Moderate")
    LOW = "low", _("Low")
    VERY_LOW = "very_low", _("Very low")
    NOT_RATED = "not_rated", _("Not rated")


# Groups of people in whom a review may have found no trials; effects.<language>.json has their words.
GROUPS = ("exercise", "disease")


class Reference(models.Model):
    """A published source. n counts people; weeks is the length of treatment."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=400)
    authors = models.CharField(_("authors"), max_length=300, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    source = models.CharField(_("journal or issuer"), max_length=300)
    url = models.URLField(_("address"), max_length=500, blank=True)
    doi = models.CharField("DOI", max_length=120, blank=True)
    pmid = models.CharField("PMID", max_length=12, blank=True)
    design = models.CharField(_("design"), max_length=20, choices=Design)
    population = models.CharField(_("population"), max_length=300, blank=True)
    n = models.PositiveIntegerField(_("people"), null=True, blank=True)
    condition = models.CharField(_("condition"), max_length=200, blank=True)
    treatment = models.SlugField(
        _("what was tried"),
        max_length=40,
        blank=True,
        db_index=True,
        help_text=_("One word for all languages, such as magnesium: of its sources the strongest decides."),
    )
    no_trials_in = models.CharField(
        _("looked for trials and found none in"),
        max_length=80,
        blank=True,
        help_text=_("Groups, with commas: exercise, disease. Texts may not say “no effect” there."),
    )
    comparator = models.CharField(_("compared with"), max_length=200, blank=True)
    dose_note = models.CharField(_("dose"), max_length=200, blank=True)
    weeks = models.DecimalField(_("weeks"), max_digits=5, decimal_places=1, null=True, blank=True)
    direction = models.CharField(_("direction"), max_length=16, choices=Direction, default=Direction.NOT_APPLICABLE)
    certainty = models.CharField(_("certainty"), max_length=10, choices=Certainty, default=Certainty.NOT_RATED)
    summary = models.TextField(_("what it found"), blank=True)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    retracted = models.BooleanField(_("retracted"), default=False)
    source_status = models.CharField(
        _("how it was checked"),
        max_length=2,
        blank=True,
        choices=(("V1", _("primary text read")), ("V2", _("seen as a quotation")), ("U", _("to be confirmed"))),
    )

    class Meta:
        ordering = ("authors", "year")
        verbose_name = _("reference")
        constraints = (
            models.UniqueConstraint(
                name="editorial_reference_one_per_doi",
                fields=("doi",),
                condition=~Q(doi=""),
                violation_error_message=_("Another reference has this DOI: use that one."),
            ),
            models.UniqueConstraint(
                name="editorial_reference_one_per_pmid",
                fields=("pmid",),
                condition=~Q(pmid=""),
                violation_error_message=_("Another reference has this PMID: use that one."),
            ),
            models.CheckConstraint(
                name="editorial_reference_not_its_own_successor",
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=models.F("pk")),
                violation_error_message=_("A reference can't supersede itself."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.short} {self.year or ''}".strip()

    def clean(self) -> None:
        """Groups without trials are those that texts are read for; only a source on a treatment can name some.

        A slug that texts cite by is a name, not an address: nothing leads on from an old one, so it stays.
        """
        stored = Reference.objects.filter(pk=self.pk).values_list("slug", flat=True).first() if self.pk else None
        if stored not in (None, self.slug) and InternalLink.objects.filter(target=f"@{stored}").exists():
            raise ValidationError({"slug": _("Texts cite it as [@%s]: it keeps that name.") % stored})
        unknown = [name for name in self.groups_without_trials if name not in GROUPS]
        if unknown:
            raise ValidationError({"no_trials_in": _("A group is one of: %s.") % ", ".join(GROUPS)})
        if self.no_trials_in and not self.treatment:
            raise ValidationError({"treatment": _("Say what was tried: the groups without trials belong to it.")})

    @property
    def groups_without_trials(self) -> tuple[str, ...]:
        """The groups in which it looked for trials and found none."""
        return tuple(name.strip() for name in self.no_trials_in.split(",") if name.strip())

    @property
    def withdrawn(self) -> bool:
        """Whether it is no longer what one should rest on: retracted, or a newer version took its place."""
        return self.retracted or self.superseded_by_id is not None

    @property
    def short(self) -> str:
        """Who, for running text: the first author's surname and "and others", or the issuer."""
        return self.names or self.source

    @property
    def names(self) -> str:
        """The authors; the "and others" that ends a long list is said in the page's language."""
        first, others, rest = self.authors.rpartition(" and others")
        return gettext("%(names)s and others") % {"names": first} if others and not rest else self.authors

    @property
    def link(self) -> str:
        """Where a reader finds it: the DOI's resolver before any other address."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return self.url or (f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/" if self.pmid else "")


class ReferenceOutcome(models.Model):
    """One measured result of a reference, with its 95 % interval, in its unit (negative: fewer or less)."""

    reference = models.ForeignKey(Reference, on_delete=models.CASCADE, related_name="outcomes")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("outcome"), max_length=200)
    measure = models.CharField(_("measure"), max_length=12, help_text=_("MD, RR, median ..."))
    unit = models.CharField(_("unit"), max_length=80, blank=True)
    effect = models.DecimalField(_("effect"), max_digits=9, decimal_places=3, null=True, blank=True)
    ci_low = models.DecimalField(_("interval from"), max_digits=9, decimal_places=3, null=True, blank=True)
    ci_high = models.DecimalField(_("interval to"), max_digits=9, decimal_places=3, null=True, blank=True)
    p = models.CharField("p", max_length=40, blank=True)
    studies = models.PositiveSmallIntegerField(_("studies"), null=True, blank=True)
    n = models.PositiveIntegerField(_("people"), null=True, blank=True)
    certainty = models.CharField(_("certainty"), max_length=10, choices=Certainty, default=Certainty.NOT_RATED)
    population = models.CharField(_("population"), max_length=200, blank=True)

    class Meta:
        ordering = ("position", "pk")
        verbose_name = _("outcome")
        constraints = (
            models.UniqueConstraint(
                name="editorial_outcome_named_once",
                fields=("reference", "name"),
                violation_error_message=_("This reference already has an outcome of that name."),
            ),
            models.CheckConstraint(
                name="editorial_outcome_interval_holds_effect",
                condition=Q(ci_low__isnull=True)
                | Q(ci_high__isnull=True)
                | Q(effect__isnull=True, ci_low__lte=models.F("ci_high"))
                | Q(effect__isnull=False, ci_low__lte=models.F("effect"), ci_high__gte=models.F("effect")),
                violation_error_message=_("The effect lies outside its own interval: check the three numbers."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class Citation(models.Model):
    """One content citing one reference; position is the order of the reference list."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    content = GenericForeignKey("content_type", "object_id")
    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="citations")
    position = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(_("what it supports"), max_length=250, blank=True)

    class Meta:
        ordering = ("position", "pk")
        verbose_name = _("citation")
        indexes = (models.Index(fields=("content_type", "object_id", "position")),)
        constraints = (
            models.UniqueConstraint(
                name="editorial_citation_once",
                fields=("content_type", "object_id", "reference"),
                violation_error_message=_("This reference is already in the list."),
            ),
        )

    def __str__(self) -> str:
        return str(self.reference_id)
