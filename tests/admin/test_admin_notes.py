"""Notes on fields: left, answered, resolved; what is open is said before a text is published."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from articles.models import Article
from crampinfo.editorial import gate, notes, workflow
from crampinfo.editorial.models import FieldNote
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def text() -> Article:
    made: Article = factories.article("calf", published=False, body="<p>Stretch it.</p>")
    return made


@pytest.fixture
def editor() -> Client:
    return signed_in(Role.EDITOR, name="anna")


def page(instance: Any) -> str:
    return f"/admin/{instance._meta.label_lower.replace('.', '/')}/{instance.pk}/notes/"


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_it_works(text: Article, editor: Client) -> None:
    editor.post(page(text), {"field": "body", "text": "For how long?"})
    [note] = notes.open_of(text)
    assert (note.field, note.text, note.author.get_username()) == ("body", "For how long?", "anna")
    assert "1 open note" in words(editor.get(f"/admin/articles/article/{text.pk}/change/"))
    other = signed_in(Role.PUBLISHER, name="ines")
    other.post(page(text), {"reply_to": note.pk, "field": "title", "text": "Ten seconds."})
    [reply] = note.replies.all()
    assert (reply.field, reply.text) == ("body", "Ten seconds."), "an answer is about what its note is about"
    other.post(page(text), {"resolve": note.pk})
    note.refresh_from_db()
    assert note.resolved_by.get_username() == "ines"
    shown = words(editor.get(page(text)))
    assert "resolved by ines" in shown
    assert "Ten seconds." in shown
    assert not notes.open_of(text)


def test_what_is_open_warns_before_publishing(text: Article) -> None:
    note = notes.leave(text, "body", "For how long?", account(name="anna"))
    [finding] = [one for one in gate.inspect(text) if one.code == "NOTE"]
    assert (finding.severity, finding.field) == (gate.Severity.WARN, "body")
    assert finding.why == "anna left a note that is still open: “For how long?”"
    with pytest.raises(gate.GateRefused):
        workflow.publish(text, by=account(Role.PUBLISHER))
    notes.resolve(note, None)
    assert not [one for one in gate.inspect(text) if one.code == "NOTE"]


def test_an_answer_opens_it_again(text: Article) -> None:
    note = notes.leave(text, "", "Is it true?", None)
    assert notes.resolve(note, None)
    assert not notes.resolve(note, None)
    answer = notes.leave(text, "", "Not quite.", None, note)
    assert [one.pk for one in notes.open_of(text)] == [note.pk]
    assert notes.leave(text, "", "And that.", None, answer).reply_to == note, "answers stand in one row"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"field": "body", "text": "  "}, "a note without words"),
        ({"field": "body", "text": "x" * 2001}, "at most 2,000 characters"),
        ({"field": "gate_hash", "text": "Why?"}, "Choose the field"),
        ({"field": "body; DROP", "text": "Why?"}, "Choose the field"),
    ],
)
def test_refused_with_what_was_typed(data: dict[str, str], why: str, text: Article, editor: Client) -> None:
    found = editor.post(page(text), data)
    assert why in words(found)
    assert data["text"].strip() in words(found)
    assert not FieldNote.objects.exists()


@pytest.mark.parametrize("key", ["0", "x", "-1", "9" * 40, "1 OR 1=1"])
def test_a_note_that_is_not_there(key: str, text: Article, editor: Client) -> None:
    assert editor.post(page(text), {"resolve": key}).status_code == 404
    assert editor.post(page(text), {"reply_to": key, "field": "", "text": "A"}).status_code == 404


def test_a_note_of_another_text_is_out_of_reach(text: Article, editor: Client) -> None:
    other = notes.leave(factories.article("other", published=False), "", "Hers", None)
    assert editor.post(page(text), {"resolve": other.pk}).status_code == 404
    assert notes.resolve(other, None)


@pytest.mark.parametrize("role", Role)
def test_who_may_read_may_leave_one(role: Role, text: Article) -> None:
    somebody = signed_in(role)
    assert somebody.get(page(text)).status_code == 200
    somebody.post(page(text), {"field": "", "text": "Mine"})
    assert FieldNote.objects.count() == 1
    assert signed_in(name="nobody").get(page(text)).status_code in (302, 403)


@pytest.mark.parametrize("role", Role)
def test_who_may_change_the_text_or_asked_settles_it(role: Role, text: Article) -> None:
    asked = notes.leave(text, "body", "For how long?", account(name="anna"))
    somebody = signed_in(role, name="somebody")
    may = role in (Role.EDITOR, Role.PUBLISHER)
    assert ('name="resolve"' in words(somebody.get(page(text)))) is may
    assert somebody.post(page(text), {"resolve": asked.pk}).status_code == (302 if may else 403)
    assert notes.open_of(text).exists() is not may
    somebody.post(page(text), {"field": "", "text": "Mine"})
    mine = notes.open_of(text).get(text="Mine")
    assert somebody.post(page(text), {"resolve": mine.pk}).status_code == 302
    assert not notes.open_of(text).filter(pk=mine.pk).exists()


def test_markup_is_words(text: Article, editor: Client) -> None:
    editor.post(page(text), {"field": "", "text": "<script>alert(1)</script>\nTwo"})
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>Two" in words(editor.get(page(text)))


def test_every_field_of_every_kind_can_be_noted(editor: Client) -> None:
    product = factories.product("magno")
    review = factories.review(product)
    kinds = [review, factories.ranking(products=(product,)), factories.question("q"), factories.article("a")]
    for made in kinds:
        asked = signed_in(Role.PUBLISHER, name="ines-" + made._meta.model_name).get(page(made))
        assert asked.status_code == 200
        names = [name for name, _label in asked.context["fields"]]
        assert names[0] == ""
        assert set(made.content_fields) < set(names)
        assert all(label.strip() for _name, label in asked.context["fields"])


def test_nothing_is_said_of_what_is_not_stored() -> None:
    assert [one for one in gate.inspect(Article(title="New")) if one.code == "NOTE"] == []


def test_words_without_sense_are_refused_at_the_door(text: Article) -> None:
    with pytest.raises(ValidationError):
        notes.leave(text, "", "\n", None)
