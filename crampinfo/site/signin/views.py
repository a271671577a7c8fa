"""Pages of sign-in that allauth has not, or not as we need them."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from crampinfo.editorial import pages
from crampinfo.site.signin import adapters, secondfactor

GUARDED = ("/admin/", "/accounts/")
_RETRY_SECONDS = 60


class Overview(IndexView):  # type: ignore[misc]  # allauth has no types
    """What this account signs in with, and what it still needs."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With what the template says of the rule."""
        return {
            **super().get_context_data(**kwargs),
            "is_due": secondfactor.is_due(self.request),
            "is_required": secondfactor.is_required_of(self.request.user),
        }


class SecondStep(AuthenticateView):  # type: ignore[misc]  # allauth has no types
    """The second step; it offers what this account has."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the kinds of second factors."""
        kinds = secondfactor.of(self.stage.login.user).values_list("type", flat=True)
        return {**super().get_context_data(**kwargs), "has_passkey": Authenticator.Type.WEBAUTHN in kinds}


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """allauth asks before an app is turned off, but not before a passkey goes."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse where it is the last second factor of an account that must have one."""
        if request.user.is_authenticated and secondfactor.is_indispensable(self.get_object()):
            messages.error(request, str(adapters.SecondFactors.error_messages["cannot_delete_authenticator"]))
            return redirect("mfa_index")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


def unsent(request: HttpRequest, *, way: str) -> HttpResponse:
    """A form that came after its session had ended: the page that answers holds everything that was written.

    Passwords are left out; files can't be kept by a page. Nothing is stored here.
    """
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    context = {
        "kept": [(name, value) for name, value in fields if name != "csrfmiddlewaretoken" and "password" not in name],
        "has_passwords": any("password" in name for name, _value in fields),
        "files": [file.name for _name, found in request.FILES.lists() for file in found],
        "way": way,
        "address": request.get_full_path(),
    }
    response = render(request, "account/unsent.html", context, status=403)
    add_never_cache_headers(response)
    return response


def token_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is not this session's: written before a new sign-in, or sent by another site."""
    if not request.path_info.startswith(GUARDED):
        return _public_refusal(request, _("The form was open too long. Go back, reload the page and send it again."))
    if request.path_info.startswith("/admin/") and _is_from_here(request):
        return unsent(request, way="" if request.user.is_authenticated else reverse("account_login"))
    return render(request, "account/stale.html", status=403)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent it; no other site can make it say so."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: what this account may not do, and what to do about it."""
    if not request.path_info.startswith(GUARDED):
        return _public_refusal(request, _("This page is not open to everybody."))
    return render(request, "account/refused.html", status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """429: more attempts than the limits allow."""
    response = render(request, "account/too_many.html", status=429)
    response["Retry-After"] = str(_RETRY_SECONDS)
    return response


def _public_refusal(request: HttpRequest, reason: str) -> HttpResponse:
    head = pages.head(title=_("Not allowed"), description="", path=request.path, indexable=False)
    return pages.render(request, "site/404.html", head, {"reason": reason}, status=403)
