"""A finished page: its bytes as they travel, the headers that go with them, and how it is written down."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import brotli
from django.conf import settings

from crampinfo.site.pagecache.asking import Environ, StartResponse

Headers = list[tuple[str, str]]

FRESH, STALE, FALSE = 0, 1, 2
"""How true a page is: as it is now; older than it should be; holding what must not be shown (a price, a recall)."""

_MAGIC = b"CIP2"
_OWN = frozenset({"content-length", "etag", "vary", "cache-control", "expires", "last-modified", "date"})
_ETAG = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(slots=True)
class Page:
    """A page in its two encodings, with what decides how long it is true.

    made, fresh_until and priced_until are Unix seconds; number is the newest change it knows of. state is one of FRESH,
    STALE and FALSE, set by whoever hears that something on the page has changed.
    """

    key: str
    headers: Headers
    br: bytes
    gzip: bytes
    digest: str
    number: int
    made: float
    fresh_until: float
    priced_until: float | None
    tags: frozenset[str]
    state: int = FRESH
    used: int = 0
    _ready: dict[str, tuple[int, Headers, bytes]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return len(self.br) + len(self.gzip) + 100 * len(self.tags) + 2000

    @property
    def body(self) -> bytes:
        """The page as it was rendered."""
        return gzip.decompress(self.gzip)

    def state_at(self, now: float) -> int:
        """How true it is at a moment."""
        if self.priced_until is not None and now >= self.priced_until:
            return FALSE
        return max(self.state, STALE if now >= self.fresh_until else FRESH)

    def may_be_shown(self, now: float) -> bool:
        """Whether it is young enough to stand in for one that can't be made."""
        return now - self.made <= settings.MAX_STALE


def make(
    key: str,
    headers: Headers,
    body: bytes,
    *,
    number: int,
    made: float,
    until: float | None,
    priced_until: float | None,
    tags: Iterable[str],
) -> Page:
    """Finish a response: compress it, and let it count until anything on it changes by the clock."""
    latest = made + settings.PAGE_CACHE_SECONDS
    return Page(
        key=key,
        headers=[(name, value) for name, value in headers if name.lower() not in _OWN],
        br=brotli.compress(body, quality=5),
        gzip=gzip.compress(body, 6, mtime=0),
        digest=hashlib.sha256(body).hexdigest()[:24],
        number=number,
        made=made,
        fresh_until=latest if until is None else min(latest, until),
        priced_until=priced_until,
        tags=frozenset(tags),
    )


def answer(page: Page, environ: Environ, start_response: StartResponse, now: float) -> Iterable[bytes]:
    """Hand a page to a reader: in an encoding they take, or just that it is unchanged."""
    encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
    second = int(now)
    known = page._ready.get(encoding)
    if known is None or known[0] != second:
        known = page._ready[encoding] = (second, *_ready(page, encoding, now))
    headers, body = known[1], known[2]
    asked = environ.get("HTTP_IF_NONE_MATCH")
    if asked and is_known(asked, headers[0][1]):
        start_response("304 Not Modified", headers[:4])
        return [b""]
    start_response("200 OK", headers)
    return [body] if environ["REQUEST_METHOD"] == "GET" else [b""]


def _ready(page: Page, encoding: str, now: float) -> tuple[Headers, bytes]:
    """The headers of this second. The first four go with a 304, too; nginx reads Cache-Control before its own."""
    body = page.br if encoding == "br" else page.gzip if encoding == "gzip" else page.body
    headers = [
        ("ETag", f'"{page.digest}-{encoding}"' if encoding else f'"{page.digest}"'),
        ("Vary", "Accept-Encoding"),
        ("Cache-Control", cache_control(page, now)),
        # For nginx alone: this answer is true until the end of this second (see deploy/nginx.conf).
        ("X-Accel-Expires", f"@{int(now)}"),
        *page.headers,
        ("Content-Length", str(len(body))),
    ]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    return headers, body


def cache_control(page: Page, now: float) -> str:
    """Browsers ask each time and get 304; shared caches keep it for a second, in an outage while it is true."""
    end = page.made + settings.MAX_STALE
    if page.priced_until is not None:
        end = min(end, page.priced_until)
    rest = max(0, int(end - now))
    return f"public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error={rest}"


def is_known(asked: str, etag: str) -> bool:
    """Whether If-None-Match names this version (RFC 9110, 13.1.2: compared weakly, * is any)."""
    return asked == etag or asked.strip() == "*" or etag in _ETAG.findall(asked)


@lru_cache(maxsize=512)
def encoding_for(accepted: str) -> str:
    """br, gzip or '' (as it is): what the reader likes best, brotli first among equals; rubbish is nothing."""
    liked: dict[str, float] = {}
    for part in accepted.lower()[:1000].split(","):
        name, _, rest = part.partition(";")
        liked[name.strip()] = _weight(rest)
    best, weight = "", 0.0
    for name in ("br", "gzip"):
        given = liked.get(name, liked.get("*", 0.0))
        if given > weight:
            best, weight = name, given
    return best


def _weight(rest: str) -> float:
    name, _, value = rest.partition("=")
    if not rest.strip():
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip() == "q" and 0 <= weight <= 1 else 0.0


def dump(page: Page) -> bytes:
    """A page as one string of bytes that can tell whether it is whole."""
    about = json.dumps(
        {
            "key": page.key,
            "headers": page.headers,
            "digest": page.digest,
            "number": page.number,
            "made": page.made,
            "fresh_until": page.fresh_until,
            "priced_until": page.priced_until,
            "tags": sorted(page.tags),
            "br": len(page.br),
        }
    ).encode()
    rest = len(about).to_bytes(4, "big") + about + page.br + page.gzip
    return _MAGIC + hashlib.sha256(rest).digest() + rest


def load(data: bytes, key: str) -> Page | None:
    """What dump wrote for this key; None for anything else: cut short, of another version, of another page."""
    if data[:4] != _MAGIC or hashlib.sha256(data[36:]).digest() != data[4:36]:
        return None
    start = 40 + int.from_bytes(data[36:40], "big")
    about: dict[str, Any] = json.loads(data[40:start])
    if about.pop("key") != key:
        return None
    middle = start + about.pop("br")
    tags, headers = frozenset(about.pop("tags")), [(name, value) for name, value in about.pop("headers")]
    return Page(key=key, headers=headers, br=data[start:middle], gzip=data[middle:], tags=tags, **about)
