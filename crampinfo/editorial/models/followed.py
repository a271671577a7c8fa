"""Rows that places rest on: whatever changes them, one by one or many at once, is heard in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models, router, transaction

from crampinfo.editorial.signals import rows_changed


class FollowedQuerySet(models.QuerySet):
    """Querysets that say which rows they changed: save() has signals for that, update() and bulk_create() none."""

    def update(self, **values: Any) -> int:
        """Change many, and say so where that can move something."""
        followed: frozenset[str] | None = getattr(self.model, "followed_fields", None)
        if followed is not None and followed.isdisjoint(name.removesuffix("_id") for name in values):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            keys = list(self.order_by().values_list("pk", flat=True))
            changed = super().update(**values)
            rows_changed.send(sender=self.model, keys=keys)
            return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Add many, and say which."""
        with transaction.atomic(using=self.db):
            made: list[Any] = super().bulk_create(objs, *args, **kwargs)
            rows_changed.send(sender=self.model, keys=[row.pk for row in made if row.pk is not None])
            return made

    bulk_create.alters_data = True  # type: ignore[attr-defined]


class Followed(models.Model):
    """A row whose change is put on record with it. followed_fields limits what counts in bulk; None: every field."""

    followed_fields: ClassVar[frozenset[str] | None] = None

    objects: ClassVar[Any] = FollowedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The row and what its signals write are saved together, or not at all."""
        with transaction.atomic(using=kwargs.get("using") or router.db_for_write(type(self), instance=self)):
            super().save(*args, **kwargs)
