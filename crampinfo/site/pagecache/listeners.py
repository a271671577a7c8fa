"""Hears what is loaded while a page is made, and what is saved afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.signals import m2m_changed, post_delete, post_init, post_save, pre_save
from django.dispatch import receiver

from crampinfo.editorial.signals import content_changed
from crampinfo.lib import shown
from crampinfo.site.pagecache import changes

# Moments at which a loaded row itself stops or starts to be true.
_MOMENTS = ("publish_at", "retire_at", "starts_at", "ends_at", "ended_early_at")


@receiver(content_changed, dispatch_uid="site.pages.content")
def render_content_again(sender: type[Any], instance: models.Model, **kwargs: Any) -> None:
    """Something was published, withdrawn, or changed by something else than its own row."""
    changes.note(instance)


@receiver(pre_save, dispatch_uid="site.pages.before")
def look_before(sender: type[Any], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Compare what other pages print of this row with what they print now."""
    if not raw and sender._meta.app_label in changes.OURS:
        changes.remember(instance)


@receiver((post_save, post_delete), dispatch_uid="site.pages")
def render_again(sender: type[Any], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """The pages that show this row are rendered again once the transaction has committed."""
    if sender._meta.app_label in changes.OURS:
        changes.note(instance, beside=changes.is_changed_beside(instance))


@receiver(m2m_changed, dispatch_uid="site.pages.links")
def render_linked_again(
    sender: type[Any], instance: Any, action: str, model: type[models.Model], pk_set: set[int] | None, **kwargs: Any
) -> None:
    """A link between two rows stands on the pages of both."""
    if not action.startswith("post_") or not isinstance(instance, models.Model):
        return
    changes.note(instance)
    for other in model._base_manager.filter(pk__in=pk_set or ()):
        changes.note(other)


def note_loaded(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    """While a page is made: it shows this row, and until when."""
    seen = shown.current()
    if seen is None or instance.pk is None:
        return
    label, names = _facts(sender)
    seen.tags.add(f"{label}:{instance.pk}")
    for name in names:
        moment: datetime | None = instance.__dict__.get(name)
        if moment is not None and moment > datetime.now(UTC):
            seen.ends(moment.timestamp(), priced=label.startswith("products."))


@lru_cache(maxsize=256)
def _facts(model: type[models.Model]) -> tuple[str, tuple[str, ...]]:
    """The label and the fields that hold moments of a model."""
    fields = {field.attname for field in model._meta.concrete_fields}
    return model._meta.label_lower, tuple(name for name in _MOMENTS if name in fields)


for _model in apps.get_models():
    if _model._meta.app_label in changes.OURS:
        post_init.connect(note_loaded, sender=_model, dispatch_uid=f"site.pages.{_model._meta.label_lower}")
