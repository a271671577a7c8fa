"""What allauth asks the site: who may sign up (nobody), what it says when it refuses, how secrets are kept."""

from __future__ import annotations

import base64
import ipaddress
import logging
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crampinfo.site.signin import secondfactor

logger = logging.getLogger(__name__)


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by whoever runs the site; nobody signs up, and no mail is sent."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _(
            "This user name and password don’t belong together. Check both, and whether Caps Lock is on."
        ),
        "too_many_login_attempts": _("Too many attempts went wrong. Wait five minutes, then try again."),
        "rate_limited": _("Too many attempts went wrong. Wait five minutes, then try again."),
        "incorrect_password": _("This is not your password. Check whether Caps Lock is on, and type it again."),
        "enter_current_password": _("This is not your password. Check whether Caps Lock is on, and type it again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never; there is no address for it either."""
        return False

    def get_login_stages(self) -> list[str]:
        """After the password the second factor, where there is one. No address is confirmed by mail."""
        return ["allauth.mfa.stages.AuthenticateStage"]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the overview."""
        return reverse("mfa_index")

    def is_safe_url(self, url: str) -> bool:
        """Only addresses of the host that was asked: a link to the sign-in page can't lead away from the site."""
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within five minutes of signing in: whoever is led to a second factor has just typed the password."""
        records = get_authentication_records(context.request, context.request.user)
        return not records or time.time() - records[-1]["at"] >= app_settings.REAUTHENTICATION_TIMEOUT

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Where the second factor is asked for, a password is no answer."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not user.is_authenticated or not secondfactor.is_due(context.request):
            return methods
        return [method for method in methods if method["id"] != "reauthenticate"] or methods

    def get_client_ip(self, request: HttpRequest) -> str:
        """A keyed mark of the address: limits need to tell addresses apart, nothing here needs to know them.

        IPv6 counts by its first half, which is what one household has. Behind a socket or a proxy that says nothing
        all visitors count as one, which makes limits stricter, never weaker.
        """
        try:
            found = ipaddress.ip_address(super().get_client_ip(request))
        except (ImproperlyConfigured, PermissionDenied):
            return "unknown"
        if found.version == 6:
            found = ipaddress.ip_network(f"{found}/64", strict=False).network_address
        return salted_hmac("crampinfo.signin.address", str(found), algorithm="sha256").hexdigest()[:32]


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Authenticator apps, passkeys and recovery codes."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _(
            "This code is wrong, used or too old. Type the one your app shows now, or a recovery code not yet used."
        ),
        "cannot_delete_authenticator": _(
            "Your role needs a second factor. Set up another one first; then you can remove this one."
        ),
        "unreadable": _(
            "Your second factor can’t be read here any more. Whoever runs this site can reset it, so that you set up a "
            "new one."
        ),
    }

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Not the last one of an account that must have one."""
        return not secondfactor.is_indispensable(authenticator)

    def get_totp_label(self, user: Any) -> str:
        """The user name; a mail address would be one more place that holds it."""
        return str(user.get_username())

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Where the owner gives it no name."""
        return gettext("Passkey %(number)s") % {"number": secondfactor.of(user).filter(type=type).count() + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Under the name that readers know."""
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}

    def encrypt(self, text: str) -> str:
        """Sealed with SECRET_KEY: whoever reads a copy of the database alone can make no code."""
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Opened with SECRET_KEY or one of SECRET_KEY_FALLBACKS."""
        try:
            return _seal().decrypt(encrypted_text).decode()
        except InvalidToken as error:
            logger.exception("A second factor can't be read: SECRET_KEY is not the one it was sealed with.")
            raise self.validation_error("unreadable") from error


def _seal() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = [salted_hmac("crampinfo.signin.seal", "", secret=key, algorithm="sha256").digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
