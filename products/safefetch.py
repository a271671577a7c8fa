"""Asking other people's servers: politely, within limits of time and size, and through products.safedoor alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError

from crampinfo.lib import urls
from products.safedoor import Refused, Unanswered, deadline, is_public, session

__all__ = ["Answer", "Limits", "Refused", "Unanswered", "download", "fetch", "is_public", "user_agent"]

AGENT = "CrampInfoLinkCheck"
MAX_REDIRECTS = 6


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, seconds for a whole exchange, bytes of a body."""

    connect: float = 5
    total: float = 20
    size: int = 512 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said at the end of its redirects. body is cut at the limit; truncated says so."""

    status: int
    address: str
    headers: dict[str, str]
    body: bytes = b""
    truncated: bool = False
    moved: bool = False  # whether a permanent redirect led there


def user_agent() -> str:
    """Who asks, and where whoever runs the server can read why."""
    return f"{AGENT}/1.0 (+{settings.SITE_URL}/about/)"


def fetch(address: str, method: str = "GET", limits: Limits | None = None) -> Answer:
    """Ask for an address and follow its redirects, each through the door.

    Raises Refused for addresses we don't ask (scheme, credentials, port, internal address; also after a redirect), and
    Unanswered for timeouts, broken connections, redirects in a circle and answers that are no HTTP.
    """
    bounds = limits or Limits()
    began = time.monotonic()
    seen: set[str] = set()
    permanent = True
    with session(user_agent()) as open_session, deadline(bounds.total):
        for _step in range(MAX_REDIRECTS + 1):
            _refuse_strange(address)
            if address in seen:
                raise Unanswered("It redirects in a circle.")
            seen.add(address)
            answer, target = _one(open_session, address, method, bounds, began)
            if time.monotonic() - began >= bounds.total:  # ended by the deadline, half-way through its headers
                raise Unanswered(f"No answer within {bounds.total:g} s.")
            if target is None:
                return Answer(*answer, moved=permanent and len(seen) > 1)
            permanent = permanent and answer[0] in (301, 308)
            address = urljoin(address, target)
    raise Unanswered(f"It redirects more than {MAX_REDIRECTS} times.")


def download(address: str, into: Callable[[bytes], object], limits: Limits) -> Answer:
    """Fetch something large part by part into a file's write; the answer has no body, truncated says it was cut.

    Raises what fetch raises.
    """
    began = time.monotonic()
    where = address
    with session(user_agent()) as open_session, deadline(limits.total):
        for _step in range(MAX_REDIRECTS + 1):
            _refuse_strange(where)
            answer, target = _one(open_session, where, "GET", limits, began, into)
            if time.monotonic() - began >= limits.total:
                raise Unanswered(f"No answer within {limits.total:g} s.")
            if target is None:
                return Answer(*answer)
            where = urljoin(where, target)
    raise Unanswered(f"It redirects more than {MAX_REDIRECTS} times.")


def _refuse_strange(address: str) -> None:
    host = urlsplit(address).hostname or ""
    problem = urls.problem_with(address)
    if problem and not (settings.FETCH_ALLOWS_LOOPBACK and host in ("127.0.0.1", "localhost", "::1")):
        raise Refused(problem)
    if urlsplit(address).scheme not in ("http", "https"):
        raise Refused(f"{address[:40]} is no web address.")


_Parts = tuple[int, str, dict[str, str], bytes, bool]


def _one(
    asked: requests.Session,
    address: str,
    method: str,
    bounds: Limits,
    began: float,
    into: Callable[[bytes], object] | None = None,
) -> tuple[_Parts, str | None]:
    """One exchange: its parts, and where it redirects to."""
    left = bounds.total - (time.monotonic() - began)
    if left <= 0:
        raise Unanswered(f"No answer within {bounds.total:g} s.")
    try:
        with asked.request(
            method, address, timeout=(bounds.connect, left), allow_redirects=False, stream=True
        ) as response:
            target = response.headers.get("Location") if response.is_redirect else None
            body, cut = (b"", False) if target or method == "HEAD" else _body(response, bounds, began, into)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return (response.status_code, address, headers, body, cut), target
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise Unanswered(_words(error, bounds, began)) from error


def _body(
    response: requests.Response, bounds: Limits, began: float, into: Callable[[bytes], object] | None
) -> tuple[bytes, bool]:
    """The first bytes of a body, at most bounds.size after unpacking; nothing is kept of what goes into a file."""
    parts: list[bytes] = []
    keep = into or parts.append
    size = 0
    for part in response.iter_content(16 * 1024):
        keep(part)
        size += len(part)
        if size > bounds.size:
            return b"".join(parts)[: bounds.size], True
        if time.monotonic() - began > bounds.total:
            raise Unanswered(f"The answer was not finished within {bounds.total:g} s.")
    return b"".join(parts), False


def _words(error: Exception, bounds: Limits, began: float) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "Its certificate is not valid."
    if isinstance(error, requests.Timeout) or time.monotonic() - began >= bounds.total - 0.05:
        return f"No answer within {bounds.total:g} s."
    return "The connection failed or broke off."
