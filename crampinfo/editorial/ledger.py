"""Writing to the ledger: every change that can move a score or a place, in the same transaction as the change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from crampinfo.editorial.journal import Journal
from crampinfo.editorial.models import LedgerEntry
from crampinfo.editorial.roles import OPERATOR
from crampinfo.lib import chain

Facts = Mapping[str, Any]

IMPORT = "Import"
SITE = "site"
NOTICE = "[removed: a redaction entry says why]"
_LONGEST = 500  # characters of a reason

# Who acts: a role, or a function that finds the role in which the signed-in person may do what asks for a role.
_actor: ContextVar[str | Callable[[str], str]] = ContextVar("ledger_actor", default=OPERATOR)
_reason: ContextVar[str] = ContextVar("ledger_reason", default="")
_correction: ContextVar[str] = ContextVar("ledger_correction", default="")
_journal: ContextVar[Journal | None] = ContextVar("ledger_journal", default=None)
_off: ContextVar[bool] = ContextVar("ledger_off", default=False)
_opening: list[Callable[[], Facts]] = []


def opens_with(settings: Callable[[], Facts]) -> Callable[[], Facts]:
    """Register what decides lists besides rows, the site's settings: the first entry, and noted when changed."""
    _opening[:] = [settings]
    return settings


def subject_of(instance: models.Model) -> str:
    """ "product:12": what an entry about an object is filed under. Slugs may change, numbers don't."""
    return f"{instance._meta.model_name}:{instance.pk}"


def record(
    kind: str,
    subject: models.Model | str,
    payload: Facts,
    *,
    role: str = "",
    reason: str = "",
    since: datetime | None = None,
) -> LedgerEntry:
    """Append one entry in the current transaction. payload holds plain values, Decimals and moments (chain.plain).

    role is the one that such an act needs; who is known to act in another is put down as that. since is the moment
    the fact dates from: it counts for history that an empty ledger is opened with, and nothing else.
    """
    entry = LedgerEntry(
        kind=kind,
        subject=subject if isinstance(subject, str) else subject_of(subject),
        payload=chain.plain(payload),
        role=_role(role),
        reason=f"{_correction.get()} {reason or _reason.get()}".strip()[:_LONGEST],
    )
    entry.since = since
    journal = _journal.get()
    if _off.get():
        return entry
    if journal is not None:
        journal.add(entry)
        return entry
    with transaction.atomic():
        LedgerEntry.objects.wait_for_turn()
        entry.since = None
        LedgerEntry.objects.bulk_create([*_settings_first(entry), entry])
    return entry


def note(
    kind: str,
    subject: str,
    facts: Callable[[], Facts | None],
    *,
    key: str = "",
    begin: bool = True,
    role: str = "",
    reason: str = "",
    since: datetime | None = None,
) -> LedgerEntry | None:
    """Put on record how a subject stands, unless its last entry says so already; facts may be None for nothing to say.

    key names the payload's field that tells several states of one subject apart, such as a list's products. begin=False
    goes on with what is on record, and begins nothing. facts are read again once it is our turn to write: what
    another transaction changed in the meantime is in them then.
    """
    if _off.get() or not _is_news(kind, subject, facts(), key, begin):
        return None
    with transaction.atomic():
        if _journal.get() is None:
            LedgerEntry.objects.wait_for_turn()
        fresh = facts()
        if fresh is None or not _is_news(kind, subject, fresh, key, begin):
            return None
        return record(kind, subject, fresh, role=role, reason=reason, since=since)


def last(kind: str, subject: str, key: str = "", value: Any = None) -> LedgerEntry | None:
    """The last entry of a kind about a subject; with key, the last whose payload holds that value."""
    journal = _journal.get()
    found = journal.last(kind, subject, key, value) if journal is not None else None
    if found is not None:
        return found
    entries = LedgerEntry.objects.filter(kind=kind, subject=subject, **({f"payload__{key}": value} if key else {}))
    newest: LedgerEntry | None = entries.order_by("-number").first()
    return newest


def waiting(kind: str, subject: str) -> Sequence[LedgerEntry]:
    """Entries of a kind about a subject that an import has made and not yet written."""
    journal = _journal.get()
    return journal.of(kind, subject) if journal is not None else ()


def is_on_record(kind: str, subject: str) -> bool:
    """Whether anything was ever recorded of it."""
    return last(kind, subject) is not None


def head() -> LedgerEntry | None:
    """The last entry; its hash vouches for all before."""
    found: LedgerEntry | None = LedgerEntry.objects.order_by("-number").first()
    return found


