"""The demonstration and its pages, once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.pages import demo, reading
from tests.pages.reading import Page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test here rolls back to the demonstration; without a marked test, no test database would be made at all."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="package", autouse=True)
def site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demonstration is in the database."""
    with demo.loaded(django_db_blocker, tmp_path_factory.mktemp("media")):
        yield


@pytest.fixture(scope="package")
def pages(site: None) -> dict[str, Page]:
    """Every page that can be reached from home, as an anonymous reader gets it."""
    return reading.crawl()


@pytest.fixture(scope="package")
def types(site: None, pages: dict[str, Page]) -> dict[str, Page]:
    """A page of each type, by the type's name."""
    return {name: pages.get(path) or reading.get(path) for name, path in demo.TYPES.items()}


@pytest.fixture(scope="package")
def showcase(site: None) -> dict[str, Page]:
    """The same types as they would look if the demonstration were real."""
    with override_settings(SHOWCASE=True):
        return {name: reading.get(path) for name, path in demo.TYPES.items()}
