"""The admin of what stands on live pages without a state of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from crampinfo.editorial import showing
from crampinfo.editorial.admin.base import HouseAdmin


class ShownAdmin(HouseAdmin):
    """Its words pass the gate when they are saved."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """After everything is saved; a refusal undoes it."""
        super().save_related(request, form, formsets, change)
        if change:
            showing.check(form.instance, form.changed_data)
