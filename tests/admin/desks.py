"""People at their desks: who opens a guide's form and presses its buttons."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from articles.models import Article
from crampinfo.editorial.roles import Role
from tests.admin.forms import filled
from tests.admin.people import account


class Desk:
    """Somebody who works here, with the browser they are signed in with."""

    def __init__(self, name: str, *roles: Role) -> None:
        self.user: User = account(*roles, name=name)
        self.browser = Client()
        self.browser.force_login(self.user)

    def get(self, text: Article, end: str = "change") -> Any:
        return self.browser.get(f"/admin/articles/article/{text.pk}/{end}/")

    def press(self, text: Article, verb: str, *, note: str = "", to: Any = "", due: Any = "", **changes: Any) -> Any:
        sent = filled(self.get(text), verb, **changes)
        sent |= {"_hand-note": note, "_hand-to": getattr(to, "pk", to), "_hand-due": due}
        answer = self.browser.post(f"/admin/articles/article/{text.pk}/change/", sent, follow=True)
        text.refresh_from_db()
        return answer


def offered(answer: Any) -> dict[str, list[str]]:
    """Who can be chosen, by what comes next."""
    groups = answer.context["hand"].fields["to"].choices[1:]
    return {title: [name for _key, name in people] for title, people in groups}
