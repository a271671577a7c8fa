"""Products as a table, with what a serving holds."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial.models import Topic
from crampinfo.editorial.transfer.columns import Choice, Column, Day, Key, Many, Number, Whole, Words, YesNo
from crampinfo.editorial.transfer.files import Table
from crampinfo.editorial.transfer.sheet import Sheet
from products.models import Brand, Category, Compound, Form, Ingredient, Product, Silhouette

Dose = tuple[Compound, Decimal]


class Topics(Many):
    """Slugs of topics."""

    def __init__(self) -> None:
        self._topics = Key(Topic)
        super().__init__(self._topics.find, lambda topic: str(topic.slug), self._read, self._keep)

    def _read(self, product: Any) -> Iterable[Any]:
        return sorted(product.topics.all(), key=lambda topic: str(topic.slug)) if product.pk else ()

    def _keep(self, product: Any, values: list[Any]) -> None:
        product.topics.set(values)


class Doses(Many):
    """Compounds with the mg of a serving: "oxide 300; citrate-trimagnesium 150"."""

    def __init__(self) -> None:
        self._compounds, self._amount = Key(Compound), Number()
        super().__init__(self._parse, self._word, self._read, self._keep)

    def _parse(self, words: str) -> Dose:
        slug, _space, mg = words.rpartition(" ")
        amount = self._amount.clean(mg.strip()) if slug else None
        if amount is None:
            raise ValueError(_("Write each compound with its mg a serving: oxide 300; citrate-trimagnesium 150."))
        return self._compounds.find(slug.strip()), amount

    def _word(self, dose: Dose) -> str:
        return f"{dose[0].slug} {self._amount.render(dose[1])}"

    def _read(self, product: Any) -> Iterable[Dose]:
        if not product.pk:
            return ()
        return [(row.compound, row.compound_mg) for row in product.ingredients.all()]

    def _keep(self, product: Any, values: list[Dose]) -> None:
        """Amounts change in place, what is no longer named goes, what is new comes last."""
        stored = {row.compound_id: row for row in Ingredient.objects.filter(product=product)}
        for compound, mg in values:
            row = stored.pop(compound.pk, None) or Ingredient(product=product, compound=compound)
            row.compound_mg = mg
            row.full_clean()
            row.save()
            # A compound that is named twice is found again, and refused by its constraint.
        for row in stored.values():
            row.delete()
        product.__dict__.get("_prefetched_objects_cache", {}).pop("ingredients", None)


class ProductSheet(Sheet):
    """Products by their slug."""

    most = 300  # each with its doses takes five times as long as a price

    slug = Column("slug", Words(), gettext_lazy("Says which product is meant; a new one makes a new product."))
    name = Column("name", Words(), gettext_lazy("As on the pack."))
    brand = Column("brand", Key(Brand), gettext_lazy("The brand's slug."))
    category = Column("category", Choice(Category))
    form = Column("form", Choice(Form))
    silhouette = Column("silhouette", Choice(Silhouette), gettext_lazy("The drawing; bottle for a new one."))
    description = Column("description", Words(), gettext_lazy("What it is. No promise of an effect."))
    short_facts = Column("short_facts", Words(), gettext_lazy("For accessories, one line."))
    serving_name = Column("serving_name", Words(), gettext_lazy("One serving is a …: tablet, scoop."))
    servings_per_pack = Column("servings_per_pack", Whole(), gettext_lazy("Supplements need it."))
    servings_per_day = Column("servings_per_day", Number(), gettext_lazy("As the label says. Supplements need it."))
    ingredients = Column(
        "ingredients", Doses(), gettext_lazy("Compounds by slug with mg a serving: oxide 300; glycinate 150.")
    )
    vegan = Column("vegan", YesNo(unknown=True))
    gtin = Column("gtin", Words(), gettext_lazy("8, 12, 13 or 14 digits. Keep it text in a spreadsheet."))
    label_readable = Column("label_readable", YesNo(), gettext_lazy("Whether the label says how much magnesium."))
    label_warns_limit = Column("label_warns_limit", YesNo())
    label_elemental_mg = Column("label_elemental_mg", Number(), gettext_lazy("A serving, as printed."))
    topics = Column("topics", Topics(), gettext_lazy("Slugs, a semicolon between."))
    recalled_on = Column("recalled_on", Day(), gettext_lazy("A recalled product loses its placements and offers."))
    recall_notice = Column("recall_notice", Words(), gettext_lazy("Readers see it."))
    demo = Column("is_demo", YesNo(), gettext_lazy("Invented, for the demonstration."))

    class Meta:
        model = Product

    def stored(self, table: Table) -> models.QuerySet:
        """By slug."""
        slugs = [row.cells["slug"] for row in table.rows]
        return for_export(Product.objects.filter(slug__in=slugs))


def for_export(products: models.QuerySet) -> models.QuerySet:
    """With everything that their cells read."""
    return products.select_related("brand").prefetch_related("topics", "ingredients__compound")
