"""Accounts by role, and browsers in which they are signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client

from crampinfo.editorial.roles import Role


def account(*roles: Role, name: str = "", **fields: Any) -> User:
    """Somebody who signs in with these roles."""
    made = User.objects.create_user(
        name or "-".join(roles).lower().replace(" ", "") or "nobody", is_staff=True, **fields
    )
    made.groups.set(Group.objects.filter(name__in=[role.value for role in roles]))
    return made


def signed_in(*roles: Role, **fields: Any) -> Client:
    """A browser in which they are signed in."""
    client = Client()
    client.force_login(account(*roles, **fields))
    return client
