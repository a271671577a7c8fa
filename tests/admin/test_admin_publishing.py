"""From draft to readers in the admin: each button, who gets it, and what stops it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from articles.models import Article, FaqEntry
from crampinfo.editorial.models import Author, Revision, State
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.forms import errors_of, filled, told, with_row
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Article:
    article: Article = factories.article("why-at-night", published=False)
    return article


def page(article: Article) -> str:
    return f"/admin/articles/article/{article.pk}/change/"


def press(client: Client, article: Article, verb: str, **changes: Any) -> Any:
    form = client.get(page(article))
    answer = client.post(page(article), filled(form, verb, **changes), follow=True)
    article.refresh_from_db()
    return answer


def buttons(client: Client, article: Article) -> list[str]:
    return [verb.name for verb in client.get(page(article)).context["verbs"]]


def test_it_works(draft: Article) -> None:
    editor, publisher = signed_in(Role.EDITOR), signed_in(Role.PUBLISHER)
    press(editor, draft, "save", title="Why cramps come at night")
    press(editor, draft, "submit")
    press(publisher, draft, "approve")
    answer = press(publisher, draft, "publish")
    assert (draft.title, draft.state, draft.is_live) == ("Why cramps come at night", State.PUBLISHED, True)
    assert told(answer)[-1] == "Readers see it now: Why cramps come at night."
    kept = Revision.objects.filter(object_id=draft.pk).order_by("number").values_list("summary", "author__username")
    assert list(kept) == [
        ("Written", "editor"),
        ("Handed in for review", "editor"),
        ("Approved", "publisher"),
        ("Published", "publisher"),
    ]


def test_a_second_save_says_what_changed(draft: Article) -> None:
    editor = signed_in(Role.EDITOR)
    press(editor, draft, "save", title="One")
    form = editor.get(page(draft))
    row = {"position": 1, "question": "Why?", "answer": "The foot points down."}
    editor.post(page(draft), with_row(filled(form, title="Two", summary="Short."), "faq", **row))
    assert Revision.objects.latest("number").summary == "Changed title, summary; added 1 FAQ entry"
    assert Revision.objects.latest("number").data["faq"] == [{"question": "Why?", "answer": "The foot points down."}]


def test_a_save_that_changes_nothing_keeps_nothing(draft: Article) -> None:
    editor = signed_in(Role.EDITOR)
    press(editor, draft, "save")
    before = Revision.objects.count()
    answer = press(editor, draft, "save")
    assert Revision.objects.count() == before
    assert told(answer) == [f"Nothing was changed: {draft}."]


@pytest.mark.parametrize(
    ("role", "state", "expected"),
    [
        (Role.EDITOR, State.DRAFT, ["check", "save", "submit"]),
        (Role.EDITOR, State.IN_REVIEW, ["check", "save", "reopen", "approve"]),
        (Role.EDITOR, State.PUBLISHED, ["check", "keep", "hand_in"]),
        (Role.PUBLISHER, State.DRAFT, ["check", "save", "submit", "publish"]),
        (Role.PUBLISHER, State.IN_REVIEW, ["check", "save", "reopen", "approve", "publish"]),
        (Role.PUBLISHER, State.APPROVED, ["check", "save", "reopen", "publish"]),
        (Role.PUBLISHER, State.PUBLISHED, ["check", "keep", "hand_in", "publish"]),
        (Role.PUBLISHER, State.RETIRED, ["reopen"]),
        (Role.COMPLIANCE, State.IN_REVIEW, []),
        (Role.AFFILIATE_MANAGER, State.DRAFT, []),
    ],
)
def test_buttons_follow_state_and_right(role: Role, state: State, expected: list[str], draft: Article) -> None:
    if state == State.PUBLISHED:
        draft = factories.article("live")
    else:
        draft.state = state
        draft.save()
    assert buttons(signed_in(role), draft) == expected


@pytest.mark.parametrize("verb", ["publish", "approve", "nonsense", "reopen"])
def test_a_forged_button_is_refused(verb: str, draft: Article) -> None:
    editor = signed_in(Role.EDITOR)
    data = filled(editor.get(page(draft)), verb, title="Forged")
    assert editor.post(page(draft), data).status_code == 403
    draft.refresh_from_db()
    assert (draft.state, draft.title) == (State.DRAFT, "About why-at-night")


def test_nobody_publishes_their_own_text(draft: Article) -> None:
    publisher = account(Role.PUBLISHER)
    Author.objects.filter(pk=draft.author_id).update(user=publisher)
    client = Client()
    client.force_login(publisher)
    assert buttons(client, draft) == ["check", "save", "submit"]
    assert client.post(page(draft), filled(client.get(page(draft)), "publish")).status_code == 403


def test_a_new_byline_in_the_same_save_is_no_way_round(draft: Article) -> None:
    publisher = account(Role.PUBLISHER)
    mine = factories.author("mine", user=publisher)
    client = Client()
    client.force_login(publisher)
    answer = press(client, draft, "publish", author=mine.pk)
    assert errors_of(answer) == {"author": ["Nobody approves or publishes their own text."]}
    assert (draft.state, draft.author.slug) == (State.DRAFT, "maren")


def test_what_one_person_alone_has_written_needs_another(draft: Article) -> None:
    publisher = signed_in(Role.PUBLISHER)
    press(publisher, draft, "save", title="Mine alone")
    assert buttons(publisher, draft) == ["check", "save", "submit"]
    press(signed_in(Role.EDITOR), draft, "save", summary="Somebody else read it.")
    assert "publish" in buttons(publisher, draft)


def test_one_operator_does_it_all(draft: Article, settings: Any) -> None:
    settings.SINGLE_OPERATOR = True
    operator = account(*Role, name="operator")
    Author.objects.filter(pk=draft.author_id).update(user=operator)
    client = Client()
    client.force_login(operator)
    press(client, draft, "publish")
    assert draft.is_live
    press(client, draft, "publish", title="Changed alone")
    assert Article.objects.get(pk=draft.pk).title == "Changed alone"


def test_the_gate_stops_it_beside_the_field(draft: Article) -> None:
    publisher = signed_in(Role.PUBLISHER)
    answer = press(publisher, draft, "publish", title="New title", summary="TODO")
    said = errors_of(answer)
    assert "PUB-01" in said["summary"][0]
    assert "TODO" in said["summary"][0]
    assert answer.context["panel"].blocking == 1
    assert 'href="#id_summary"' in answer.content.decode()
    assert "New title" in answer.content.decode()
    assert (draft.state, draft.title) == (State.DRAFT, "About why-at-night")
    assert not Revision.objects.filter(object_id=draft.pk).exists()


def test_a_finding_in_a_row_names_the_row(draft: Article) -> None:
    publisher = signed_in(Role.PUBLISHER)
    data = with_row(filled(publisher.get(page(draft)), "publish"), "faq", position=1, question="Why?", answer="TBD")
    answer = publisher.post(page(draft), data)
    assert any(said.startswith("FAQ entries 1, answer: ") for said in errors_of(answer)["__all__"])
    assert FaqEntry.objects.count() == 0


def test_check_saves_nothing(draft: Article) -> None:
    editor = signed_in(Role.EDITOR)
    answer = press(editor, draft, "check", title="Only asking")
    assert errors_of(answer) == {"__all__": ["Checked, not saved: the gate lets it pass."]}
    assert "Only asking" in answer.content.decode()
    assert draft.title == "About why-at-night"


def test_an_approved_text_that_changes_waits_again(draft: Article) -> None:
    editor, publisher = signed_in(Role.EDITOR), signed_in(Role.PUBLISHER)
    press(editor, draft, "submit")
    press(publisher, draft, "approve")
    press(editor, draft, "save", summary="Changed after approval.")
    assert draft.state == State.IN_REVIEW


def test_a_date_to_come_schedules_it(draft: Article) -> None:
    answer = press(signed_in(Role.PUBLISHER), draft, "publish", publish_at_0="2099-01-01", publish_at_1="08:00")
    assert told(answer) == [f"It appears at its time: {draft}."]
    assert (draft.state, draft.is_live) == (State.PUBLISHED, False)


def test_a_link_to_a_shop_without_an_offer_is_said_in_the_form(draft: Article) -> None:
    factories.merchant("northshop")
    answer = press(signed_in(Role.EDITOR), draft, "save", body='<p><a href="https://northshop.example/x">Buy</a></p>')
    assert "northshop.example" in errors_of(answer)["body"][0]


def test_adding_writes_the_first_revision() -> None:
    editor = signed_in(Role.EDITOR)
    given = {"title": "New", "slug": "new", "summary": "S.", "key_answer": "K.", "body": "<p>B.</p>"}
    given |= {"author": factories.author().pk, "topic": factories.topic().pk}
    form = editor.get("/admin/articles/article/add/")
    answer = editor.post("/admin/articles/article/add/", filled(form, "submit", **given), follow=True)
    article = Article.objects.get()
    assert article.state == State.IN_REVIEW
    assert told(answer) == ["Saved and handed in for review: New."]
    assert list(Revision.objects.order_by("number").values_list("summary", flat=True)) == [
        "Written",
        "Handed in for review",
    ]
