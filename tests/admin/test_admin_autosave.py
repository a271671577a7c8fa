"""Forms in progress: kept every few seconds, offered again, seen by nobody else, gone once the form is saved."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from crampinfo.editorial.models import Autosave, WorkingCopy
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.forms import errors_of, filled, with_row
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/article/add/"


@pytest.fixture
def draft() -> Article:
    made: Article = factories.article("why", published=False)
    return made


@pytest.fixture
def anna() -> Client:
    return signed_in(Role.EDITOR, name="anna")


def page(article: Article, end: str = "change") -> str:
    return f"/admin/articles/article/{article.pk}/{end}/"


def typed(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    return {**filled(client.get(address)), **changes}


def offered(client: Client, address: str) -> bool:
    return "You have unsaved words" in client.get(address).content.decode()


def test_words_are_kept_offered_and_restored_with_their_rows(draft: Article, anna: Client) -> None:
    data = with_row(typed(anna, page(draft), title="Half a ti"), "faq", position=1, question="Why?", answer="")
    assert set(anna.post(page(draft, "autosave"), data).json()) == {"at"}
    assert Article.objects.get().title == "About why"
    shown = anna.get(page(draft))
    assert filled(shown)["title"] == "About why"
    assert BeautifulSoup(shown.content, "html.parser").select_one('a[href="?restore=1"]')
    restored = anna.get(f"{page(draft)}?restore=1")
    again = filled(restored)
    assert (again["title"], again["faq-0-question"]) == ("Half a ti", "Why?")
    assert BeautifulSoup(restored.content, "html.parser").select_one(".errornote") is None
    assert anna.post(page(draft), {**again, "title": "A title", "faq-0-answer": "So."}).status_code == 302
    assert Article.objects.get().title == "A title"
    assert not Autosave.objects.exists()


def test_the_form_of_something_new_too(anna: Client) -> None:
    anna.post(ADD.replace("/add/", "/autosave/"), typed(anna, ADD, title="New"))
    assert offered(anna, ADD)
    assert filled(anna.get(f"{ADD}?restore=1"))["title"] == "New"
    assert not Article.objects.exists()


def test_it_is_overwritten_in_place(draft: Article, anna: Client) -> None:
    for title in ("A", "AB", "ABC"):
        anna.post(page(draft, "autosave"), {"title": title})
    assert Autosave.objects.get().post["title"] == ["ABC"]


def test_a_refused_save_and_a_preview_keep_it(draft: Article, anna: Client) -> None:
    data = typed(anna, page(draft), title="")
    anna.post(page(draft, "autosave"), data)
    assert "title" in errors_of(anna.post(page(draft), data))
    anna.post(page(draft, "preview/typed"), {**data, "title": "Looked at"})
    assert offered(anna, page(draft))


def test_dropping_it(draft: Article, anna: Client) -> None:
    anna.post(page(draft, "autosave"), {"title": "A"})
    assert anna.post(page(draft, "autosave"), {"_drop": "1"}).status_code == 302
    assert not offered(anna, page(draft))


def test_nobody_else_sees_the_words_but_that_somebody_is_writing(draft: Article, anna: Client) -> None:
    anna.post(page(draft, "autosave"), {"title": "Secret words"})
    text = signed_in(Role.EDITOR, name="otto").get(f"{page(draft)}?restore=1").content.decode()
    assert "Secret words" not in text
    assert "<b>anna</b> is writing here too" in text
    assert "anna" not in anna.get(page(draft)).context["others"]


def test_what_somebody_saved_since_is_told_when_it_is_restored(draft: Article, anna: Client) -> None:
    anna.post(page(draft, "autosave"), typed(anna, page(draft), title="Mine"))
    otto = signed_in(Role.EDITOR, name="otto")
    otto.post(page(draft), typed(otto, page(draft), title="His", summary="His."))
    restored = anna.get(f"{page(draft)}?restore=1")
    assert "otto saved this" in restored.content.decode()
    again = filled(restored)
    assert (again["title"], again["summary"]) == ("Mine", "His.")


def test_over_a_draft_of_changes(anna: Client) -> None:
    live = factories.article("live")
    anna.post(page(live), {**typed(anna, page(live), title="Kept"), "_verb": "keep"})
    anna.post(page(live, "autosave"), typed(anna, page(live), title="Typed"))
    again = filled(anna.get(f"{page(live)}?restore=1"), "keep")
    assert again["title"] == "Typed"
    assert anna.post(page(live), again).status_code == 302
    copy = WorkingCopy.objects.get()
    assert (copy.post["title"], copy.number, Autosave.objects.count()) == (["Typed"], 2, 0)


@pytest.mark.parametrize("role", [Role.MEDICAL_REVIEWER, Role.AFFILIATE_MANAGER, Role.COMPLIANCE])
def test_who_may_not_write_keeps_nothing(role: Role, draft: Article) -> None:
    client = signed_in(role)
    for address in (page(draft, "autosave"), ADD.replace("/add/", "/autosave/")):
        assert client.post(address, {"title": "A"}).status_code == 403
    assert client.get(page(draft, "autosave")).status_code == 405
    assert not Autosave.objects.exists()


def test_it_asks_little(draft: Article, anna: Client) -> None:
    data = typed(anna, page(draft), title="A")
    anna.post(page(draft, "autosave"), data)
    with CaptureQueriesContext(connection) as captured:
        anna.post(page(draft, "autosave"), data)
    assert len(captured) <= 8, [query["sql"] for query in captured]
