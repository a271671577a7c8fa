"""Rows that stand for many tests: made once, and taken out again; each test rolls back to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings


def of_every_test(media: Path) -> dict[str, Any]:
    """The settings of every test (tests/conftest.py), for fixtures that live longer than one."""
    return {
        "TESTING": True,
        "ALLOW_INFLUENCED_LISTS": True,
        "SCORE_ADJUSTMENT_CAP": Decimal("0.5"),
        "MEDIA_ROOT": media,
        "HUEY": {**settings.HUEY, "immediate": True},
        "STORAGES": {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    }


@contextmanager
def standing(blocker: Any, media: Path) -> Iterator[None]:
    """What the block makes stands until it ends. For fixtures of a class, a module or a folder, of which no test
    commits; `blocker` is pytest-django's."""
    with blocker.unblock(), override_settings(**of_every_test(media)), rolled_back():
        name = str(connection.settings_dict["NAME"])
        assert "test" in name or "memory" in name, f"{name} is no test database: mark a test with django_db"
        yield


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction, or a savepoint in one, that leaves no trace."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # as Django's own test cases say that durable blocks may stand inside
    with atomic:
        yield
        transaction.set_rollback(True)
