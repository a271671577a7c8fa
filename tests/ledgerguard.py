"""Taking the ledger's guard away: the test runner alone does that, to empty tables and to play the forger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from crampinfo.editorial import guard


def lift() -> None:
    """Drop the triggers of the test database."""
    name = str(connection.settings_dict["NAME"])
    assert "test" in name or "memory" in name, f"{name} is no test database"
    on = f" ON {guard.TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for trigger in guard._triggers(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}{on}")


@contextmanager
def lifted() -> Iterator[None]:
    """Inside, the database lets anybody change the ledger."""
    lift()
    yield
    guard.install(connection)


def forge(number: int, **values: object) -> None:
    """Change a stored entry as somebody with the database's password would."""
    columns = ", ".join(f'"{name}" = %s' for name in values)
    with lifted(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {guard.TABLE} SET {columns} WHERE number = %s", [*values.values(), number])
