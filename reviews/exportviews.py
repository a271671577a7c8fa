"""A list's files: as JSON, as CSV, and the feed of its changes. None of them holds a link to a shop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reviews import changefeed, exports
from reviews.exports import Taken
from reviews.models import Ranking

_UNLISTED = "noindex, follow"


@require_safe
def as_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The list as one JSON object."""
    return _file(slug, exports.as_json, "json", "application/json")


@require_safe
def as_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The list as a table."""
    return _file(slug, exports.as_csv, "csv", "text/csv; charset=utf-8")


@require_safe
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What changed in the list, as an Atom feed in its language."""
    found = _list(slug)
    with translation.override(found.language):
        feed = changefeed.feed(found, request.path)
        response = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
    response["X-Robots-Tag"] = _UNLISTED
    return response


def _list(slug: str) -> Ranking:
    rows = Ranking.objects.published().select_related("topic", "methodology__current_version__tie_breaker")
    found: Ranking = get_object_or_404(rows, slug=slug)
    return found


def _file(slug: str, write: Callable[[Taken], Iterator[str]], ending: str, kind: str) -> HttpResponseBase:
    found = _list(slug)
    try:
        taken = exports.take(found)
    except exports.Unsettled:
        sentence = _("The ledger is being written to: ask again in a moment.")
        return HttpResponse(
            f"{sentence}\n", content_type="text/plain; charset=utf-8", status=503, headers={"Retry-After": "5"}
        )
    response = StreamingHttpResponse(write(taken), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{slug}.{ending}"'
    response["X-Robots-Tag"] = _UNLISTED
    return response
