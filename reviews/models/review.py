"""Judgement of one product: the review, its test records and badges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelsearch import index

from crampinfo.editorial.citations import without_marks
from crampinfo.editorial.models import Author, Citation, Evidence, Publishable, PublishableQuerySet, State
from crampinfo.lib import markup, stems
from products.bodies import BodyField
from products.models import Product
from reviews.models.methodology import Methodology, MethodologyVersion

# Rivals of a badge, its own product not counted (rules.md US-RANK-03).
MIN_COMPARED = 3


class Acquisition(models.TextChoices):
    """How we came by the product (rules.md US-DISC-11)."""

    BOUGHT = "bought", _("We bought it.")
    FREE = "free", _("The maker sent us this product free.")
    DISCOUNTED = "discounted", _("We bought it at a discount from the maker.")
    LOANED = "loaned", _("The maker lent it to us.")
    NOT_HANDLED = "not_handled", _("We judged it from its label and published documents.")


class Review(index.Indexed, Publishable):  # type: ignore[misc]  # modelsearch has no types
    """One product judged. Lists of points hold one point a line."""

    product = models.OneToOneField(Product, on_delete=models.PROTECT, related_name="review", verbose_name=_("product"))
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("author"))
    methodology = models.ForeignKey(
        Methodology, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("methodology")
    )
    acquisition = models.CharField(_("how we came by it"), max_length=12, choices=Acquisition)
    acquisition_note = models.CharField(_("note on that"), max_length=200, blank=True)
    verdict = models.CharField(_("verdict"), max_length=140, help_text=_("One line, shown in lists."))
    summary = models.CharField(_("summary"), max_length=160, help_text=_("For search results."))
    dek = models.TextField(_("introduction"), help_text=_("Two or three sentences at the top."))
    body = BodyField(_("text"), blank=True)
    pros = models.TextField(_("for"), blank=True, help_text=_("One point a line."))
    cons = models.TextField(_("against"), blank=True, help_text=_("One point a line."))
    not_for = models.TextField(_("who it is not for"), blank=True, help_text=_("One group a line."))
    maker_text = models.TextField(
        _("what maker and shops say"),
        blank=True,
        help_text=_("Their description, pasted here to be compared with ours. Readers never see it."),
    )
    # What is known of whether such a thing helps. It is shown with this text, in its language, so it belongs to the
    # review, not to the product, whose facts are nobody's opinion (docs/decisions.md).
    evidence = models.ForeignKey(
        Evidence,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reviews",
        verbose_name=_("evidence box"),
        help_text=_("What is known of whether such a product helps. A text that says it does needs one."),
    )
    alternatives = models.ManyToManyField(Product, blank=True, related_name="+", verbose_name=_("alternatives"))
    citations = GenericRelation(Citation)

    objects: ClassVar[Any] = PublishableQuerySet.as_manager()
    ledger_kind = "review"
    content_fields = (
        "product_id",
        "author_id",
        "methodology_id",
        "acquisition",
        "acquisition_note",
        "verdict",
        "summary",
        "dek",
        "body",
        "pros",
        "cons",
        "not_for",
        "language",
        "evidence_id",
    )
    content_later = frozenset({"evidence_id"})
    content_children = {
        "scores": (
            "criterion_id",
            "value",
            "reason",
            "evidence",
            "evidence_note",
            "changed_because",
            "reference_price",
            "reference_currency",
            "reference_taken_on",
            "reference_sources",
            "scored_at",
        ),
        "citations": ("reference_id", "position"),
        "tests": ("tested_on", "tester_id", "method", "result"),
        "badges": ("name", "reason", "awarded_on"),
    }
    shown_with: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "product": ("name", "description", "short_facts", "serving_name", "recall_notice"),
        "product.brand": ("name", "owner"),
        "product.label_picture": ("alt",),
        "evidence": ("statement", "strength_note", "studied", "population", "result", "caption"),
    }

    search_fields = [
        index.SearchField("title", boost=4),
        index.SearchField("verdict", boost=2),
        index.SearchField("dek"),
        index.SearchField("search_text"),
        index.SearchField("search_stems"),
        index.FilterField("state"),
        index.FilterField("language"),
    ]

    class Meta(Publishable.Meta):
        ordering = ("-first_published_at", "-pk")
        verbose_name = _("review")
        indexes = (models.Index(fields=("state", "-first_published_at", "-id"), name="reviews_review_newest"),)

    def __str__(self) -> str:
        return str(self.product)

    @property
    def title(self) -> str:
        """The product's name."""
        return self.product.name

    @property
    def slug(self) -> str:
        """The product's slug: a review lives at its product's address."""
        return self.product.slug

    @property
    def search_text(self) -> str:
        """What search reads besides the title."""
        body = without_marks(markup.plain(self.body))
        return " ".join((self.product.brand.name, self.product.description, body, self.pros, self.cons))

    @property
    def search_stems(self) -> str:
        """All its words as search compares them."""
        return stems.stems(self.title, self.verdict, self.dek, self.search_text)

    def get_absolute_url(self) -> str:
        """The review's page."""
        return reverse("review", args=[self.product.slug])

    @classmethod
    def get_indexed_objects(cls) -> models.QuerySet:
        """Search knows what is published, also ahead of its time: whoever searches looks at the dates."""
        found: models.QuerySet = cls.objects.filter(state=State.PUBLISHED).select_related("product__brand")
        return found

    @property
    def pros_list(self) -> list[str]:
        """Points for it."""
        return self.pros.splitlines()

    @property
    def cons_list(self) -> list[str]:
        """Points against it."""
        return self.cons.splitlines()

    @property
    def not_for_list(self) -> list[str]:
        """Who should leave it."""
        return self.not_for.splitlines()


