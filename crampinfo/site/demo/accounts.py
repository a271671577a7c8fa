"""Accounts for trying the admin in each role; their passwords are made here and kept beside the database."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import Group, User

from crampinfo.editorial.models import Author
from crampinfo.editorial.roles import Role

# Which invented author signs in with which account, so that "nobody approves their own text" can be seen at work.
AUTHORS = {"editor": "maren-holt", "reviewer": "tomas-arden", "publisher": "ines-varga"}
ADMINISTRATOR = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the demonstration. password is '' when somebody has changed it."""

    name: str
    role: str
    password: str


def make(folder: Path) -> list[Account]:
    """Create what is missing, keep what is there; passwords stay in demo-accounts.json, for its owner's eyes alone."""
    path = folder / "demo-accounts.json"
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    accounts = [_account(ADMINISTRATOR, None, known), *(_account(_name(role), role, known) for role in Role)]
    path.touch(mode=0o600)
    path.write_text(json.dumps(known, indent=1), encoding="utf-8")
    return accounts


def _name(role: Role) -> str:
    return role.value.lower().replace(" ", "-")


def _account(name: str, role: Role | None, known: dict[str, str]) -> Account:
    password = known.setdefault(name, secrets.token_urlsafe(9))
    title = role.value if role is not None else "Administrator"
    user = User.objects.filter(username=name).first()
    if user is None:
        user = User.objects.create_user(name, password=password, is_staff=True, is_superuser=role is None)
        if role is not None:
            user.groups.add(Group.objects.get(name=role.value))
        Author.objects.filter(slug=AUTHORS.get(name), user=None).update(user=user)
        return Account(name, title, password)
    return Account(name, title, password if user.check_password(password) else "")
