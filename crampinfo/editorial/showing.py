"""Words that stand on live pages without being their own text: a product's name, a brand's owner, a label's picture.

Publishable.shown_with names them. The gate reads them when a page is published; here it is asked when they change.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from crampinfo.editorial import gate
from crampinfo.editorial.gate import Finding, GateRefused, Severity
from crampinfo.editorial.models import Publishable, State


def publishables() -> list[type[Publishable]]:
    """Every kind of thing that is published."""
    return [model for model in apps.get_models() if issubclass(model, Publishable)]


def check(instance: models.Model, changed: Container[str]) -> None:
    """Ask the gate about the fields of a saved object that changed, where live pages show them.

    The same words stand on every page that shows them, so one page of each kind answers for all. Raises GateRefused;
    the caller's transaction undoes the save.
    """
    found = [finding for page, path in _pages_showing(instance, changed) for finding in _about(page, path)]
    if found:
        raise GateRefused(found)


def _pages_showing(instance: models.Model, changed: Container[str]) -> Iterator[tuple[Publishable, str]]:
    for model in publishables():
        for path, fields in model.shown_with.items():
            if _end(model, path) is not type(instance) or not any(name in changed for name in fields):
                continue
            live = model._default_manager.filter(state=State.PUBLISHED, **{path.replace(".", "__"): instance.pk})
            page = live.first()
            if page is not None:
                yield page, path


def _end(model: type[models.Model], path: str) -> type[models.Model]:
    """The model at the end of a path of relations."""
    for name in path.split("."):
        model = model._meta.get_field(name).related_model  # type: ignore[assignment]
    return model


def _about(page: Publishable, path: str) -> list[Finding]:
    """What stops the page because of these words, named by the field they were changed in."""
    readers = _("Readers see it on “%(page)s”.") % {"page": page}
    return [
        replace(one, field=one.field.removeprefix(f"{path}."), why=f"{readers} {one.why}")
        for one in gate.inspect(page)
        if one.severity is Severity.BLOCK and one.field.startswith(f"{path}.")
    ]
