"""Choosing related objects: autocompletes whose labels tell things apart, without a query for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db import models
from django.forms import ModelForm
from django.forms.utils import ErrorDict

from crampinfo.editorial.admin.refusal import Refusal


def label_of(site: AdminSite | None, instance: models.Model) -> str:
    """What an autocomplete prints of an object: its admin's label_for, else its own name."""
    owner = site._registry.get(type(instance)) if site is not None else None
    return owner.label_for(instance) if isinstance(owner, Labels) else str(instance)


class Labels:
    """What a ModelAdmin adds so that its objects can be told apart when they are chosen elsewhere."""

    label_related: tuple[str, ...] = ()  # what label_for reads of other models, fetched in the same query

    def label_for(self, instance: Any) -> str:
        """One line that tells this object from those with the same name."""
        return str(instance)


class _Known:
    """An autocomplete that asks the database only for objects that its form has not loaded already."""

    admin_site: Any
    field: Any
    choices: Any
    db: Any

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        """The chosen options alone; the rest comes as the person types."""
        multiple = self.allow_multiple_selected  # type: ignore[attr-defined]
        options = [] if multiple or self.is_required else [self.create_option(name, "", "", False, 0)]  # type: ignore[attr-defined]
        for instance in self._chosen([key for key in value if key]):
            label = label_of(self.admin_site, instance)
            option = self.create_option(name, instance.pk, label, True, len(options))  # type: ignore[attr-defined]
            options.append(option)
        return [(None, options, 0)]

    def _chosen(self, keys: list[str]) -> list[models.Model]:
        known: dict[str, models.Model] = getattr(self, "known", {})
        if not keys or all(str(key) in known for key in keys):
            return [known[str(key)] for key in keys]
        rows = self.choices.queryset.using(self.db).filter(pk__in=[key for key in keys if str(key).isdecimal()])
        owner = self.admin_site._registry.get(self.field.remote_field.model)
        related = owner.label_related if isinstance(owner, Labels) else ()
        found = {str(row.pk): row for row in (rows.select_related(*related) if related else rows)}
        return [found[str(key)] for key in keys if str(key) in found]


class KnownSelect(_Known, AutocompleteSelect):  # type: ignore[misc]
    """One related object."""


class KnownSelectMultiple(_Known, AutocompleteSelectMultiple):  # type: ignore[misc]
    """Several related objects, each taken out by its own cross."""

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        """A cross for all at once would be a stranger in the list of choices, which screen readers stumble over."""
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}


class HouseForm(ModelForm):
    """Tells its autocompletes which related objects the instance already carries; one that came too late says so, and
    one whose save was stopped comes back with the reasons."""

    refusal: Refusal | None = None  # what stopped its first attempt (crampinfo.editorial.admin.refusing)
    told: str = ""  # who saved the object after this form was opened (crampinfo.editorial.admin.meanwhile)
    looked_at = False  # a draft of changes laid open: shown with its words, neither checked nor saved

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            carried = self.instance._state.fields_cache.get(name)
            if isinstance(widget, KnownSelect) and carried is not None:
                widget.known = {str(carried.pk): carried}  # type: ignore[attr-defined]

    def full_clean(self) -> None:
        """Nothing, for what is only looked at: checking asks the database for every choice of every row."""
        if self.looked_at:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    def is_valid(self) -> bool:
        """What is only looked at is never saved."""
        return super().is_valid() and not self.looked_at

    def clean(self) -> dict[str, Any] | None:
        """Not saved as long as the person has not seen what came between; every complaint stands where it belongs."""
        data = super().clean()
        if self.told:
            self.add_error(None, self.told)
        for complaint in self.refusal.complaints if self.refusal else ():
            self.add_error(complaint.field if complaint.field in self.fields else None, complaint.sentence)
        return data


def learn(forms: Sequence[ModelForm]) -> None:
    """Fetch what the autocompletes of many forms of one kind will name, in one query a field instead of one a row."""
    wanted: dict[str, list[tuple[KnownSelect, str]]] = {}
    for form in forms:
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            key = str(form[name].value() or "")
            if isinstance(widget, KnownSelect) and key.isdecimal() and key not in getattr(widget, "known", {}):
                wanted.setdefault(name, []).append((widget, key))
    for pairs in wanted.values():
        first = pairs[0][0]
        owner = first.admin_site._registry.get(first.field.remote_field.model)
        related = owner.label_related if isinstance(owner, Labels) else ()
        rows = first.choices.queryset.using(first.db).filter(pk__in={key for _widget, key in pairs})
        found = {str(row.pk): row for row in (rows.select_related(*related) if related else rows)}
        for widget, key in pairs:
            if key in found:
                widget.known = {key: found[key]}  # type: ignore[attr-defined]
