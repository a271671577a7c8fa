"""The first gate for requests: what no honest browser sends gets a clean 400 before anything else reads it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

MAX_ADDRESS = 2048

_REFUSAL = (
    b"<!doctype html><html lang=en><title>Bad request</title><h1>This address can't be read</h1>"
    b"<p>Start again from <a href='/'>the home page</a>."
)


class RefuseNonsense:
    """Refuse NUL bytes and control characters in addresses, and addresses longer than 2,048 characters."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query: str = request.META.get("QUERY_STRING", "")
        if len(request.path_info) + len(query) > MAX_ADDRESS and not request.path_info.startswith("/admin/"):
            return HttpResponse(_REFUSAL, status=414)
        if _has_control(request.path_info) or any(
            _has_control(value) for values in request.GET.lists() for value in (values[0], *values[1])
        ):
            return HttpResponse(_REFUSAL, status=400)
        return self.get_response(request)


def _has_control(text: str) -> bool:
    return any(ord(ch) < 32 or ord(ch) == 127 or ch == "\ufffd" for ch in text)
