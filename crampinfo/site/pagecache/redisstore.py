"""Pages that all processes share, in Redis; slow, full, gone or full of nonsense, it costs a rendering at most."""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from crampinfo.site.pagecache.page import Page, dump, load
from crampinfo.site.pagecache.release import release

logger = logging.getLogger(__name__)
_T = TypeVar("_T")

TIMEOUT = 0.25  # seconds for one question; longer than that, rendering is quicker
PAUSE = 2.0  # seconds in which a Redis that failed is not asked again
LOCK_MS = 10_000  # a worker that was killed while rendering holds others up for no longer


class _Breaker:
    """Asks Redis unless it has just failed."""

    def __init__(self) -> None:
        self.until = float("-inf")

    def ask(self, question: Callable[[Redis], _T]) -> _T | None:
        if time.monotonic() < self.until:
            return None
        try:
            return question(_client(settings.REDIS_URL))
        except (RedisError, OSError) as error:
            self.until = time.monotonic() + PAUSE
            logger.warning("Redis does not answer (%s): pages come from memory meanwhile.", type(error).__name__)
            return None


_breaker = _Breaker()


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def is_used() -> bool:
    """Whether there is a Redis at all."""
    return bool(settings.REDIS_URL)


def _named(kind: str, key: str) -> str:
    """A name that another release, with other templates, does not share."""
    return f"{settings.PAGE_CACHE_PREFIX}:{release()}:{kind}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _doorbell() -> str:
    return f"{settings.PAGE_CACHE_PREFIX}:news"


def ring(number: int) -> None:
    """Say that the log has grown."""
    if is_used():
        _breaker.ask(lambda redis: redis.set(_doorbell(), number))


def newest() -> int | None:
    """The newest number of the log, None when nobody knows."""
    value: Any = _breaker.ask(lambda redis: redis.get(_doorbell()))
    try:
        return int(value) if value is not None else None
    except ValueError:
        return None


def get(key: str) -> Page | None:
    """The page of a key, if Redis has it and it is whole."""
    if not is_used():
        return None
    data: Any = _breaker.ask(lambda redis: redis.get(_named("page", key)))
    if not data:
        return None
    try:
        page = load(data, key)
    except (ValueError, KeyError, TypeError):
        page = None
    if page is None:
        logger.warning("A kept page could not be read: it is rendered again.")
    return page


def keep(page: Page) -> None:
    """Store a page in one step, for as long as it could still help in an outage."""
    if is_used():
        seconds = max(settings.MAX_STALE, settings.PAGE_CACHE_SECONDS) + 60
        _breaker.ask(lambda redis: redis.set(_named("page", page.key), dump(page), ex=seconds))


def drop(key: str) -> None:
    """Forget a page that is one no longer."""
    if is_used():
        _breaker.ask(lambda redis: redis.delete(_named("page", key)))


def lock(key: str) -> str | None:
    """Claim the rendering of a page: a token, '' where nobody can say (then everybody may), None if another has it."""
    if not is_used():
        return ""
    token = secrets.token_hex(8)
    got = _breaker.ask(lambda redis: redis.set(_named("lock", key), token, nx=True, px=LOCK_MS) or False)
    return "" if got is None else token if got else None


def unlock(key: str, token: str) -> None:
    """Give a claim back, if it is still ours."""
    if not token:
        return

    def release_it(redis: Redis) -> None:
        name = _named("lock", key)
        if redis.get(name) == token.encode():
            redis.delete(name)

    _breaker.ask(release_it)
