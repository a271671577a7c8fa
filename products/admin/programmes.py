"""Affiliate programmes: terms, links, and what a pause or an end leaves without an offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from crampinfo.editorial.admin.labels import HouseForm
from products import endings, terms
from products.admin.pausing import Pausing
from products.endings import Ending
from products.models import AffiliateProgramme, Category

Told = Callable[[HttpRequest, Ending], None]


class WordsField(forms.CharField):
    """A list of words, typed with spaces or commas between them."""

    def prepare_value(self, value: Any) -> Any:
        """As it is typed."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """As it is stored."""
        return [word for word in str(super().clean(value) or "").replace(",", " ").split() if word]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as stored."""
        return bool((initial or []) != self.clean(data))


class LinesField(forms.CharField):
    """Terms by country or category: a line each, read and written by two functions of products.terms."""

    def __init__(self, read: Callable[[str], Any], write: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), **kwargs)
        self.read, self.write = read, write

    def prepare_value(self, value: Any) -> Any:
        """As it is typed."""
        return value if isinstance(value, str) else self.write(value or ())

    def clean(self, value: Any) -> Any:
        """As it is stored."""
        try:
            return self.read(str(super().clean(value) or ""))
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as typed, without white space around it."""
        return str(self.prepare_value(initial)).split() != str(data or "").split()


class ProgrammeForm(HouseForm):
    """The parameters a link may carry, typed as words; marketplaces and commissions, a line each."""

    marketplaces = LinesField(
        lambda text: terms.stored(terms.read_marketplaces(text)),
        lambda value: "\n".join(one.words() for one in terms.marketplaces_of(list(value))),
        label=gettext_lazy("Marketplaces"),
        help_text=gettext_lazy("The shop's sites, a line each: country, host, partner code. DE shop.example tag-21"),
    )
    commissions = LinesField(
        lambda text: terms.read_commissions(text, Category.values),
        lambda value: terms.commission_lines(dict(value)),
        label=gettext_lazy("Commissions by category"),
        help_text=gettext_lazy("Where they differ, a line each, in per cent: supplement 4.5. Seen by nobody else."),
    )

    allowed_parameters = WordsField(
        label=gettext_lazy("Allowed parameters"),
        required=False,
        help_text=gettext_lazy("Names of the only parameters an outbound link may carry, such as tag, ref."),
    )


@admin.register(AffiliateProgramme)
class AffiliateProgrammeAdmin(Pausing):
    """The terms under which a shop pays. Scorers see none of this."""

    change_form_template = "admin/products/ending_tool.html"
    form = ProgrammeForm
    list_display = (
        "name",
        "merchant",
        "commission_percent",
        "link_mode",
        "runs",
        "starts_at",
        "ends_at",
        "offer_count",
    )
    list_filter = ("link_mode", "is_paused", "merchant", "is_demo")
    search_fields = ("name", "slug", "merchant__name")
    related = ("merchant",)
    label_related = ("merchant",)
    autocomplete_fields = ("merchant",)
    prepopulated_fields = {"slug": ("name",)}
    hints = {
        "link_mode": gettext_lazy("Direct where the programme's terms forbid redirects; direct links are not counted."),
        "commission_percent": gettext_lazy("Never shown to readers, reviewers or editors."),
        "max_price_age_hours": gettext_lazy("After that a price vanishes everywhere until it is read again."),
    }
    fieldsets = (
        (
            None,
            {"fields": (("name", "slug"), "merchant", ("is_paused", "keeps_plain_links"), ("starts_at", "ends_at"))},
        ),
        (gettext_lazy("Money"), {"fields": (("commission_percent", "commissions"),), "classes": ("money",)}),
        (
            gettext_lazy("Links"),
            {
                "fields": (
                    "link_mode",
                    ("partner_parameter", "partner_code"),
                    "marketplaces",
                    "source_parameter",
                    "allowed_parameters",
                    "required_sentence",
                )
            },
        ),
        (gettext_lazy("Prices"), {"fields": ("manual_prices", "max_price_age_hours")}),
        (gettext_lazy("Demonstration"), {"fields": ("is_demo",), "classes": ("collapse",)}),
    )

    # Says on which pages a product is left without an offer; a layer above, which knows the pages, fills it in.
    told_above: ClassVar[list[Told]] = []

    def save_model(self, request: HttpRequest, obj: AffiliateProgramme, form: Any, change: bool) -> None:
        """A form that stops a programme says what that leaves, like the page that was made for it."""
        stops = change and not obj.allows_links(timezone.now())
        found = endings.of(obj) if stops else None
        super().save_model(request, obj, form, change)
        self._tell(request, found)

    def _saved(self, request: HttpRequest, row: Any) -> bool:
        """Each one that is paused says what it leaves."""
        found = endings.of(row) if row.is_paused and not row.keeps_plain_links else None
        done = super()._saved(request, row)
        if done:
            self._tell(request, found)
        return done

    def _tell(self, request: HttpRequest, found: Ending | None) -> None:
        if found is not None and found.without:
            for tell in self.told_above:
                tell(request, found)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With how many offers run under it."""
        return super().get_queryset(request).annotate(under=Count("offers"))

    def label_for(self, instance: AffiliateProgramme) -> str:
        """The name and whose."""
        return f"{instance.name} – {instance.merchant}"

    @admin.display(description=gettext_lazy("running"), boolean=True)
    def runs(self, programme: AffiliateProgramme) -> bool:
        """Whether its links pay now."""
        return programme.pays(timezone.now())

    @admin.display(description=gettext_lazy("offers"), ordering="under")
    def offer_count(self, programme: Any) -> int:
        """How many offers run under it."""
        return int(programme.under)
