"""For .ci/run: do PostgreSQL and Redis answer; make and drop the databases of a run. Needs the installed packages."""

from __future__ import annotations

import os
import sys

import django
from django.core.cache import caches
from django.db import OperationalError, connection
from redis.exceptions import RedisError

from scripts.programs import Failed


def check() -> None:
    """Fail with a sentence when DATABASE_URL is no PostgreSQL that answers, or REDIS_URL no Redis."""
    if connection.vendor != "postgresql":
        raise Failed("DATABASE_URL names no PostgreSQL: write postgres://user:password@host:5432/name.")
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Failed(
            f"PostgreSQL does not answer at {_address()}: start it, or name another in CI_DATABASE_URL."
        ) from error
    try:
        caches["default"].get("anybody-there")
    except RedisError as error:
        raise Failed(
            f"Redis does not answer at {os.environ.get('REDIS_URL')}: start it, or name another in CI_REDIS_URL."
        ) from error


def _address() -> str:
    return f"{connection.settings_dict['HOST']}:{connection.settings_dict['PORT']}"


def create(name: str) -> None:
    """Make an empty database."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")


def drop(name: str) -> None:
    """Drop the database of a run and those that its tests made from it, and empty the run's Redis."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname = %s OR starts_with(datname, %s)", [name, f"test_{name}"]
        )
        for (found,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE {connection.ops.quote_name(found)} WITH (FORCE)")
    caches["default"].clear()


def main(arguments: list[str]) -> int:
    """Do one of check, create NAME, drop NAME; the exit status for the shell."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crampinfo.settings")
    django.setup()
    try:
        match arguments:
            case ["check"]:
                check()
            case ["create", name]:
                create(name)
            case ["drop", name]:
                drop(name)
            case _:
                raise Failed("Write one of: check, create NAME, drop NAME.")
    except Failed as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
