"""Live objects in the admin: changed all at once through the gate, retired with a reason, never deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.redirects.models import Redirect
from django.test import Client

from articles.models import Article, FaqEntry
from crampinfo.editorial import redirects
from crampinfo.editorial.models import LedgerEntry, Revision, State
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.forms import errors_of, filled, told, with_row
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def live() -> Article:
    article: Article = factories.article("why-at-night")
    return article


@pytest.fixture
def publisher() -> Client:
    return signed_in(Role.PUBLISHER)


def page(article: Article) -> str:
    return f"/admin/articles/article/{article.pk}/change/"


def test_fields_and_rows_change_at_once(live: Article, publisher: Client) -> None:
    data = filled(publisher.get(page(live)), "publish", title="Why cramps come at night")
    publisher.post(page(live), with_row(data, "faq", position=1, question="Why?", answer="The foot points down."))
    stored = Article.objects.get()
    assert (stored.title, stored.faq.count(), stored.state) == ("Why cramps come at night", 1, State.PUBLISHED)
    assert stored.content_changed_at > stored.first_published_at
    assert stored.content_hash == stored.gate_hash
    last = Revision.objects.latest("number")
    assert (last.summary, last.author.username) == ("Changed title; added 1 FAQ entry", "publisher")


def test_a_refused_change_saves_nothing(live: Article, publisher: Client) -> None:
    data = filled(publisher.get(page(live)), "publish", title="Changed")
    answer = publisher.post(page(live), with_row(data, "faq", position=1, question="Why?", answer="lorem ipsum"))
    assert errors_of(answer)
    assert (Article.objects.get().title, FaqEntry.objects.count()) == ("About why-at-night", 0)


def test_a_change_that_is_no_content_keeps_the_updated_date(live: Article, publisher: Client) -> None:
    before = live.content_changed_at
    more = factories.topic("stretching")
    publisher.post(page(live), filled(publisher.get(page(live)), "publish", topics=[more.pk]))
    stored = Article.objects.get()
    assert list(stored.topics.all()) == [more]
    assert stored.content_changed_at == before
    assert Revision.objects.latest("number").summary == "Changed more topics"


def test_an_editor_is_told_that_it_is_a_draft_and_publishes_nothing(live: Article) -> None:
    editor = signed_in(Role.EDITOR)
    answer = editor.get(page(live))
    assert answer.context["panel"].sentences[-1].startswith("What you save is a draft of changes.")
    assert [verb.name for verb in answer.context["verbs"]] == ["check", "keep", "hand_in"]
    for forged in ({"title": "Forged", "_verb": "publish"}, filled(answer, "publish", title="Forged")):
        assert editor.post(page(live), forged).status_code == 403
    assert Article.objects.get().title == "About why-at-night"


def test_a_medical_reviewer_reads_it_and_is_told_why(live: Article) -> None:
    reader = signed_in(Role.MEDICAL_REVIEWER)
    answer = reader.get(page(live))
    assert (answer.context["panel"].closed, answer.context["verbs"]) == ("You can read this, not change it.", [])
    assert reader.post(page(live), {"title": "Forged", "_verb": "keep"}).status_code == 403


def test_the_second_of_two_tabs_is_told_and_loses_nothing(live: Article, publisher: Client) -> None:
    mine = filled(publisher.get(page(live)), "publish", title="Mine")
    theirs = signed_in(Role.PUBLISHER, name="other")
    theirs.post(page(live), filled(theirs.get(page(live)), "publish", summary="Theirs."))
    answer = publisher.post(page(live), mine)
    assert "other saved this at" in errors_of(answer)["__all__"][0]
    assert 'value="Mine"' in answer.content.decode()
    assert Article.objects.get().title == "About why-at-night"
    publisher.post(page(live), {**mine, "_seen": answer.context["seen"]})
    assert Article.objects.get().title == "Mine"


def test_a_new_slug_leaves_a_redirect(live: Article, publisher: Client) -> None:
    publisher.post(page(live), filled(publisher.get(page(live)), "publish", slug="cramps-at-night"))
    moved = Redirect.objects.get()
    assert (moved.old_path, moved.new_path) == ("/guides/why-at-night/", "/guides/cramps-at-night/")


def test_chains_collapse_and_circles_open() -> None:
    redirects.leave("/a/", "/b/")
    redirects.leave("/b/", "/c/")
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {"/a/": "/c/", "/b/": "/c/"}
    redirects.leave("/c/", "/a/")
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {"/b/": "/a/", "/c/": "/a/"}


def test_retiring_asks_why(live: Article, publisher: Client) -> None:
    address = f"/admin/articles/article/retire/?ids={live.pk}"
    assert publisher.post(address, {"reason": ""}).status_code == 200
    answer = publisher.post(address, {"reason": "A newer guide says it better."}, follow=True)
    assert told(answer) == ["1 object retired."]
    assert Article.objects.get().state == State.RETIRED
    assert LedgerEntry.objects.latest("number").reason == "A newer guide says it better."


@pytest.mark.parametrize("role", [Role.EDITOR, Role.REVIEWER, Role.AFFILIATE_MANAGER, Role.COMPLIANCE])
def test_retiring_is_for_those_who_publish(role: Role, live: Article) -> None:
    address = f"/admin/articles/article/retire/?ids={live.pk}"
    assert signed_in(role).post(address, {"reason": "No."}).status_code == 403
    assert Article.objects.get().state == State.PUBLISHED


def test_what_was_public_is_never_deleted(live: Article) -> None:
    operator = signed_in(is_superuser=True)
    assert operator.post(f"/admin/articles/article/{live.pk}/delete/", {"post": "yes"}).status_code == 403
    many = {"action": "delete_selected", "_selected_action": [live.pk], "post": "yes"}
    operator.post("/admin/articles/article/", many)
    assert Article.objects.count() == 1


def bulk(client: Client, action: str, *articles: Article) -> Any:
    data = {"action": action, "_selected_action": [article.pk for article in articles]}
    return client.post("/admin/articles/article/", data, follow=True)


def test_bulk_publishing_answers_for_each(publisher: Client) -> None:
    good = factories.article("good", published=False)
    bad = factories.article("bad", published=False, summary="TODO")
    said = told(bulk(publisher, "publish_selected", good, bad))
    assert said[-1] == "1 object published."
    assert "About bad</a>: Summary: " in said[0]
    assert [Article.objects.get(slug=slug).state for slug in ("good", "bad")] == [State.PUBLISHED, State.DRAFT]


def test_bulk_actions_obey_rights(live: Article) -> None:
    draft = factories.article("draft", published=False)
    editor = signed_in(Role.EDITOR)
    bulk(editor, "publish_selected", draft)
    assert Article.objects.get(slug="draft").state == State.DRAFT
    said = told(bulk(editor, "hand_in_selected", draft, live))
    assert said[-1] == "1 object handed in for review."
    assert "It is no draft." in said[0]


def test_bulk_publishing_spares_nobody_the_second_person(publisher: Client) -> None:
    draft = factories.article("mine", published=False, author=factories.author("me"))
    me = draft.author
    me.user_id = int(publisher.session["_auth_user_id"])
    me.save()
    said = told(bulk(publisher, "publish_selected", draft))
    assert "It is your own text" in said[0]
    assert Article.objects.get(slug="mine").state == State.DRAFT


def test_who_may_only_look_reads_text_and_not_markup(live: Article) -> None:
    article = factories.article("rows", body="<h2>At night</h2><p>The foot points down.</p>")
    shown = signed_in(Role.REVIEWER).get(page(article)).content.decode()
    assert "<p>The foot points down.</p>" in shown
    assert "&lt;p&gt;The foot" not in shown


def test_line_breaks_as_browsers_send_them_are_no_change(publisher: Client) -> None:
    review = factories.review()
    assert "\n" in review.pros
    address = f"/admin/reviews/review/{review.pk}/change/"
    form = publisher.get(address)
    sent = {
        name: value.replace("\n", "\r\n") if isinstance(value, str) else value
        for name, value in filled(form, "publish").items()
    }
    publisher.post(address, sent)
    stored = type(review).objects.get()
    assert (stored.pros, stored.content_changed_at) == (review.pros, review.content_changed_at)
    assert Revision.objects.filter(object_id=review.pk).count() == 1
