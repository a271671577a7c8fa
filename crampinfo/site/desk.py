"""The admin site: grouped by the work people do, with a home page that says what needs them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db import models
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

# The menu, by work and not by app. A model that is not named stands under "Site".
SECTIONS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    (
        "writing",
        gettext_lazy("Writing"),
        ("planning", "article", "question", "page", "comment", "evidence", "reference", "topic", "author", "picture"),
    ),
    (
        "judging",
        gettext_lazy("Judging"),
        ("review", "ranking", "product", "brand", "compound", "score", "methodology", "methodologyversion"),
    ),
    (
        "money",
        gettext_lazy("Money"),
        (
            *("desk-reports", "placement", "desk-calendar", "slot", "offer", "price", "linkcheck"),
            *("merchant", "affiliateprogramme", "feed", "feedrun", "feeditem", "conversion", "clickcount"),
            "desk-old-links",
        ),
    ),
    (
        "records",
        gettext_lazy("Law and records"),
        (
            "disclosure",
            "authorisedclaim",
            "conflictdeclaration",
            "medicalreview",
            "acknowledgement",
            "ledgerentry",
            "revision",
            "auditrun",
        ),
    ),
)


# Pages of the menu that belong to no model: address, name, and what somebody must be allowed to see them.
PAGES: tuple[tuple[str, Any, str], ...] = (
    ("planning", gettext_lazy("Planning"), "articles.view_article"),
    ("desk-reports", gettext_lazy("Clicks and earnings"), "products.view_clickcount"),
    ("desk-calendar", gettext_lazy("Calendar of slots"), "products.view_placement"),
    ("desk-old-links", gettext_lazy("Import plugin links"), "products.change_affiliateprogramme"),
)


# Menus kept at most: there are seven roles, three languages, and people with a few permissions more.
_MENUS = 64


def _allowed(user: Any) -> Hashable:
    """All that a menu depends on: what somebody may do."""
    return user.is_superuser or frozenset(user.get_all_permissions())


class AutocompleteView(AutocompleteJsonView):
    """Options with labels that tell things apart (see crampinfo.editorial.admin.labels).

    This module is imported while Django sets up the admin, so it can't import what is registered there.
    """

    def get_queryset(self) -> Any:
        """The labels' related rows come along."""
        related: tuple[str, ...] = getattr(self.model_admin, "label_related", ())
        rows = super().get_queryset()
        if not rows.ordered:  # a count beside each row makes Django forget the model's own order
            rows = rows.order_by(*(self.model_admin.model._meta.ordering or ("pk",)))
        return rows.select_related(*related) if related else rows

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        """The option as the select prints it once chosen."""
        label = getattr(self.model_admin, "label_for", str)
        return {"id": str(getattr(obj, to_field_name)), "text": label(obj)}


def _page(name: str, words: Any) -> dict[str, Any]:
    """A page as the menu wants models."""
    perms = {"add": False, "change": False, "delete": False, "view": True}
    address = reverse(name)
    return {
        "model": None,
        "name": words,
        "object_name": name,
        "perms": perms,
        "admin_url": address,
        "add_url": None,
        "view_only": True,
    }


class Desk(AdminSite):
    """One for all roles; what each sees is decided by permissions alone."""

    site_header = "CrampInfo"
    site_title = gettext_lazy("CrampInfo admin")
    index_title = gettext_lazy("What needs you now")
    index_template = "admin/home.html"
    enable_nav_sidebar = True

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Sections by work for the menu; Django's own list for a single app.

        Every page of the admin shows the menu, and asking forty models for four permissions each is a third of what
        a page costs; so it is made once for everybody who may do the same.
        """
        if app_label is not None:
            return list(super().get_app_list(request, app_label))
        key = (_allowed(request.user), get_language(), get_script_prefix())
        if key not in self._menus:
            if len(self._menus) >= _MENUS:
                self._menus.clear()
            self._menus[key] = self._sections(request)
        return [{**section, "models": [*section["models"]]} for section in self._menus[key]]

    @cached_property
    def _menus(self) -> dict[Hashable, list[dict[str, Any]]]:
        return {}

    def _sections(self, request: HttpRequest) -> list[dict[str, Any]]:
        apps: list[Any] = super().get_app_list(request)
        models = {model["object_name"].lower(): model for app in apps for model in app["models"]}
        models |= {name: _page(name, words) for name, words, needed in PAGES if request.user.has_perm(needed)}
        sections = [
            (key, name, [models.pop(model) for model in wanted if model in models]) for key, name, wanted in SECTIONS
        ]
        sections.append(("site", _("Site"), list(models.values())))
        home = reverse("admin:index")
        return [
            {"name": name, "app_label": key, "app_url": f"{home}#{key}", "has_module_perms": True, "models": found}
            for key, name, found in sections
            if found
        ]

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """With labels that tell things apart."""
        return AutocompleteView.as_view(admin_site=self)(request)
