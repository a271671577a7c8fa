"""Shops, the terms they pay under, offers with their prices, and how often a link was followed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial.admin import AppendOnly, HouseAdmin, HouseInline, ReadOnly, TransferAdmin, ValuesFilter
from products import pricehistory
from products.admin.filters import Freshness
from products.admin.pausing import Pausing
from products.models import ClickCount, Merchant, Offer, Price
from products.transfer import OfferSheet, PriceSheet
from products.transfer.commerce import SEES_TERMS

SEES_CLICKS = "products.view_clickcount"
_PRICES_SHOWN = 20


@admin.register(Merchant)
class MerchantAdmin(HouseAdmin):
    """Shops. A link to a shop's host in any text becomes an offer or is refused."""

    change_form_template = "admin/products/ending_tool.html"
    list_display = ("name", "host", "country", "offer_count", "is_demo")
    list_filter = (("country", ValuesFilter), "is_demo")
    search_fields = ("name", "host", "slug")
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        """With how many offers it has."""
        return super().get_queryset(request).annotate(sold=Count("offers"))

    def label_for(self, instance: Merchant) -> str:
        """The name and the host."""
        return f"{instance.name} ({instance.host})"

    @admin.display(description=gettext_lazy("offers"), ordering="sold")
    def offer_count(self, merchant: Any) -> int:
        """How many products it sells here."""
        return int(merchant.sold)


def price_words(offer: Any, now: Any) -> SafeString | str:
    """The newest price with its age; one that is too old says that readers don't see it."""
    if offer.price_as_of is None:
        return "–"
    age = _("%(time)s ago") % {"time": timesince(offer.price_as_of, now, depth=1)}
    amount = f"{offer.price_amount:.2f} {offer.price_currency}"
    if offer.is_price_fresh(now):
        return format_html("{} <small>{}</small>", amount, age)
    hidden = _("too old, hidden")
    return format_html("{} <small>{}, <b>{}</b></small>", amount, age, hidden)


class OfferInline(AppendOnly, HouseInline):
    """Who sells it, to be seen beside the product; offers are edited on pages of their own."""

    model = Offer
    fields = ("merchant", "country", "newest_price", "in_stock", "is_paused")
    readonly_fields = fields
    related = ("merchant", "programme", "product")
    show_change_link = True
    verbose_name_plural = gettext_lazy("offers (changed on their own pages)")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the newest price."""
        return super().get_queryset(request).with_price()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """On a page of its own."""
        return False

    @admin.display(description=gettext_lazy("newest price"))
    def newest_price(self, offer: Any) -> SafeString | str:
        """And its age."""
        return price_words(offer, timezone.now())


class PriceInline(AppendOnly, HouseInline):
    """The newest prices; a new one is a new row."""

    model = Price
    fields = ("amount", "currency", "shipping", "source", "as_of", "max_age_hours")
    ordering = ("-as_of", "-pk")
    verbose_name_plural = gettext_lazy("prices, newest first (added, never changed)")

    def get_queryset(self, request: HttpRequest) -> Any:
        """A feed leaves thousands: the form shows the newest."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        key = match.kwargs.get("object_id") if match else None
        if not key or not str(key).isdecimal():
            return rows
        newest = Price.objects.filter(offer=int(key)).order_by("-as_of", "-pk").values("pk")[:_PRICES_SHOWN]
        return rows.filter(pk__in=newest)


@admin.register(Offer)
class OfferAdmin(Pausing, TransferAdmin):
    """One product at one shop, with its address and its prices."""

    change_form_template = "admin/products/offer_form.html"
    sheet = OfferSheet
    list_display = ("product", "merchant", "newest_price", "country", "programme", "in_stock", "clicks_30")
    list_filter = (Freshness, "is_paused", "in_stock", ("country", ValuesFilter), "merchant")
    search_fields = ("product__name", "product__brand__name", "merchant__name", "url")
    related = ("product", "product__brand", "merchant", "programme")
    label_related = ("product", "merchant", "programme")
    autocomplete_fields = ("product", "merchant", "programme")
    inlines = (PriceInline,)
    hints = {
        "url": gettext_lazy("The shop's own page of this product. Only addresses on the shop's host are taken."),
        "programme": gettext_lazy("Empty: a purchase pays us nothing, and the link is shown all the same."),
        "ends_at": gettext_lazy("The offer is kept for the record and shown to nobody after this."),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the newest price, and for those who may see them, the clicks of 30 days."""
        rows = super().get_queryset(request).with_price()
        if not request.user.has_perm(SEES_CLICKS):
            return rows
        since = timezone.localdate() - timedelta(days=30)
        counted = ClickCount.objects.filter(offer=OuterRef("pk"), day__gt=since).order_by().values("offer")
        return rows.annotate(clicked=Coalesce(Subquery(counted.annotate(n=Sum("count")).values("n")), 0))

    def get_list_display(self, request: HttpRequest) -> Any:
        """Terms and clicks only before those who may see them."""
        hidden = set() if request.user.has_perm(SEES_TERMS) else {"programme"}
        hidden |= set() if request.user.has_perm(SEES_CLICKS) else {"clicks_30"}
        return [name for name in self.list_display if name not in hidden]

    def get_list_filter(self, request: HttpRequest) -> Any:
        """See get_list_display."""
        return [*self.list_filter, "programme"] if request.user.has_perm(SEES_TERMS) else self.list_filter

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """See get_list_display."""
        terms = ["programme"] if request.user.has_perm(SEES_TERMS) else []
        return ["product", "merchant", *terms, "url", ("country", "currency"), "in_stock", "is_paused", "ends_at"]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With what it cost, week by week."""
        offer: Offer | None = kwargs.get("obj")
        context["price_history"] = pricehistory.of_offer(offer) if offer is not None else None
        return super().render_change_form(request, context, *args, **kwargs)

    def label_for(self, instance: Offer) -> str:
        """Product, shop and country."""
        return f"{instance.product} at {instance.merchant} ({instance.country or instance.currency})"

    @admin.display(description=gettext_lazy("newest price"))
    def newest_price(self, offer: Any) -> SafeString | str:
        """And its age."""
        return price_words(offer, timezone.now())

    @admin.display(description=gettext_lazy("clicks, 30 days"))
    def clicks_30(self, offer: Any) -> int:
        """How often it was followed."""
        return int(offer.clicked)


@admin.register(Price)
class PriceAdmin(AppendOnly, TransferAdmin):
    """Every price ever read, newest first."""

    sheet = PriceSheet
    list_display = ("offer", "amount", "currency", "shipping", "source", "as_of", "max_age_hours")
    list_filter = ("source", "currency", "offer__merchant")
    search_fields = ("offer__product__name", "offer__merchant__name")
    date_hierarchy = "as_of"
    related = ("offer", "offer__product", "offer__merchant")
    autocomplete_fields = ("offer",)


@admin.register(ClickCount)
class ClickCountAdmin(ReadOnly, HouseAdmin):
    """How often an offer was followed from a page and slot on a day. Nothing about who did."""

    list_display = ("day", "offer", "page", "slot", "count")
    list_filter = ("slot", "offer__merchant")
    search_fields = ("page", "slot", "offer__product__name", "offer__merchant__name")
    date_hierarchy = "day"
    related = ("offer", "offer__product", "offer__merchant")
