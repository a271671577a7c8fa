"""Brands, products with what a serving holds, compounds, and what authors declare about brands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial.admin import HouseAdmin, HouseInline, Previewed, ShownAdmin, TransferAdmin, ValuesFilter
from products import dose
from products.admin.offers import OfferInline
from products.models import Brand, Certification, Compound, ConflictDeclaration, Ingredient, Product
from products.transfer import ProductSheet
from products.transfer.catalogue import for_export


def served_limits() -> list[dose.Limit]:
    """The limits of the markets this site serves, strictest first."""
    return sorted((dose.LIMITS[dose.Market(market)] for market in settings.MARKETS), key=lambda limit: limit.mg)


def share_of_limits(mg: Decimal) -> SafeString:
    """mg a day as a percentage of each served market's limit; what is over it says so."""
    over = {limit.market for limit in dose.exceeds(mg, [limit.market for limit in served_limits()])}
    return format_html_join(
        " · ",
        "<span{}>{} {} %</span>",
        (
            (
                format_html(' class="over" title="{}"', _("over the limit")) if limit.market in over else "",
                limit.market.value,
                dose.percent_of_limit(mg, limit.market),
            )
            for limit in served_limits()
        ),
    )


@admin.register(Brand)
class BrandAdmin(ShownAdmin):
    """Names on labels."""

    list_display = ("name", "owner", "country", "owned_by_us", "product_count", "is_demo")
    list_filter = ("owned_by_us", ("country", ValuesFilter), "is_demo")
    search_fields = ("name", "owner", "slug")
    prepopulated_fields = {"slug": ("name",)}
    hints = {"owned_by_us": gettext_lazy("Every page that shows it then says so, and calls nothing independent.")}

    def get_queryset(self, request: HttpRequest) -> Any:
        """With how many products carry it."""
        return super().get_queryset(request).annotate(carried=Count("products"))

    def label_for(self, instance: Brand) -> str:
        """The name and whose it is."""
        return f"{instance.name} ({instance.owner})" if instance.owner else instance.name

    @admin.display(description=gettext_lazy("products"), ordering="carried")
    def product_count(self, brand: Any) -> int:
        """How many products carry it."""
        return int(brand.carried)


@admin.register(Compound)
class CompoundAdmin(HouseAdmin):
    """Exact compounds and their share of magnesium: what every dose on the site is computed from."""

    list_display = ("everyday_name", "name", "formula", "molar_mass", "fraction", "for_100_mg")
    list_display_links = ("everyday_name", "name")
    list_filter = (("everyday_name", ValuesFilter),)
    search_fields = ("name", "everyday_name", "formula", "slug")
    hints = {
        "fraction": gettext_lazy("24.305 × the number of magnesium atoms ÷ the molar mass."),
        "everyday_name": gettext_lazy("What labels say. Salts with one everyday name differ: be exact in the name."),
    }

    def label_for(self, instance: Compound) -> str:
        """The exact name and its share."""
        return f"{instance.name} – {instance.formula}, {instance.fraction * 100:.1f} % magnesium"

    @admin.display(description=gettext_lazy("for 100 mg of magnesium"))
    def for_100_mg(self, compound: Compound) -> str:
        """How much of it holds 100 mg of magnesium."""
        return f"{100 / compound.fraction:.0f} mg"


class IngredientInline(HouseInline):
    """What a serving holds, as exact compounds; the magnesium in it is computed, never typed."""

    model = Ingredient
    fields = ("compound", "compound_mg", "elemental", "of_limits")
    readonly_fields = ("elemental", "of_limits")
    related = ("compound", "product")
    autocomplete_fields = ("compound",)
    classes = ("doses",)

    @admin.display(description=gettext_lazy("magnesium a serving"))
    def elemental(self, ingredient: Ingredient) -> SafeString | str:
        """In mg; the script rewrites it while somebody types."""
        if ingredient._state.adding:
            return format_html('<output class="elemental">{}</output>', "–")
        return format_html('<output class="elemental">{} mg</output>', dose.round_mg(ingredient.elemental_mg))

    @admin.display(description=gettext_lazy("a day, of each limit"))
    def of_limits(self, ingredient: Ingredient) -> SafeString | str:
        """At the label's servings a day."""
        if ingredient._state.adding or not ingredient.product.servings_per_day:
            return format_html('<output class="of-limits">{}</output>', "–")
        daily = ingredient.elemental_mg * ingredient.product.servings_per_day
        return format_html('<output class="of-limits">{}</output>', share_of_limits(daily))


