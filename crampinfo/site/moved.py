"""Pages that moved: where nothing answers, the reader is led to the address the page has now."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponsePermanentRedirect
from django.utils.encoding import escape_uri_path

from crampinfo.editorial import redirects
from crampinfo.site import pagecache

logger = logging.getLogger(__name__)

# A browser asks again after that: the address may have become a page's own.
_REMEMBERED = "public, max-age=600"


class LeadToMovedPages:
    """A 404 for an address that a redirect knows becomes a 301, with the query as it came; '' means gone for good.

    A page that stands at an address always wins, because this hears only of those where nothing stands.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        try:
            new = redirects.target(request.path)
        except DatabaseError:
            logger.exception("The redirects can't be read: this address answers “not found”.")
            return response
        if new is None:
            return response
        if not new:
            response.status_code = 410
            return response
        moved = HttpResponsePermanentRedirect(_with_query(new, pagecache.query_of(request.META)))
        moved["Cache-Control"] = _REMEMBERED
        return moved


def _with_query(path: str, query: str) -> str:
    return f"{escape_uri_path(path)}?{query}" if query else escape_uri_path(path)
