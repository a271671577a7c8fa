"""The ledger's last line of defence: triggers by which the database itself refuses to change or delete an entry.

An altered table loses its triggers on SQLite, and a restored one may come without: they are made again after every
migrate, and a system check looks. The one change they let through is the first removal of words (ledger.redact).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from crampinfo.editorial.models import LedgerEntry

TABLE = LedgerEntry._meta.db_table
REFUSAL = LedgerEntry.append_only
KEPT = ("number", "at", "recorded", "kind", "subject", "role", "marks", "previous", "hash")
_OLD, _NEW = (", ".join(f'{row}."{column}"' for column in KEPT) for row in ("OLD", "NEW"))

SQLITE = {
    "crampinfo_ledger_update": f"""BEFORE UPDATE ON {TABLE}
        WHEN NOT (OLD.removed = '{{}}' AND NEW.removed <> '{{}}' AND ({_OLD}) IS ({_NEW}))""",
    "crampinfo_ledger_delete": f"BEFORE DELETE ON {TABLE}",
    # INSERT OR REPLACE deletes what stands in its way without telling the trigger above.
    "crampinfo_ledger_insert": f"""BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE
        number = NEW.number OR hash = NEW.hash OR previous = NEW.previous)""",  # noqa: S608 - names of our own
}
POSTGRESQL = {
    "crampinfo_ledger_update": f"BEFORE UPDATE ON {TABLE} FOR EACH ROW",
    "crampinfo_ledger_delete": f"BEFORE DELETE ON {TABLE} FOR EACH ROW",
    "crampinfo_ledger_truncate": f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT",
}
_FUNCTION = f"""CREATE OR REPLACE FUNCTION crampinfo_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.removed = '{{}}'::jsonb AND NEW.removed <> '{{}}'::jsonb AND ROW({_OLD}) IS NOT DISTINCT FROM ROW({_NEW})
        THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation';
END $$"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers, new ones for those that are there."""
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute(_FUNCTION)
        for name, when in _triggers(connection).items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {TABLE}" if postgresql else ""))
            does = (
                "EXECUTE FUNCTION crampinfo_ledger_refuse()"
                if postgresql
                else f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
            cursor.execute(f"CREATE TRIGGER {name} {when} {does}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The triggers that are not there, or not in force."""
    if connection.vendor == "postgresql":
        found = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A')"
    else:
        found = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    with connection.cursor() as cursor:
        cursor.execute(found, [TABLE])
        there = {row[0] for row in cursor.fetchall()}
    return sorted(_triggers(connection).keys() - there)


def stands(connection: BaseDatabaseWrapper) -> bool:
    """Whether the ledger's table is there, in its present form."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return False
        columns = {column.name for column in connection.introspection.get_table_description(cursor, TABLE)}
    return columns >= {*KEPT, "removed"}


@receiver(post_migrate, dispatch_uid="ledger.guard")
def install_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Whatever a migration did to the table, the triggers stand afterwards."""
    if sender.label == LedgerEntry._meta.app_label and stands(connections[using]):
        install(connections[using])


@register(Tags.database)
def ledger_is_guarded(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A ledger that can be changed proves less. Only a warning, because migrate, which repairs it, runs this first."""
    found = {alias: missing(connections[alias]) for alias in databases or () if stands(connections[alias])}
    return [
        Warning(
            f"The database {alias} would let somebody change the ledger: {', '.join(names)} is missing.",
            hint="Run `manage.py migrate`: it makes the ledger's triggers again.",
            id="crampinfo.W003",
        )
        for alias, names in found.items()
        if names
    ]


def _triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    return POSTGRESQL if connection.vendor == "postgresql" else SQLITE