class CertificationInline(HouseInline):
    """Certificates, each with where to verify it."""

    model = Certification


@admin.register(Product)
class ProductAdmin(ShownAdmin, Previewed, TransferAdmin):
    """Things sold, with the facts of their labels."""

    change_form_template = "admin/products/product_form.html"
    sheet = ProductSheet
    list_display = ("name", "brand", "category", "form", "dose_a_day", "limits", "label", "reviewed", "is_demo")
    list_filter = (
        "category",
        "form",
        "vegan",
        "label_readable",
        ("recalled_on", admin.EmptyFieldListFilter),
        "brand",
        "is_demo",
    )
    search_fields = ("name", "slug", "brand__name", "gtin")
    related = ("brand", "label_picture")
    label_related = ("brand",)
    autocomplete_fields = ("brand", "label_picture", "topics")
    prepopulated_fields = {"slug": ("name",)}
    short_texts = ("description",)
    inlines = (IngredientInline, CertificationInline, OfferInline)
    hints = {
        "description": gettext_lazy("What it is, in our words. No promise of an effect."),
        "label_elemental_mg": gettext_lazy(
            "As printed. A difference of 15 % from the computed amount is shown to readers."
        ),
        "short_facts": gettext_lazy("For accessories: material, size, what readers compare. One line."),
        "recalled_on": gettext_lazy("A recalled product loses its placements and its offers at once."),
    }
    fieldsets = (
        (None, {"fields": (("name", "slug"), ("brand", "category", "form"), "description", "short_facts", "topics")}),
        (
            gettext_lazy("A serving"),
            {"fields": (("serving_name", "servings_per_pack", "servings_per_day"), ("vegan", "gtin"))},
        ),
        (
            gettext_lazy("The label"),
            {"fields": ("label_readable", "label_warns_limit", "label_elemental_mg", "label_picture", "silhouette")},
        ),
        (gettext_lazy("Recall"), {"fields": (("recalled_on", "recall_notice"),)}),
        (gettext_lazy("Demonstration"), {"fields": ("is_demo",), "classes": ("collapse",)}),
    )

    # Annotations by name. Layers above fill them in when they load: facts know nothing of judgement.
    known_above: ClassVar[dict[str, Any]] = {}

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the dose a day, and what higher layers know of it."""
        return super().get_queryset(request).with_daily_dose().annotate(**self.known_above)

    def for_export(self, rows: Any) -> Any:
        """With topics and ingredients."""
        return for_export(rows)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """What the script needs to compute doses while somebody types."""
        context["dose_data"] = {
            "fractions": {str(row.pk): str(row.fraction) for row in Compound.objects.all()},
            "limits": [[limit.market.value, str(limit.mg)] for limit in served_limits()],
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def label_for(self, instance: Product) -> str:
        """The name, its brand and its form."""
        return f"{instance.name} – {instance.brand}, {instance.get_form_display()}"

    @admin.display(description=gettext_lazy("magnesium a day"), ordering="elemental_per_day")
    def dose_a_day(self, product: Any) -> str:
        """At the label's servings."""
        mg = product.elemental_per_day
        return f"{dose.round_mg(mg)} mg" if mg is not None else "–"

    @admin.display(description=gettext_lazy("of each limit"))
    def limits(self, product: Any) -> SafeString | str:
        """Per cent."""
        return share_of_limits(product.elemental_per_day) if product.elemental_per_day is not None else "–"

    @admin.display(description=gettext_lazy("label"))
    def label(self, product: Product) -> str:
        """What is wrong with it, if anything."""
        if product.is_recalled:
            return _("recalled")
        return _("readable") if product.label_readable else _("unreadable")

    @admin.display(description=gettext_lazy("review"), boolean=True, ordering="has_review")
    def reviewed(self, product: Any) -> bool:
        """Whether somebody has begun one."""
        return bool(getattr(product, "has_review", False))


@admin.register(ConflictDeclaration)
class ConflictDeclarationAdmin(HouseAdmin):
    """One a brand and author, renewed every twelve months."""

    list_display = ("author", "brand", "declared_on", "has_conflict", "relationship", "statement")
    list_filter = ("has_conflict", "author", "is_demo")
    search_fields = ("author__name", "brand__name", "relationship", "statement")
    date_hierarchy = "declared_on"
    related = ("author", "brand")
    autocomplete_fields = ("author", "brand")

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Among the author's conflicts of interest."""
        return str(obj.author.get_absolute_url()) if obj is not None else None
