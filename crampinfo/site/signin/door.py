"""The door of the admin: who may pass, and what happens to a form that comes too late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode

from crampinfo.site.signin import secondfactor, views

ADMIN, ACCOUNTS = "/admin/", "/accounts/"
_OPEN = ("/admin/login/", "/admin/logout/")


class Door:
    """Only at /admin/ and /accounts/: elsewhere nothing is read of the visitor, so that pages stay the same for all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith((ADMIN, ACCOUNTS)):
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
        if request.path_info.startswith(ACCOUNTS):
            add_never_cache_headers(response)  # recovery codes and secrets stay out of every cache
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Runs after the check of the form's token, so what a form holds was written on a page of this site."""
        if not request.path_info.startswith(ADMIN) or request.path_info in _OPEN:
            return None
        if not request.user.is_authenticated:
            # Django's admin leads a GET to the sign-in page by itself; a form would be lost on that way.
            return views.unsent(request, way=reverse("account_login")) if request.method == "POST" else None
        if not secondfactor.is_due(request):
            return None
        way = secondfactor.way_to_it(request)
        if request.method == "POST":
            return views.unsent(request, way=way)
        return redirect(f"{way}?{urlencode({'next': request.get_full_path()})}")
