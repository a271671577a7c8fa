"""Pages that move: their old addresses lead on, in one step, to whatever has taken their place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.redirects.models import Redirect
from django.core.exceptions import ValidationError
from django.db import Error as DatabaseError
from django.db import connection
from django.test import Client
from django.utils import timezone

from articles.models import Article, Page
from crampinfo.editorial import redirects, workflow
from crampinfo.editorial.roles import Role
from crampinfo.site import pagecache
from crampinfo.site.pagecache.changes import Changes
from tests import factories
from tests.admin.forms import errors_of, filled
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db


def kept() -> dict[str, str]:
    return dict(Redirect.objects.values_list("old_path", "new_path"))


def reviewed() -> Any:
    return factories.review(factories.product("item")).product


def change_slug(live: Any, slug: str) -> None:
    with workflow.editing(live):
        live.slug = slug
        live.save()
        workflow.publish(live)


def test_it_works(client: Client) -> None:
    change_slug(factories.article("old"), "new")
    moved = client.get("/guides/old/")
    assert (moved.status_code, moved["Location"]) == (301, "/guides/new/")
    assert client.get("/guides/new/").status_code == 200


@pytest.mark.parametrize(
    ("make", "before", "after"),
    [
        (lambda: factories.article("old"), "/guides/old/", "/guides/new/"),
        (lambda: factories.question("old"), "/questions/old/", "/questions/new/"),
        (lambda: factories.ranking("old", products=(reviewed(),)), "/lists/old/", "/lists/new/"),
        (lambda: factories.ranking("old", products=(reviewed(),)), "/methodology/old/", "/methodology/new/"),
    ],
)
def test_every_text_with_an_address_leaves_it_to_the_new_one(
    make: Any, before: str, after: str, client: Client
) -> None:
    change_slug(make(), "new")
    moved = client.get(before)
    assert (moved.status_code, moved["Location"]) == (301, after)


@pytest.mark.parametrize(
    ("make", "before", "after"),
    [
        (lambda: factories.topic("old"), "/topics/old/", "/topics/new/"),
        (lambda: factories.author("old"), "/authors/old/", "/authors/new/"),
        (lambda: factories.product("item").brand, "/brands/", "/brands/new/"),
    ],
)
def test_topics_authors_and_brands_move_too(make: Any, before: str, after: str, client: Client) -> None:
    found = make()
    before = found.get_absolute_url()
    found.slug = "new"
    found.save()
    assert client.get(before)["Location"] == after


def test_a_review_moves_with_its_product(client: Client) -> None:
    review = factories.review(factories.product("old"))
    product = review.product
    product.slug = "new"
    product.save()
    assert client.get("/reviews/old/")["Location"] == "/reviews/new/"
    assert client.get("/reviews/new/").status_code == 200


def test_a_page_of_the_sites_own_moves_among_its_addresses() -> None:
    page = Page.objects.create(slug="about", title="About", summary="Who.", body="<p>We.</p>")
    workflow.publish(page)
    change_slug(page, "terms")
    assert kept() == {"/about/": "/terms/"}


def test_nothing_is_left_by_what_nobody_has_seen() -> None:
    draft = factories.article("draft", published=False)
    draft.slug = "better"
    draft.save()
    factories.review(factories.product("item"), published=False)
    item = factories.product("other")
    item.slug = "another"
    item.save()
    planned = factories.article("planned", published=False)
    workflow.publish(planned, at=timezone.now() + timedelta(days=2))
    change_slug(planned, "later")
    assert kept() == {}


def test_what_is_written_anew_while_retired_is_found_under_its_old_address(client: Client) -> None:
    article = factories.article("old")
    workflow.retire(article)
    workflow.reopen(article)
    article.slug = "new"
    article.save()
    workflow.publish(article)
    assert client.get("/guides/old/")["Location"] == "/guides/new/"


def test_a_change_that_the_gate_refuses_leaves_nothing() -> None:
    live = factories.article("old")
    live.summary = "TODO"
    with pytest.raises(ValidationError):
        change_slug(live, "new")
    assert kept() == {}


def test_a_chain_is_one_step(client: Client) -> None:
    live = factories.article("one")
    for slug in ("two", "three", "four"):
        change_slug(live, slug)
    assert {client.get(f"/guides/{slug}/")["Location"] for slug in ("one", "two", "three")} == {"/guides/four/"}


def test_going_back_opens_the_circle(client: Client) -> None:
    live = factories.article("one")
    change_slug(live, "two")
    change_slug(live, "one")
    assert kept() == {"/guides/two/": "/guides/one/"}
    assert client.get("/guides/one/").status_code == 200


def test_a_page_that_takes_the_address_wins(client: Client) -> None:
    change_slug(factories.article("old"), "new")
    another = factories.article("old", published=False, title="Another", summary="What is new about it.")
    assert client.get("/guides/old/").status_code == 301, "a draft stands nowhere yet"
    workflow.publish(another)
    assert client.get("/guides/old/").status_code == 200
    assert kept() == {}


def test_what_led_to_a_deleted_page_leads_nowhere(client: Client) -> None:
    topic = factories.topic("old")
    topic.slug = "new"
    topic.save()
    topic.delete()
    assert client.get("/topics/old/").status_code == 404


def test_the_query_is_kept(client: Client) -> None:
    change_slug(factories.article("old"), "new")
    assert client.get("/guides/old/?order=editorial&x=1")["Location"] == "/guides/new/?order=editorial&x=1"


def test_the_query_survives_the_page_cache() -> None:
    """The page cache hides parameters that change no page; an answer that hands them on is not kept by it."""
    asked = {"QUERY_STRING": "order=editorial", "crampinfo.query": "order=editorial&from=mail"}
    assert pagecache.query_of(asked) == "order=editorial&from=mail"
    assert pagecache.query_of({"QUERY_STRING": "x=1"}) == "x=1"


def test_a_spanish_page_keeps_its_letters(client: Client) -> None:
    long = "calambres-" + "ñ" * 70
    live = factories.article("estirar", language="es")
    change_slug(live, long)
    change_slug(live, "estiramientos")
    assert kept()[f"/guides/{long}/"] == "/guides/estiramientos/"
    change_slug(live, "cómo-estirar")
    moved = client.get(f"/guides/{long}/")
    assert moved["Location"] == "/guides/c%C3%B3mo-estirar/"
    assert client.get(moved["Location"])["Content-Language"] == "es"


def test_a_browser_asks_again_soon(client: Client) -> None:
    change_slug(factories.article("old"), "new")
    assert client.get("/guides/old/")["Cache-Control"] == "public, max-age=600"


def test_an_address_that_is_gone_for_good_says_so(client: Client) -> None:
    Redirect.objects.create(site_id=1, old_path="/guides/old/", new_path="")
    assert client.get("/guides/old/").status_code == 410


def test_a_form_is_not_led_elsewhere(client: Client) -> None:
    change_slug(factories.article("old"), "new")
    assert client.post("/guides/old/").status_code == 405


def test_without_the_table_an_address_is_just_not_found(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(path: str) -> None:
        raise DatabaseError

    monkeypatch.setattr(redirects, "target", down)
    assert client.get("/nowhere/").status_code == 404


def test_a_change_of_slug_is_seen_at_once(django_capture_on_commit_callbacks: Any) -> None:
    live = factories.article("old")
    connection.run_on_commit.clear()  # what making it has asked for
    with django_capture_on_commit_callbacks() as callbacks:
        change_slug(live, "new")
    assert any(isinstance(callback, Changes) for callback in callbacks)


# --- by hand -------------------------------------------------------------------------------------------------------

ADD = "/admin/redirects/redirect/add/"


def test_a_publisher_leads_an_address_on() -> None:
    publisher = signed_in(Role.PUBLISHER)
    redirects.leave("/a/", "/b/")
    publisher.post(ADD, {"old_path": "/b/", "new_path": "http://127.0.0.1:8000/c%C3%B3mo/"})
    assert kept() == {"/a/": "/cómo/", "/b/": "/cómo/"}


def test_a_redirect_to_a_moved_address_leads_to_its_end() -> None:
    redirects.leave("/b/", "/c/")
    signed_in(Role.PUBLISHER).post(ADD, {"old_path": "/a/", "new_path": "/b/"})
    assert kept() == {"/a/": "/c/", "/b/": "/c/"}


@pytest.mark.parametrize(
    ("old", "new", "field", "sentence"),
    [
        ("/x/", "/x/", "new_path", "leads back"),
        ("/b/", "/a/", "new_path", "leads back"),
        ("/a/", "/c/", "old_path", "led somewhere already"),
        ("/x/", "https://evil.example/", "new_path", "Only addresses of this site"),
        ("/x/", "//evil.example/", "new_path", "Only addresses of this site"),
        ("/x/", "/\\evil.example/", "new_path", "Begin with a slash"),
        ("/x/", "javascript:alert(1)", "new_path", "Begin with a slash"),
        ("x", "/y/", "old_path", "Begin with a slash"),
        ("/x/?a=1", "/y/", "old_path", "Give the path alone"),
    ],
)
def test_nobody_is_led_in_a_circle_or_away(old: str, new: str, field: str, sentence: str) -> None:
    redirects.leave("/a/", "/b/")
    answer = signed_in(Role.PUBLISHER).post(ADD, {"old_path": old, "new_path": new})
    assert sentence in errors_of(answer)[field][0]
    assert kept() == {"/a/": "/b/"}


def test_a_redirect_is_changed_in_place() -> None:
    redirects.leave("/a/", "/b/")
    publisher = signed_in(Role.PUBLISHER)
    address = f"/admin/redirects/redirect/{Redirect.objects.get().pk}/change/"
    publisher.post(address, filled(publisher.get(address), new_path=""))
    assert kept() == {"/a/": ""}
    listed = publisher.get("/admin/redirects/redirect/?leads=gone").content.decode()
    assert "gone for good" in listed
    assert Article.objects.count() == 0
