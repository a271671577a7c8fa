"""People who sign in: their accounts, their browsers, their apps."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, User
from django.test import Client

from crampinfo.editorial.roles import Role

PASSWORD = "blue-heron-under-9-bridges"
RESTRICTED = (Role.PUBLISHER, Role.AFFILIATE_MANAGER, Role.COMPLIANCE)
UNRESTRICTED = (Role.EDITOR, Role.REVIEWER, Role.MEDICAL_REVIEWER)


def account(*roles: Role, name: str = "ines", **fields: Any) -> User:
    """An account with a password; staff unless told otherwise."""
    made = User.objects.create_user(name, password=PASSWORD, **{"is_staff": True, **fields})
    made.groups.set(Group.objects.filter(name__in=[role.value for role in roles]))
    return made


def give_app(user: User) -> str:
    """Set up an authenticator app; its secret."""
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def give_recovery_codes(user: User) -> list[str]:
    """Recovery codes; all of them."""
    codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return codes


def give_passkey(user: User, name: str = "Phone") -> Authenticator:
    """A passkey that is only ever counted: nothing here can sign with it."""
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": {}}
    )


def code(secret: str, steps: int = 0) -> str:
    """What the app shows now, or some steps of 30 seconds later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def send_password(client: Client, name: str = "ines", password: str = PASSWORD, **more: str) -> Any:
    """Send the sign-in form."""
    return client.post("/accounts/login/", {"login": name, "password": password, **more})


def signed_in(user: User, secret: str = "") -> Client:
    """A browser in which they have signed in, with the code of their app if there is one."""
    client = Client()
    answer = send_password(client, user.username)
    if secret:
        answer = client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return client


def is_in(client: Client) -> bool:
    """Whether the admin's home opens."""
    return client.get("/admin/").status_code == 200


def words(answer: Any) -> str:
    """What a page says, on one line."""
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ").split())
