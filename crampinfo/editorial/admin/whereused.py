"""Where something is used: a section of its form, and the page that refuses to delete it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crampinfo.editorial import redirects, whereused

IN_USE = 409
"""The status of a page that refuses to delete: the object as it stands is in the way."""
_OPEN = 5  # more rows than that are folded away until somebody wants them
_NAMED = 20  # objects of a selection whose uses are listed on one page


@dataclass(frozen=True, slots=True)
class Row:
    """One use in words, with its page in the admin."""

    kind: str
    title: str
    how: str
    state: str
    address: str


@dataclass(frozen=True, slots=True)
class Section:
    """What is printed of an object's uses; beyond says that there are some this person may not see."""

    name: str
    rows: Sequence[Row]
    total: int
    beyond: bool = False
    address: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the rows are in sight at once."""
        return self.total <= _OPEN

    @property
    def more(self) -> int:
        """How many are counted and not listed."""
        return self.total - len(self.rows)


@admin.action(permissions=["delete"], description=gettext_lazy("Delete selected %(verbose_name_plural)s"))
def delete_unused(modeladmin: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Django's own action, unless one of them is used: then none is deleted and a page says which and where."""
    held: list[models.Model] = []
    for instance in queryset:
        if whereused.is_held(instance):
            held.append(instance)
        if len(held) == _NAMED:
            break
    if held:
        return modeladmin.refuse_deleting(request, held)  # type: ignore[no-any-return]
    return delete_selected(modeladmin, request, queryset)


class WhereUsed(admin.ModelAdmin):
    """What a ModelAdmin says of the uses of its objects."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Many are deleted as one is: not while they are used."""
        actions: dict[str, Any] = super().get_actions(request)
        if "delete_selected" in actions:
            _django, name, words = actions["delete_selected"]
            actions["delete_selected"] = delete_unused, name, words
        return actions

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Asks, unless it is used: then the page says where, and there is nothing to confirm."""
        instance = self.get_object(request, unquote(object_id))
        if instance is not None and self.has_delete_permission(request, instance) and whereused.is_held(instance):
            return self.refuse_deleting(request, [instance])
        return super().delete_view(request, object_id, extra_context)

    def refuse_deleting(self, request: HttpRequest, held: Sequence[models.Model]) -> HttpResponse:
        """The page that says where these are used."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Not deleted: still in use"),
            "subtitle": None,
            "sections": [self._beyond_too(request, instance) for instance in held],
            "opts": self.opts,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/inuse.html", context, status=IN_USE)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add where it is used, and what a new address does to the pages that link to it."""
        instance = context.get("original")
        if instance is not None and whereused.knows(type(instance)):
            found = self._seen_uses(request, instance)
            context["whereused"] = self._in_words(request, instance, found)
            form = context["adminform"].form
            if "slug" in form.fields and found.linking and whereused.is_linked_by_address(type(instance)):
                slug = form["slug"]  # bound by now: what its field says is no longer asked
                slug.help_text = " ".join(filter(None, (str(slug.help_text), _following(instance, found.linking))))
        return super().render_change_form(request, context, *args, **kwargs)

    def _seen_uses(self, request: HttpRequest, instance: models.Model) -> whereused.Uses:
        """What this person may see of them: who may not open a kind of record is not told of one."""

        def visible(model: type[models.Model]) -> bool:
            owner = self.admin_site._registry.get(model)
            return owner is not None and owner.has_view_permission(request)

        return whereused.uses(instance, visible)

    def _beyond_too(self, request: HttpRequest, instance: models.Model) -> Section:
        return self._in_words(request, instance, self._seen_uses(request, instance), ask_beyond=True)

    def _in_words(
        self, request: HttpRequest, instance: models.Model, found: whereused.Uses, *, ask_beyond: bool = False
    ) -> Section:
        return Section(
            name=str(instance),
            rows=[
                Row(
                    use.kind,
                    use.title,
                    use.how,
                    "" if use.live is None else _("live") if use.live else _("not live"),
                    reverse(f"admin:{use.model._meta.app_label}_{use.model._meta.model_name}_change", args=[use.pk]),
                )
                for use in found.rows
            ],
            total=found.total,
            beyond=ask_beyond and whereused.uses(instance).total > found.total,
            address=reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[instance.pk]),
        )


def _following(instance: models.Model, linking: int) -> str:
    """What happens to links when the address changes."""
    said = ngettext(
        "%(n)s text links here; if you change this, its link follows.",
        "%(n)s texts link here; if you change this, their links follow.",
        linking,
    ) % {"n": linking}
    left = _("Readers who have the old address are led to the new one.")
    return f"{said} {left}" if redirects.was_seen(instance) else said
