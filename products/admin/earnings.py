"""Conversions, to be read: they come in by the network's file."""

from __future__ import annotations

from django.contrib import admin

from crampinfo.editorial.admin import HouseAdmin, ReadOnly
from products.models import Conversion


@admin.register(Conversion)
class ConversionAdmin(ReadOnly, HouseAdmin):
    """What links earned. Nothing about who bought."""

    list_display = ("happened_on", "offer", "page", "slot", "amount", "commission", "currency", "status", "programme")
    list_filter = ("status", "programme", "currency")
    search_fields = ("reference", "page", "slot", "offer__product__name", "offer__merchant__name")
    date_hierarchy = "happened_on"
    related = ("offer", "offer__product", "offer__merchant", "programme")
