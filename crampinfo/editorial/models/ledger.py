"""The ledger: what moved a score or a place, chained entry by entry, once written never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import connections, models, router, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models.appendonly import AppendOnly, AppendOnlyQuerySet
from crampinfo.lib import chain

# Any number will do, as long as nothing else in this database locks by it.
_LOCK = 4_027_161_801


class LedgerQuerySet(AppendOnlyQuerySet):
    """Querysets of entries; whatever is added is chained to the last one."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Append many, in the order given."""
        rows = list(objs)
        with transaction.atomic(using=self._alias):
            if all(row._state.adding for row in rows):  # what is stored already is refused below
                self.wait_for_turn()
                self.seal(rows)
            made: list[Any] = super().bulk_create(rows, *args, **kwargs)
            return made

    bulk_create.alters_data = True  # type: ignore[attr-defined]

    def wait_for_turn(self) -> None:
        """One writer at a time, until the transaction ends. SQLite's transactions take that lock when they begin."""
        if connections[self._alias].vendor == "postgresql":
            with connections[self._alias].cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])

    def seal(self, rows: Sequence[LedgerEntry]) -> None:
        """Number, date and chain new rows; only after wait_for_turn, or two would follow the same entry."""
        stored: Any = self.using(self._alias)
        last: LedgerEntry | None = stored.order_by("-number").first()
        now = self.clock()
        for row in rows:
            row.follow(last, now)
            last = row

    def clock(self) -> datetime:
        """The database's clock: one for all machines, and the one that decides what is published."""
        if connections[self._alias].vendor != "postgresql":
            return timezone.now()  # SQLite is on this machine
        with connections[self._alias].cursor() as cursor:
            cursor.execute("SELECT statement_timestamp()")
            found: datetime = cursor.fetchone()[0]
            return found

    @property
    def _alias(self) -> str:
        return getattr(self, "_db", None) or router.db_for_write(self.model)


class LedgerEntry(AppendOnly):
    """One fact. subject is "model:key", payload the numbers and words, reason what an outsider is told.

    at is from when it counts, recorded when it was written; the other fields make the chain (docs/ledger.md).
    """

    append_only = "The ledger is append-only: write a correcting entry instead of changing one."

    number = models.BigIntegerField(_("number"), primary_key=True, editable=False)
    at = models.DateTimeField(_("counts from"), editable=False, db_index=True)
    recorded = models.DateTimeField(_("recorded"), editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    subject = models.CharField(_("subject"), max_length=160)
    role = models.CharField(_("by the role"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    payload = models.JSONField(_("payload"))
    removed = models.JSONField(_("removed"), default=dict, blank=True, editable=False)
    marks = models.TextField(editable=False)
    previous = models.CharField(max_length=64, unique=True, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)

    objects: ClassVar[Any] = LedgerQuerySet.as_manager()
    since: datetime | None = None  # when the fact dates from; not stored: it becomes at, where that is allowed

    class Meta:
        ordering = ("number",)
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        indexes = (
            models.Index(fields=("subject", "kind", "-number"), name="editorial_ledger_state"),
            models.Index(fields=("kind", "-number"), name="editorial_ledger_kind"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.kind} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append it to the chain."""
        if not self._state.adding:
            super().save(*args, **kwargs)  # which refuses
        rows = LedgerEntry.objects.db_manager(kwargs.get("using")).all()
        with transaction.atomic(using=rows._alias):
            rows.wait_for_turn()
            rows.seal([self])
            super().save(*args, **kwargs)

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        """Fields alone: numbers and hashes are given under the lock, and the database refuses doubles."""
        self.clean_fields()

    def follow(self, last: LedgerEntry | None, now: datetime) -> None:
        """Take the place after last. Times never go back: whatever says an earlier one takes that of last."""
        if not isinstance(self.payload, dict) or not self.payload:
            raise ValidationError({"payload": _("An entry says something: its payload is an object with fields.")})
        self.number = last.number + 1 if last is not None else 1
        self.recorded = max(now, last.recorded) if last is not None else now
        claimed = min(self.since or self.recorded, self.recorded)
        self.at = max(claimed, last.at) if last is not None else claimed
        self.payload = chain.plain(self.payload)
        sealed = chain.sealed(self.header(), last.hash if last is not None else chain.BEGINNING)
        self.marks, self.previous, self.hash = sealed["marks"], sealed["previous"], sealed["hash"]

    def header(self) -> dict[str, Any]:
        """What the hash is made of, in plain values."""
        return {
            "number": self.number,
            "at": chain.moment(self.at),
            "recorded": chain.moment(self.recorded),
            "kind": self.kind,
            "subject": self.subject,
            "role": self.role,
            "reason": self.reason,
            "payload": self.payload,
            **({"removed": self.removed} if self.removed else {}),
        }

    def line(self) -> dict[str, Any]:
        """The entry as it is published, a line of the ledger's file."""
        return {**self.header(), "marks": self.marks, "previous": self.previous, "hash": self.hash}
