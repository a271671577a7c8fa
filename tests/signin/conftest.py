"""Counts of attempts of their own for each test, and the rule of production where a test asks for it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _own_counts(settings: Any) -> None:
    """Tests that run at the same time share a cache when it is Redis."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}}


@pytest.fixture
def strict(settings: Any) -> None:
    """The second factor is required, as in production."""
    settings.REQUIRE_SECOND_FACTOR = True