class TestRecord(models.Model):
    """That somebody really tried it: when, who, how, and what came out (rules.md SEO-REV-02)."""

    __test__ = False  # not a test case, whatever its name says to pytest

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="tests")
    tested_on = models.DateField(_("on"))
    tester = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="tests", verbose_name=_("by"))
    method = models.CharField(_("how"), max_length=400)
    result = models.CharField(_("what came out"), max_length=400)

    class Meta:
        ordering = ("-tested_on",)
        verbose_name = _("test record")

    def __str__(self) -> str:
        return f"{self.tested_on} {self.method}"


class BadgeQuerySet(models.QuerySet):
    """Querysets of badges."""

    def shown(self) -> BadgeQuerySet:
        """Those that pages print: a badge without its three rivals says nothing, however it came to lose them."""
        rivals = Count("compared", filter=~Q(compared=F("review__product")))
        return self.annotate(rivals=rivals).filter(rivals__gte=MIN_COMPARED)


class Badge(models.Model):
    """A short distinction with its reason, date and comparison set of at least three; never bought (US-RANK-03).

    version is that of the weights it was won under: the review's own at the time, unless given.
    """

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="badges")
    name = models.CharField(_("name"), max_length=60)
    reason = models.CharField(_("reason"), max_length=300)
    awarded_on = models.DateField(_("awarded on"))
    compared = models.ManyToManyField(Product, related_name="+", verbose_name=_("compared with"))
    version = models.ForeignKey(
        MethodologyVersion, null=True, editable=False, on_delete=models.PROTECT, related_name="badges"
    )

    objects: ClassVar[Any] = BadgeQuerySet.as_manager()

    class Meta:
        ordering = ("-awarded_on", "name")
        verbose_name = _("badge")
        constraints = (
            models.CheckConstraint(
                name="reviews_badge_has_reason",
                condition=~Q(name="") & ~Q(reason=""),
                violation_error_message=_("A badge needs its words and the reason that readers see."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Nothing is won ahead of time."""
        if self.awarded_on and self.awarded_on > timezone.localdate():
            raise ValidationError({"awarded_on": _("A badge can't have been won in the future.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Note the weights that count now."""
        if self.version_id is None:
            self.version = self.review.methodology.current_version
        super().save(*args, **kwargs)
