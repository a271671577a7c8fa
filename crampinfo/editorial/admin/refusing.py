"""Forms that come back with their reasons: what stops a save after the form was valid undoes all of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from crampinfo.editorial.admin.refusal import ASIDE, Stop, of_error


class Refusing(admin.ModelAdmin):
    """One part of HouseAdmin: models check themselves on every path, and may refuse what their form could not see."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, with what stopped its first attempt when this is the second."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, ASIDE, None)
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Try; what stops the save undoes all of it, and the same form comes back with the reasons in it."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Stop as stop:
            setattr(request, ASIDE, stop.refusal)
        except ValidationError as error:
            setattr(request, ASIDE, of_error(error, self.model))
        return super().changeform_view(request, object_id, form_url, extra_context)
