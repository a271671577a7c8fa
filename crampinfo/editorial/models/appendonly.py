"""Rows that are written once and stay: ledger entries, scores, prices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn

from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from crampinfo.editorial.signals import rows_changed


def _refusal(model: Any) -> str:
    """The model's own sentence."""
    return str(model.append_only)


class AppendOnlyQuerySet(models.QuerySet):
    """Querysets that only grow; what is added in bulk is checked row by row."""

    def update(self, **values: Any) -> NoReturn:
        """Refused."""
        raise PermissionDenied(_refusal(self.model))

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise PermissionDenied(_refusal(self.model))

    def delete(self) -> NoReturn:
        """Refused."""
        raise PermissionDenied(_refusal(self.model))

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Append many; a row that is stored already, and a way round one, are refused."""
        rows = list(objs)
        if kwargs.get("update_conflicts") or any(not row._state.adding for row in rows):
            raise PermissionDenied(_refusal(self.model))
        for row in rows:
            row.full_clean()
        with transaction.atomic():
            made: list[Any] = super().bulk_create(rows, *args, **kwargs)
            for row in made:
                row.appended()
            rows_changed.send(sender=self.model, keys=[row.pk for row in made])
        return made

    bulk_create.alters_data = True  # type: ignore[attr-defined]


class AppendOnly(models.Model):
    """A row that is added once and neither changed nor deleted; append_only says what to do instead."""

    append_only: ClassVar[str] = ""

    objects: ClassVar[Any] = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Check and append; one that is stored already is refused, under a number of its own choosing too."""
        if not self._state.adding:
            raise PermissionDenied(self.append_only)
        self.full_clean()
        with transaction.atomic():
            super().save(*args, **{**kwargs, "force_insert": True})
            self.appended()

    def appended(self) -> None:
        """What follows from a new row, in its transaction; nothing here."""

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise PermissionDenied(self.append_only)
