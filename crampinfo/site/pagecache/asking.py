"""What a request asks for: the key of its page, and the request that the application sees for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from crampinfo.site.security import MAX_ADDRESS
from reviews import choices, ownweights

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# Never kept: they count, depend on who asks, or are asked for because they are fresh.
PASSED = (
    *(
        "/admin/",
        "/accounts/",
        "/expert/",
        "/go/",
        "/demo-shop/",
        "/search/",
        "/static/",
        "/media/",
        "/healthz",
        "/readyz",
    ),
    "/transparency/ledger.jsonl",  # as long as the whole history: it is streamed
)
# The query parameters that change a page, by the beginning of its path; every other one is dropped before the
# application sees it. A name that ends in a hyphen stands for all names that begin so.
KNOWN: tuple[tuple[str, frozenset[str]], ...] = (
    ("/lists/", frozenset({*choices.VIEWS, *choices.MANY, *choices.WHERE, ownweights.PREFIX, "as_of"})),
    ("/compare/", frozenset({"p", *choices.WHERE})),
    ("/guides/", frozenset({"after", "before"})),
    ("/questions/", frozenset({"after", "before"})),
    ("/reviews/", frozenset({"after", "before", *choices.WHERE})),
    ("/transparency/", frozenset({"after", "before"})),
)
MAX_QUERY = 500
_QUERY = "crampinfo.query"  # where the application finds the query as it came; no page may depend on it
# All that the application learns of a request besides its path: nothing that a visitor can choose.
_SERVER = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE")


def query_of(environ: Mapping[str, Any]) -> str:
    """The query as the reader sent it, for answers that hand it on and are never kept."""
    return str(environ.get(_QUERY, environ.get("QUERY_STRING", "")))


def key_of(environ: Environ) -> str | None:
    """What a page depends on, or None for requests that are none of the cache's business.

    Cookies, languages and other headers are no part of it: a page is the same for everybody, and its address decides
    its language. A host that is not ours and a scheme that will be redirected are left to the application.
    """
    path: str = environ.get("PATH_INFO", "")
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or path.startswith(PASSED) or not settings.PAGE_CACHE_SECONDS:
        return None
    # A question mark in a path was %3F: such an address is no page of ours, and its key could be another's.
    if not path.startswith("/") or "?" in path or not _is_ours(environ.get("HTTP_HOST", "")):
        return None
    secure = is_secure(environ)
    if not secure and settings.SECURE_SSL_REDIRECT:
        return None
    query: str = environ.get("QUERY_STRING", "")
    if not query:
        return f"s{path}" if secure else path
    if len(query) > MAX_ADDRESS:
        return None
    known = canonical(path, query)
    if len(known) > MAX_QUERY:
        return None
    return f"{'s' if secure else ''}{path}{'?' if known else ''}{known}"


def is_secure(environ: Environ) -> bool:
    """Whether the reader came over HTTPS, as Django reads it: a proxy's header counts only where one is in front."""
    trusted: tuple[str, str] | None = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    if trusted:
        return bool(environ.get(trusted[0], "").split(",")[0].strip() == trusted[1])
    return bool(environ.get("wsgi.url_scheme") == "https")


def canonical(path: str, query: str) -> str:
    """The known parameters by name; values of one name stay in their order."""
    known = _known(path)
    if not known:
        return ""
    pairs = parse_qsl(query)
    mine = [(name, value) for name, value in pairs if name in known or f"{name.split('-', 1)[0]}-" in known]
    return urlencode(sorted(mine, key=lambda pair: pair[0]))


@lru_cache(maxsize=1024)
def _known(path: str) -> frozenset[str]:
    return next((names for start, names in KNOWN if path.startswith(start)), frozenset())


@lru_cache(maxsize=256)
def _is_ours(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def anonymous(environ: Environ, key: str) -> Environ:
    """The request for the page of a key: built anew, so that nothing a visitor sent can enter a page that is kept."""
    path, _, query = key.partition("?")
    seen = {name: value for name, value in environ.items() if name.startswith("wsgi.") or name in _SERVER}
    seen |= {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path.removeprefix("s"),
        "QUERY_STRING": query,
        "HTTP_HOST": settings.SITE_HOST if _is_ours(settings.SITE_HOST) else environ["HTTP_HOST"],
        "wsgi.input": BytesIO(b""),
        _QUERY: environ.get("QUERY_STRING", ""),
    }
    if settings.SECURE_PROXY_SSL_HEADER and is_secure(environ):
        seen[settings.SECURE_PROXY_SSL_HEADER[0]] = settings.SECURE_PROXY_SSL_HEADER[1]
    return seen
