"""Where a picture of the library stands: in fields that point at it, and in texts that refer to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver

from crampinfo.editorial import pictures
from crampinfo.editorial.models import InternalLink, Picture
from crampinfo.editorial.showing import publishables


def uses(picture: Picture) -> list[models.Model]:
    """The objects that show a picture, each once: authors, products, and whatever text refers to it."""
    found = dict.fromkeys((*_pointing(picture), *in_texts(picture)))
    return list(found)


def in_texts(picture: Picture) -> Iterator[models.Model]:
    """The publishable things in whose text it stands, found by the index of links: a query for each kind."""
    found = InternalLink.objects.filter(target=f"picture:{picture.pk}")
    kinds = ContentType.objects.get_for_models(*publishables())
    for model, kind in kinds.items():
        bodies = [field.name for field in model._meta.concrete_fields if getattr(field, "settled_by_saving", False)]
        rows: Any = model._default_manager.filter(pk__in=found.filter(content_type=kind).values("object_id"))
        yield from rows.defer(*bodies)


def _pointing(picture: Picture) -> Iterator[models.Model]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is Picture:
                yield from model._default_manager.filter(**{field.name: picture.pk})


@receiver(post_delete, sender=Picture)
def delete_the_files(instance: Picture, **kwargs: Any) -> None:
    """With the row."""
    pictures.forget_files(instance)
