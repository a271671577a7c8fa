"""The Redis server that clicks are counted in, where the site has one; without it everything works in the database."""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

_PAUSE = 5.0  # seconds for which a server that failed is not asked again: no reader waits for it meanwhile
_TIMEOUT = 0.25
_failed_at = float("-inf")


def client() -> Any:
    """The server, or None when there is none or it failed a moment ago."""
    if not settings.REDIS_URL or time.monotonic() - _failed_at < _PAUSE:
        return None
    return _connect(settings.REDIS_URL)


def failed(error: RedisError) -> None:
    """Leave the server alone for some seconds; whoever asked goes on with the database."""
    global _failed_at
    _failed_at = time.monotonic()
    logger.warning("Redis did not answer (%s): clicks go to the database for %d s.", type(error).__name__, _PAUSE)


def key(name: str) -> str:
    """The name under which this site keeps something there; the cache's prefix tells sites apart."""
    prefix = settings.CACHES["default"].get("KEY_PREFIX") or "crampinfo"
    return f"{prefix}:{name}"


def forget_everything() -> None:
    """Drop all that this site keeps there, counts that were not carried yet included: for tests."""
    global _failed_at
    _failed_at = float("-inf")
    server = client()
    if server is not None:
        for part in ("clicks", "exits"):
            for name in server.scan_iter(match=key(f"{part}:*"), count=1000):
                server.delete(name)


@lru_cache(maxsize=2)
def _connect(url: str) -> Any:
    # No retries: an increment whose answer was lost might otherwise be counted twice.
    return Redis.from_url(
        url,
        socket_timeout=_TIMEOUT,
        socket_connect_timeout=_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        max_connections=64,
    )
