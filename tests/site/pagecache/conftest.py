"""A page cache around a small site, with a clock that stands still."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crampinfo.site.pagecache import PageCache
from tests.site.pagecache.reading import Reader, Site, Still


@pytest.fixture(autouse=True)
def _settings(settings: Any, tmp_path: Path) -> None:
    settings.PAGE_CACHE_SECONDS, settings.MAX_STALE = 300, 3600
    settings.SPARE_ROOT = tmp_path / "spare"
    settings.REDIS_URL = ""


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def pages(site: Site, clock: Still, db: None) -> PageCache:
    return PageCache(site, clock)


@pytest.fixture
def reader(pages: PageCache) -> Reader:
    return Reader(pages)
