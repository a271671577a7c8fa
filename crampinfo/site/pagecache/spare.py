"""Copies without offers: what readers get when a page can't be made and its prices are no longer true.

They lie in SPARE_ROOT as files, so that the proxy can serve them when nothing else answers (deploy/nginx.conf).
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from crampinfo.site.pagecache.asking import Environ, StartResponse
from crampinfo.site.pagecache.page import Page

logger = logging.getLogger(__name__)

_PATH = re.compile(r"/(?:[-\w]+/)*", re.ASCII)
# How templates mark what depends on the moment: prices, ads and buttons. None of these holds another of its own name.
_MARKED = (
    re.compile(rb'<script type="application/ld\+json">.*?</script>', re.DOTALL),
    re.compile(rb"<aside\b[^>]*\bdata-ad-slot\b[^>]*>.*?</aside>", re.DOTALL),
    re.compile(rb'<div class="offer">.*?</div>', re.DOTALL),
    re.compile(rb"<(?P<tag>p|span|td|b)\b[^>]*\bdata-price\b[^>]*>.*?</(?P=tag)>", re.DOTALL),
)
_SOLD_LINK = re.compile(rb'<a\b[^>]*\brel="sponsored[^>]*>(.*?)</a>', re.DOTALL)
_MAIN = re.compile(rb'<main id="main"[^>]*>')
_NOTE = (
    b'<p class="wrap note" role="status">Prices and offers are left out here: they could not be checked just now. '
    b"The text is the last one we published.</p>"
)


def without_offers(body: bytes) -> bytes:
    """A page without its prices, ads and links that pay us, and with a sentence that says so."""
    for marked in _MARKED:
        body = marked.sub(b"", body)
    body = _SOLD_LINK.sub(rb"\1", body)
    return _MAIN.sub(lambda match: match.group() + _NOTE, body, count=1)


def has_offers(page: Page) -> bool:
    """Whether anything commercial stands on it."""
    return any(tag.startswith("products.offer:") for tag in page.tags)


def store(page: Page) -> None:
    """Write the copy of a page that has offers; half a file is never seen. A full disk costs the copy, not the page."""
    path = _file(page.key)
    if path is None or not has_offers(page):
        return
    fresh = path.with_name(f".{secrets.token_hex(6)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(without_offers(page.body))
        os.replace(fresh, path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        logger.exception("The copy of %s without offers could not be written.", page.key)


def read(key: str) -> bytes | None:
    """The copy of a page, if there is one that is young enough."""
    path = _file(key)
    try:
        if path is None or time.time() - path.stat().st_mtime > settings.MAX_STALE:
            return None
        return path.read_bytes()
    except OSError:
        return None


def forget(addresses: Iterable[str]) -> None:
    """What these copies say is no longer true: a recall, or a page that is gone."""
    for address in addresses:
        for key in (address, f"s{address}"):
            path = _file(key)
            if path is not None:
                path.unlink(missing_ok=True)


def answer(body: bytes, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Hand out a copy: for now, and kept by nobody."""
    start_response(
        "200 OK",
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("X-Robots-Tag", "noindex"),
            ("Content-Length", str(len(body))),
        ],
    )
    return [body] if environ["REQUEST_METHOD"] == "GET" else [b""]


def _file(key: str) -> Path | None:
    """Where the copy of a page lies: only plain addresses without a query have one."""
    address = key.removeprefix("s")
    return Path(settings.SPARE_ROOT) / address.lstrip("/") / "index.html" if _PATH.fullmatch(address) else None
