"""Experts without an account: a link to one text, one answer, and nothing for who has no right link."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from articles.models import Article
from crampinfo.editorial import experts, notes, workflow
from crampinfo.editorial.models import ExpertReading, Revision, State
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db
SECRET = "About the calf at night"


@pytest.fixture
def text() -> Article:
    made: Article = factories.article("calf", published=False, title=SECRET, body="<p>Stretch it.</p>")
    workflow.submit(made)
    return made


@pytest.fixture
def key(text: Article) -> str:
    return invite(text)


def invite(instance: Any, days: int = 14) -> str:
    return experts.invite(instance, "Dr Ada Berg", "neurologist", days, None)[1]


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def answer(key: str, decision: str = "approved", note: str = "") -> Any:
    return Client().post(f"/expert/{key}/", {"decision": decision, "note": note})


def reloaded(instance: Any) -> Any:
    return type(instance).objects.get(pk=instance.pk)


def test_it_works(text: Article) -> None:
    publisher = signed_in(Role.PUBLISHER)
    page = f"/admin/articles/article/{text.pk}/experts/"
    assert page in words(publisher.get(f"/admin/articles/article/{text.pk}/change/"))
    made = publisher.post(page, {"name": "Dr Ada Berg", "qualification": "neurologist", "days": "14"})
    [link] = re.findall(r'value="http[^"]+/expert/([\w-]{43})/"', words(made))
    assert link not in words(publisher.get(page)), "it is told once"
    asked = Client().get(f"/expert/{link}/")
    assert "Dr Ada Berg, this is a text as readers would see it" in words(asked)
    assert SECRET in words(Client().get(f"/expert/{link}/text/"))
    thanks = answer(link, note="Sound.")
    assert "Dr Ada Berg, you approved this text on" in words(thanks)
    assert reloaded(text).state == State.APPROVED
    summary = Revision.objects.latest("pk").summary
    assert summary == "Approved by Dr Ada Berg, neurologist, who has no account: Sound."
    reading = ExpertReading.objects.get()
    assert (reading.decision, reading.note, reading.made_by.get_username()) == ("approved", "Sound.", "publisher")
    assert reading.opened_at is not None
    assert "Sound." in words(publisher.get(page))


def test_it_goes_back_with_a_note(text: Article, key: str) -> None:
    assert "you sent this text back on" in words(answer(key, "rejected", "The dose is wrong."))
    assert reloaded(text).state == State.DRAFT
    assert Revision.objects.latest("pk").summary.endswith("who has no account: The dose is wrong.")
    [note] = notes.open_of(text)
    assert note.text == "Dr Ada Berg, neurologist: The dose is wrong."
    assert "1 open note" in words(signed_in(Role.EDITOR).get(f"/admin/articles/article/{text.pk}/change/"))


@pytest.mark.parametrize(
    ("decision", "note", "why"),
    [
        ("", "Fine.", "Choose one of the two."),
        ("published", "Fine.", "Choose one of the two."),
        ("rejected", " ", "Say what has to change"),
        ("approved", "x" * 1501, "at most 1,500 characters"),
    ],
)
def test_an_answer_that_lacks_something_loses_nothing(
    decision: str, note: str, why: str, text: Article, key: str
) -> None:
    found = answer(key, decision, note)
    assert found.status_code == 422
    assert why in words(found)
    assert note.strip() in words(found)
    assert (reloaded(text).state, ExpertReading.objects.get().decision) == (State.IN_REVIEW, "")


class TestLinksThatOpenNothing:
    def refused(self, key: str, status: int, why: str) -> None:
        before = list(Article.objects.values_list("state", flat=True))
        for found in (Client().get(f"/expert/{key}/"), answer(key)):
            assert found.status_code == status
            assert why in words(found)
            assert SECRET not in words(found)
            assert "Berg" not in words(found)
        frame = Client().get(f"/expert/{key}/text/")
        assert frame.status_code == 404
        assert SECRET not in words(frame)
        assert list(Article.objects.values_list("state", flat=True)) == before

    def test_edited_by_hand(self, key: str) -> None:
        for wrong in (key[:-1], key + "a", key[::-1], "x", "%27%20OR%201=1", key.swapcase()):
            self.refused(wrong, 404, "not complete, or not right")

    def test_expired(self, key: str) -> None:
        with time_machine.travel(timezone.now() + timedelta(days=14, seconds=1)):
            self.refused(key, 410, "has expired")

    def test_withdrawn(self, text: Article, key: str) -> None:
        publisher = signed_in(Role.PUBLISHER)
        reading = ExpertReading.objects.get()
        page = f"/admin/articles/article/{text.pk}/experts/{reading.pk}/revoke/"
        assert publisher.get(page).status_code == 302
        assert ExpertReading.objects.get().revoked_at is None, "looking withdraws nothing"
        assert "opens nothing any more" in words(publisher.post(page, follow=True))
        self.refused(key, 410, "was withdrawn")
        assert "There was nothing to withdraw" in words(publisher.post(page, follow=True))

    def test_a_word_was_changed(self, text: Article, key: str) -> None:
        text.body = "<p>Stretch it well.</p>"
        text.save()
        self.refused(key, 409, "has changed since")

    def test_it_moved_on(self, text: Article, key: str) -> None:
        workflow.approve(text)
        self.refused(key, 409, "has changed since")

    def test_it_is_gone(self, text: Article, key: str) -> None:
        text.delete()
        self.refused(key, 410, "no longer exists")

    def test_a_second_answer(self, text: Article, key: str) -> None:
        answer(key)
        workflow.reopen(reloaded(text))
        workflow.submit(reloaded(text))
        again = answer(key, "rejected", "I think otherwise.")
        assert "you approved this text on" in words(again)
        assert "takes no second answer" in words(again)
        assert reloaded(text).state == State.IN_REVIEW
        assert ExpertReading.objects.get().note == ""


def test_no_cache_keeps_it_and_nobody_learns_the_address(key: str) -> None:
    for address in (f"/expert/{key}/", f"/expert/{key}/text/"):
        found = Client().get(address)
        assert found["Cache-Control"] == "no-store, private"
        assert (found["X-Robots-Tag"], found["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")
        assert not found.cookies


def test_the_key_is_not_in_the_database(key: str) -> None:
    reading = ExpertReading.objects.get()
    assert key not in str({field.name: getattr(reading, field.attname) for field in reading._meta.concrete_fields})


@pytest.mark.parametrize("state", ["draft", "published"])
def test_only_what_is_in_review_is_read(state: str) -> None:
    made = factories.article("other", published=state == "published")
    with pytest.raises(ValidationError, match="hand it in first"):
        invite(made)


@pytest.mark.parametrize("days", [0, 61, -1])
def test_a_link_works_for_a_while(days: int, text: Article) -> None:
    with pytest.raises(ValidationError, match="1 to 60 days"):
        invite(text, days)
    publisher = signed_in(Role.PUBLISHER)
    page = f"/admin/articles/article/{text.pk}/experts/"
    assert publisher.post(page, {"name": "A", "days": str(days)}).status_code == 200
    assert not ExpertReading.objects.exists()


@pytest.mark.parametrize("role", Role)
def test_who_approves_asks(role: Role, text: Article) -> None:
    somebody = signed_in(role)
    page = f"/admin/articles/article/{text.pk}/experts/"
    may = role in (Role.EDITOR, Role.PUBLISHER)
    assert somebody.get(page).status_code == (200 if may else 403)
    assert somebody.post(page, {"name": "A", "days": "2"}).status_code == (200 if may else 403)
    assert ExpertReading.objects.count() == may


def test_a_paid_link_leads_nowhere(text: Article, key: str) -> None:
    offer = factories.offer(factories.product("magno"))
    text.body = f'<p>See <a data-offer="{offer.pk}">this one</a>.</p>'
    text.save()
    found = words(Client().get(f"/expert/{invite(text)}/text/"))
    assert "/go/" not in found


def test_two_answers_at_once_are_one(text: Article, key: str) -> None:
    first, second = experts.find(key), experts.find(key)
    assert first is not None
    assert second is not None
    assert experts.decide(first, "approved", "") is experts.Standing.OPEN
    assert experts.decide(second, "rejected", "No.") is experts.Standing.DECIDED
    assert ExpertReading.objects.get().decision == "approved"
