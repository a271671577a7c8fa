"""History that one can go back to: any revision in the form, any two compared, nothing saved unasked."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from articles.models import Article, FaqEntry
from crampinfo.editorial import workflow
from crampinfo.editorial.models import Revision, State, WorkingCopy
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.forms import filled, told, with_row
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Client:
    return signed_in(Role.EDITOR, name="anna")


@pytest.fixture
def draft(anna: Client) -> Article:
    """Three revisions: as written, with other words and rows, with others again."""
    made: Article = factories.article("why", published=False)
    for number, words in enumerate(("First", "Second"), 1):
        FaqEntry.objects.create(article=made, position=number, question=f"{words}?", answer=f"{words} answer.")
    save(anna, made, title="One")
    other = factories.author("lena")
    changes = {"title": "Two", "author": other.pk, "faq-0-DELETE": "on", "faq-1-answer": "Other.", "urgent": "on"}
    data = {**filled(anna.get(page(made))), **changes}
    anna.post(page(made), with_row(data, "faq", position=3, question="Third?", answer="New."))
    save(anna, made, title="Three", summary="Third summary.")
    return made


def page(article: Article, end: str = "change") -> str:
    return f"/admin/articles/article/{article.pk}/{end}/"


def save(client: Client, article: Article, **changes: Any) -> None:
    assert client.post(page(article), {**filled(client.get(page(article))), **changes}).status_code == 302


def test_a_revision_opens_in_the_form_and_is_saved_by_its_button(draft: Article, anna: Client) -> None:
    shown = anna.get(f"{page(draft)}?revision=1")
    assert told(shown)[-1].startswith("This is revision 1. Nothing is saved yet")
    assert Article.objects.get().title == "Three"
    assert anna.post(page(draft), filled(shown)).status_code == 302
    stored = Article.objects.get()
    assert (stored.title, stored.author.slug, stored.urgent) == ("One", "maren", False)
    assert list(stored.faq.order_by("position", "pk").values_list("question", "answer")) == [
        ("First?", "First answer."),
        ("Second?", "Second answer."),
    ]
    first, last = Revision.objects.get(number=1), Revision.objects.latest("number")
    assert (last.number, last.content_hash) == (4, first.content_hash)


def test_of_something_live_it_becomes_a_draft_of_changes(draft: Article, anna: Client) -> None:
    workflow.publish(draft := Article.objects.get())
    anna.post(page(draft), filled(anna.get(f"{page(draft)}?revision=1"), "keep"))
    assert (Article.objects.get().title, Article.objects.get().state) == ("Three", State.PUBLISHED)
    assert WorkingCopy.objects.get().post["title"] == ["One"]


def test_a_field_that_a_release_took_away_is_named(draft: Article, anna: Client) -> None:
    first = Revision.objects.get(number=1)
    first.data = {**first.data, "subtitle": "Gone", "sidebars": [{"text": "x"}], "urgent": "perhaps"}
    first.save()
    shown = anna.get(f"{page(draft)}?revision=1")
    assert told(shown)[-1].endswith("no longer exists: Sidebars, Subtitle, Urgent.")
    assert filled(shown)["title"] == "One"


def test_scores_stay_where_they_are() -> None:
    review = factories.review(factories.product("magno"))
    editor = signed_in(Role.REVIEWER)
    shown = editor.get(f"/admin/reviews/review/{review.pk}/change/?revision=1")
    assert "Scores" in told(shown)[-1]
    assert shown.status_code == 200


@pytest.mark.parametrize("wish", ["99", "0", "x", "-1", "²", "9" * 40])
def test_a_number_that_is_none(wish: str, draft: Article, anna: Client) -> None:
    assert anna.get(f"{page(draft)}?revision={wish}").status_code == 404
    assert anna.get(f"{page(draft, 'history/compare')}?a=1&b={wish}").status_code == 404


def test_another_objects_revision_is_none(draft: Article, anna: Client) -> None:
    other = factories.article("other", published=False)
    assert anna.get(f"{page(other)}?revision=1").status_code == 404


def test_any_two_are_compared(draft: Article, anna: Client) -> None:
    listed = BeautifulSoup(anna.get(page(draft, "history")).content, "html.parser")
    assert [box["value"] for box in listed.select("input[name=a]")] == ["3", "2", "1"]
    for pair in ("a=1&b=3", "a=3&b=1"):
        shown = BeautifulSoup(anna.get(f"{page(draft, 'history/compare')}?{pair}").content, "html.parser")
        assert shown.select_one("h1").text == "From revision 1 to 3"
        assert (shown.select_one("del").text, shown.select_one("ins").text) == ("One", "Three")
        assert {item.text.strip() for item in shown.select("dt")} >= {"Title", "Summary", "Author", "FAQ entry"}


def test_who_may_only_read_compares_and_restores_nothing(draft: Article) -> None:
    reader = signed_in(Role.MEDICAL_REVIEWER)
    assert reader.get(f"{page(draft, 'history/compare')}?a=1&b=2").status_code == 200
    assert b"?revision=" not in reader.get(page(draft, "history")).content
    assert reader.get(f"{page(draft)}?revision=1").context.get("laid") is None
