"""What can be bought: brands, products, compounds and what a serving contains."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models import Followed, FollowedQuerySet, Picture, Topic
from products import dose


class Brand(models.Model):
    """A name on labels. owned_by_us turns every page that shows it into a declared ownership (rules.md US-OWN-01)."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(_("name"), max_length=80)
    owner = models.CharField(_("owned by"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    owned_by_us = models.BooleanField(_("owned by us"), default=False)
    is_demo = models.BooleanField(_("demo"), default=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("brand")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The brand's page."""
        return reverse("brand", args=[self.slug])


class Compound(Followed):
    """One exact compound and its share of magnesium (rules.md 13.2): fraction = 24.305 x n(Mg) / molar mass."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    everyday_name = models.CharField(
        _("everyday name"), max_length=60, help_text=_("What labels say, such as citrate.")
    )
    formula = models.CharField(_("formula"), max_length=60)
    molar_mass = models.DecimalField(_("molar mass, g/mol"), max_digits=7, decimal_places=2)
    fraction = models.DecimalField(_("magnesium share"), max_digits=5, decimal_places=4)
    note = models.CharField(_("note"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    followed_fields = frozenset({"fraction"})

    class Meta:
        ordering = ("everyday_name", "name")
        verbose_name = _("compound")
        constraints = (
            models.CheckConstraint(
                name="products_compound_fraction_in_range",
                condition=Q(fraction__gt=0, fraction__lte=1),
                violation_error_message=_("The magnesium share is a number above 0 and up to 1, such as 0.162."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class Category(models.TextChoices):
    """The two kinds of thing reviewed here."""

    SUPPLEMENT = "supplement", _("Magnesium supplement")
    ACCESSORY = "accessory", _("Accessory")


class Form(models.TextChoices):
    """What it is, physically."""

    TABLET = "tablet", _("tablets")
    CAPSULE = "capsule", _("capsules")
    POWDER = "powder", _("powder")
    LIQUID = "liquid", _("liquid")
    SACHET = "sachet", _("sachets")
    GUMMY = "gummy", _("gummies")
    SPRAY = "spray", _("spray")
    STRAP = "strap", _("strap")
    ROLLER = "roller", _("roller")
    HEAT = "heat_pack", _("heat pack")
    SOCK = "sock", _("socks")
    BALL = "ball", _("ball")
    BOARD = "board", _("board")
    OTHER = "other", _("other")


class Silhouette(models.TextChoices):
    """The line drawing that stands for it where no photograph is shown (templates/figures/silhouettes)."""

    BLISTER = "blister", _("blister")
    BOTTLE = "bottle", _("bottle")
    TUB = "tub", _("tub")
    SACHET = "sachet", _("sachet")
    STRAP = "strap", _("strap")
    HEAT = "heat", _("heat pad")
    BOARD = "board", _("board")
    BALL = "ball", _("ball")
    REST = "rest", _("rest")
    SLEEVE = "sleeve", _("sleeve")
    ROLLER = "roller", _("roller")
    SOCK = "sock", _("sock")


def validate_gtin(value: str) -> None:
    """A GTIN of 8, 12, 13 or 14 digits whose check digit is right (GS1 General Specifications)."""
    if not (value.isascii() and value.isdigit() and len(value) in (8, 12, 13, 14)):
        raise ValidationError(_("A GTIN has 8, 12, 13 or 14 digits and nothing else."))
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(value[:-1])))
    if (10 - weighted % 10) % 10 != int(value[-1]):
        raise ValidationError(_("The GTIN's last digit does not match the others: check it against the label."))


class ProductQuerySet(FollowedQuerySet):
    """Querysets of products."""

    def with_daily_dose(self) -> ProductQuerySet:
        """Annotate elemental_per_day, mg of magnesium a day (None without ingredients), computed by the database."""
        return self.annotate(elemental_per_day=daily_dose_expression(""))


def daily_dose_expression(prefix: str) -> models.Expression:
    """Σ compound mg × magnesium share × servings a day, for querysets that reach a product through prefix."""
    part = F(f"{prefix}ingredients__compound_mg") * F(f"{prefix}ingredients__compound__fraction")
    number = models.DecimalField(max_digits=12, decimal_places=4)
    return models.ExpressionWrapper(
        models.Sum(part, output_field=number) * F(f"{prefix}servings_per_day"), output_field=number
    )


class Product(Followed):
    """Something sold, with the facts of its label. Doses in mg, servings_per_day as the label advises."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(_("name"), max_length=120)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="products")
    category = models.CharField(_("category"), max_length=12, choices=Category)
    form = models.CharField(_("form"), max_length=10, choices=Form)
    silhouette = models.CharField(_("drawing"), max_length=10, choices=Silhouette, default=Silhouette.BOTTLE)
    description = models.TextField(_("what it is"), blank=True)
    short_facts = models.CharField(_("facts in a line"), max_length=120, blank=True)
    serving_name = models.CharField(
        _("one serving is a"), max_length=40, blank=True, help_text=_("tablet, scoop, 5 ml ...")
    )
    servings_per_pack = models.PositiveIntegerField(_("servings a pack"), null=True, blank=True)
    servings_per_day = models.DecimalField(_("servings a day"), max_digits=4, decimal_places=1, null=True, blank=True)
    vegan = models.BooleanField(_("vegan"), null=True, blank=True, help_text=_("Unknown when the label does not say."))
    gtin = models.CharField("GTIN", max_length=14, blank=True, validators=(validate_gtin,))
    label_picture = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    label_readable = models.BooleanField(_("the label says how much magnesium a serving holds"), default=True)
    label_warns_limit = models.BooleanField(_("the label warns about the upper limit"), default=False)
    label_elemental_mg = models.DecimalField(
        _("magnesium a serving as printed, mg"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="products", verbose_name=_("topics"))
    recalled_on = models.DateField(_("recalled on"), null=True, blank=True)
    recall_notice = models.CharField(_("recall notice"), max_length=300, blank=True)
    is_demo = models.BooleanField(_("demo"), default=False)

    objects: ClassVar[Any] = ProductQuerySet.as_manager()
    followed_fields = frozenset(
        {"slug", "name", "category", "servings_per_day", "label_readable", "label_warns_limit", "recalled_on"}
    )

    class Meta:
        ordering = ("name",)
        verbose_name = _("product")
        constraints = (
            models.CheckConstraint(
                name="products_product_servings_sane",
                condition=(Q(servings_per_pack__isnull=True) | Q(servings_per_pack__gt=0))
                & (Q(servings_per_day__isnull=True) | Q(servings_per_day__gt=0, servings_per_day__lte=50)),
                violation_error_message=_("Servings must be above 0, and at most 50 a day."),
            ),
            models.CheckConstraint(
                name="products_supplement_has_servings",
                condition=~Q(category=Category.SUPPLEMENT)
                | Q(servings_per_pack__isnull=False, servings_per_day__isnull=False),
                violation_error_message=_(
                    "A supplement needs its servings a pack and a day: prices and doses are computed from them."
                ),
            ),
            models.CheckConstraint(
                name="products_recall_has_notice",
                condition=Q(recalled_on__isnull=True) | ~Q(recall_notice=""),
                violation_error_message=_("Say what was recalled and why: readers see the notice."),
            ),
            models.UniqueConstraint(
                name="products_product_gtin_once",
                fields=("gtin",),
                condition=~Q(gtin=""),
                violation_error_message=_("Another product has this GTIN."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_recalled(self) -> bool:
        """Whether a recall is on record."""
        return self.recalled_on is not None

    @property
    def is_supplement(self) -> bool:
        """Whether dose and limits apply."""
        return self.category == Category.SUPPLEMENT

    def elemental_per_serving(self) -> Decimal | None:
        """mg of magnesium a serving, from the exact compounds; None where no ingredient is recorded."""
        parts = [(item.compound_mg, item.compound.fraction) for item in self.ingredients.all()]
        return dose.daily_elemental_mg(parts, Decimal(1)) if parts else None

    def elemental_a_day(self) -> Decimal | None:
        """mg of magnesium a day at the label's servings; None where it can't be computed."""
        per_serving = self.elemental_per_serving()
        return per_serving * self.servings_per_day if per_serving is not None and self.servings_per_day else None


class Certification(models.Model):
    """A certificate a product carries, with where to verify it."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="certifications")
    name = models.CharField(_("certificate"), max_length=120)
    issuer = models.CharField(_("issuer"), max_length=120)
    link = models.URLField(_("where it can be verified"), max_length=500, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("certification")

    def __str__(self) -> str:
        return self.name


class Ingredient(Followed):
    """How much of one exact compound a serving holds, in mg; the elemental amount is computed, never typed."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="ingredients")
    compound = models.ForeignKey(Compound, on_delete=models.PROTECT, related_name="ingredients")
    compound_mg = models.DecimalField(_("mg of the compound a serving"), max_digits=8, decimal_places=2)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("ingredient")
        constraints = (
            models.UniqueConstraint(
                name="products_ingredient_once",
                fields=("product", "compound"),
                violation_error_message=_("This compound is already listed: add up its amounts."),
            ),
            models.CheckConstraint(
                name="products_ingredient_amount",
                condition=Q(compound_mg__gt=0, compound_mg__lte=20000),
                violation_error_message=_("An amount is above 0 and at most 20,000 mg a serving."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.compound} {self.compound_mg} mg"

    @property
    def elemental_mg(self) -> Decimal:
        """mg of magnesium this compound brings to a serving."""
        return dose.elemental_mg(self.compound_mg, self.compound.fraction)
