"""What every test has: a site that allows both kinds of list, quiet files, and a strict paid-link tag."""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadFileScheduling

from products import redisclient
from tests import chromium, ledgerguard

# The clock of a loaded machine is no property of the code.
hypothesis_settings.register_profile("ours", deadline=None)
hypothesis_settings.load_profile("ours")


# What migrations put into the tables, and a test that commits empties them of: module and function.
SEEDS = (
    ("products.migrations.0002_compounds", "add"),
    ("crampinfo.editorial.migrations.0002_disclosures_and_claims", "add"),
    ("crampinfo.site.migrations.0002_roles", "make_groups"),
)


@pytest.fixture(scope="session", autouse=True)
def _seed_again(django_db_blocker: Any) -> None:
    pytest.unblock_database = django_db_blocker.unblock  # type: ignore[attr-defined]  # for the hook below


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Let a test that committed be cleaned up after, which empties every table, and put the seeded rows back."""
    marker = item.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction")
    commits = commits or not {"live_server", "transactional_db"}.isdisjoint(getattr(item, "fixturenames", ()))
    if commits:
        with pytest.unblock_database():  # type: ignore[attr-defined]
            ledgerguard.lift()  # what comes after migrate puts the guard back
    yield
    if nextitem is None:  # the test database is gone by now: these rows would go into the real one
        return
    if commits:
        with pytest.unblock_database():  # type: ignore[attr-defined]
            for name, function in SEEDS:
                getattr(importlib.import_module(name), function)(apps, SimpleNamespace(connection=connection))
            emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)


class Together(LoadFileScheduling):
    """A file's tests run in one process, and those of the demonstration's pages do: what stands for all of them is
    made once. In the order of collection, since the largest files are not the slowest."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return "tests/pages" if nodeid.startswith("tests/pages/") else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """See the class."""
    return Together(config, log)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How pytest-playwright starts the browser that all tests share."""
    return {"executable_path": chromium.path(), "args": list(chromium.FLAGS)}


@pytest.fixture(scope="session")
def _media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for each test's pictures, made when the first is saved: few tests save any, and making and removing
    thousands of folders takes longer than hundreds of tests."""
    root = tmp_path_factory.mktemp("media")
    return (root / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _our_settings(settings: Any, _media: Iterator[Path]) -> None:
    settings.TESTING = True
    settings.ALLOW_INFLUENCED_LISTS = True
    settings.SCORE_ADJUSTMENT_CAP = Decimal("0.5")
    settings.MEDIA_ROOT = next(_media)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    if settings.REDIS_URL:
        # Workers share one server: each has keys of its own.
        prefix = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": prefix}}
        redisclient.forget_everything()
    settings.HUEY = {**settings.HUEY, "immediate": True}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
