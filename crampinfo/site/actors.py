"""Who acts in the admin, for the ledger: the role of whoever is signed in, asked for only when an entry is written."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from crampinfo.editorial import ledger, roles
from crampinfo.site.signin.door import ADMIN


class PutDownTheRole:
    """Entries written for a request to the admin carry the role of the person, never the name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(ADMIN):
            return self.get_response(request)
        with ledger.acting(roles.finder(request.user)):
            return self.get_response(request)
