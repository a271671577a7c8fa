"""Who was refused at the other side's door: for those who answer for the separation of selling and scoring."""

from __future__ import annotations

from django.contrib import admin

from crampinfo.editorial.admin import HouseAdmin
from crampinfo.editorial.admin.base import ReadOnly
from crampinfo.site.models import Attempt


@admin.register(Attempt)
class AttemptAdmin(ReadOnly, HouseAdmin):
    """Written by the system, never changed."""

    list_display = ("last", "name", "target", "method", "path", "times")
    list_filter = ("target", "day")
    search_fields = ("name", "path")
    date_hierarchy = "last"
    fields = ("name", "target", "method", "path", "day", "times", "last")