def note_settings() -> LedgerEntry | None:
    """Put the site's settings on record, when they have changed and the ledger has begun."""
    if not _opening or not LedgerEntry.objects.exists():
        return None
    return note("settings", SITE, _opening[0], role=OPERATOR)


def redact(number: int, fields: Sequence[str], reason: str) -> LedgerEntry:
    """Replace words of an entry by a notice, once; the chain stays whole, and a redaction entry says why.

    Raises ValidationError where there is no such entry, nothing to remove, or something that must stay.
    """
    with transaction.atomic():
        LedgerEntry.objects.wait_for_turn()
        entry = LedgerEntry.objects.filter(number=number).first()
        if entry is None:
            raise ValidationError(_("The ledger has no entry %(number)s.") % {"number": number})
        _check_removal(entry, {**entry.payload, "reason": entry.reason}, fields, reason)
        digests = chain.digests(entry.line())
        removed = {name: digests[name] for name in sorted(set(fields))}
        payload = {name: NOTICE if name in removed else value for name, value in entry.payload.items()}
        # Past the append-only queryset; the database's trigger lets this one change through.
        models.QuerySet(LedgerEntry).filter(number=number).update(
            reason=NOTICE if "reason" in removed else entry.reason, payload=payload, removed=removed
        )
        return record("redaction", f"entry:{number}", {"fields": list(removed)}, role=OPERATOR, reason=reason)


def _check_removal(entry: LedgerEntry, values: Facts, fields: Sequence[str], reason: str) -> None:
    """Words only, that are there, once an entry, with a reason."""
    if not reason.strip():
        raise ValidationError(_("Say why: the reason stands in the ledger for good."))
    if entry.removed:
        raise ValidationError(_("Words of entry %(number)s were removed before: that is possible once."))
    if not fields:
        raise ValidationError(_("Name the fields whose words must go."))
    for name in fields:
        if name not in chain.WORDS:
            allowed = ", ".join(sorted(chain.WORDS))
            raise ValidationError(
                _("%(field)s stays: places rest on it. What can be removed: %(fields)s.")
                % {"field": name, "fields": allowed}
            )
        if not values.get(name):
            raise ValidationError(
                _("Entry %(number)s has nothing in %(field)s.") % {"number": entry.number, "field": name}
            )


@contextmanager
def acting(actor: str | Callable[[str], str]) -> Iterator[None]:
    """Entries inside are by this role, or by the role that the function finds for the one an act needs."""
    with _set(_actor, actor):
        yield


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Entries inside give this reason where they have none of their own."""
    with _set(_reason, reason):
        yield


@contextmanager
def correcting(reason: str) -> Iterator[None]:
    """Entries inside are corrections: their reasons begin with how they came about."""
    with _set(_correction, f"Correction: {reason}"):
        yield


@contextmanager
def unrecorded() -> Iterator[None]:
    """Nothing inside is recorded: for what is undone at the end, such as a preview."""
    with _set(_off, True):
        yield


@contextmanager
def history() -> Iterator[None]:
    """Entries inside are written together at the end, in one transaction with what they speak of.

    Into an empty ledger they go in the order of their own dates and count from these; later, from now.
    """
    journal = Journal()
    with transaction.atomic():
        with _set(_journal, journal):
            yield
        if not journal.entries:
            return
        LedgerEntry.objects.wait_for_turn()
        entries = journal.by_date() if not LedgerEntry.objects.exists() else journal.by_now()
        LedgerEntry.objects.bulk_create([*_settings_first(entries[0]), *entries])


@contextmanager
def _set(variable: ContextVar[Any], value: Any) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def _role(needed: str) -> str:
    actor = _actor.get()
    return actor if isinstance(actor, str) else actor(needed)


def _settings_first(before: LedgerEntry) -> list[LedgerEntry]:
    """The site's settings, where they are not what stands on record: every entry is made under known ones."""
    if not _opening or before.kind == "settings":
        return []
    facts = chain.plain(_opening[0]())
    stored = LedgerEntry.objects.filter(kind="settings").order_by("-number").first()
    if stored is not None and stored.payload == facts:
        return []
    entry = LedgerEntry(kind="settings", subject=SITE, payload=facts, role=OPERATOR)
    entry.since = before.since
    return [entry]


def _is_news(kind: str, subject: str, facts: Facts | None, key: str, begin: bool) -> bool:
    if facts is None:
        return False
    fresh = chain.plain(facts)
    stored = last(kind, subject, key, fresh[key] if key else None)
    if stored is None:
        return begin
    if stored.payload.keys() != fresh.keys():
        return True
    return any(
        chain.digest(value) != stored.removed[name] if name in stored.removed else value != stored.payload[name]
        for name, value in fresh.items()
    )
