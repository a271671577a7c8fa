"""Links follow a page that moved; what readers see keeps its dates and stays what the gate has seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from articles.models import Article
from crampinfo.editorial import following, links, redirects, revisions, tasks, workflow
from crampinfo.editorial.models import InternalLink, LedgerEntry, MedicalReview, Revision, State, WorkingCopy
from tests import factories

pytestmark = pytest.mark.django_db

OLD, NEW = "/guides/old/", "/guides/new/"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HUEY, "immediate", True)


def linking(slug: str = "linking", *, href: str = OLD, published: bool = False, **fields: Any) -> Article:
    """A text that links to a page; the gate asks for one that is there."""
    if published and not Article.objects.filter(slug="old").exists():
        factories.article("old")
    body = f'<h2>Why</h2><p>See <a href="{href}">this</a>.</p>'
    return factories.article(slug, body=body, published=published, **fields)


def stored(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)


def move(page: Any, slug: str = "new") -> None:
    with workflow.editing(page):
        page.slug = slug
        page.save()
        workflow.publish(page)


def last(article: Article) -> str:
    return str(Revision.objects.filter(object_id=article.pk).order_by("-number").values_list("summary", flat=True)[0])


def test_it_works(django_capture_on_commit_callbacks: Callable) -> None:
    page, draft = factories.article("old"), linking()
    with django_capture_on_commit_callbacks(execute=True):
        move(page)
    assert f'href="{NEW}"' in stored(draft).body
    assert last(draft) == f"Links follow {OLD} to {NEW}"
    assert set(InternalLink.objects.filter(target__startswith="/").values_list("target", flat=True)) == {NEW}


def test_a_live_text_keeps_its_dates_and_passes_the_gate() -> None:
    live = linking(published=True)
    before = stored(live)
    move(Article.objects.get(slug="old"))
    assert following.follow(OLD, NEW) == 1
    after = stored(live)
    assert NEW in after.body
    assert after.gate_hash == after.content_hash == revisions.content_hash(after) != before.gate_hash
    assert after.content_changed_at == before.content_changed_at, "readers are told nothing new"
    assert (after.publish_at, after.first_published_at) == (before.publish_at, before.first_published_at)
    assert last(live) == f"Links follow {OLD} to {NEW}"
    entry = LedgerEntry.objects.filter(subject=f"article:{live.pk}").order_by("-number").first()
    assert entry is not None
    assert entry.payload["content"] == after.gate_hash, "what is on record is what readers see"


def test_doing_it_again_changes_nothing() -> None:
    linking()
    assert [following.follow(OLD, NEW), following.follow(OLD, NEW)] == [1, 0]


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        (f"{OLD}#why", f"{NEW}#why"),
        (f"{OLD}?a=1&amp;b=2", f"{NEW}?a=1&amp;b=2"),
        ("/guides/older/", "/guides/older/"),
        ("https://other.example/guides/old/", "https://other.example/guides/old/"),
    ],
)
def test_only_the_path_moves(href: str, expected: str) -> None:
    assert links.readdressed(f'<p><a href="{href}">x</a> /guides/old/</p>', OLD, NEW) == (
        f'<p><a href="{expected}">x</a> /guides/old/</p>'
    )


def test_a_letter_that_is_not_ascii_is_written_as_an_address() -> None:
    assert links.readdressed(f'<a href="{OLD}">x</a>', OLD, "/guides/sueño/") == '<a href="/guides/sue%C3%B1o/">x</a>'


def test_an_address_written_out_stays_written_out(settings: Any) -> None:
    text = f'<a href="{settings.SITE_URL}{OLD}">x</a>'
    assert links.readdressed(text, OLD, NEW) == f'<a href="{settings.SITE_URL}{NEW}">x</a>'


def test_a_worker_that_comes_late_goes_to_where_the_page_is_now() -> None:
    page, draft = factories.article("old"), linking()
    move(page)
    move(page, "newest")
    following.follow(OLD, NEW)
    assert "/guides/newest/" in stored(draft).body


def test_the_first_row_of_a_list_follows() -> None:
    ranking = factories.ranking(published=False, none_link=OLD)
    following.follow(OLD, NEW)
    ranking.refresh_from_db()
    assert ranking.none_link == NEW


def test_a_review_s_address_is_its_product_s(django_capture_on_commit_callbacks: Callable) -> None:
    item = factories.review(factories.product("item")).product
    draft = linking(href="/reviews/item/")
    with django_capture_on_commit_callbacks(execute=True):
        item.slug = "thing"
        item.save()
    assert "/reviews/thing/" in stored(draft).body


def test_links_to_a_page_nobody_has_seen_follow_without_a_redirect(
    django_capture_on_commit_callbacks: Callable,
) -> None:
    page, draft = factories.article("old", published=False), linking()
    with django_capture_on_commit_callbacks(execute=True):
        page.slug = "new"
        page.save()
    assert NEW in stored(draft).body
    assert redirects.target(OLD) is None


def test_an_approval_stands_because_the_words_are_the_same() -> None:
    draft = linking()
    workflow.submit(draft)
    workflow.approve(draft)
    following.follow(OLD, NEW)
    found = stored(draft)
    assert found.state == State.APPROVED
    assert found.content_hash == revisions.content_hash(found)


def test_what_has_changed_since_it_was_hashed_is_not_passed_off_as_approved() -> None:
    draft = linking()
    workflow.submit(draft)
    draft.title = "Other"
    draft.save()
    following.follow(OLD, NEW)
    found = stored(draft)
    assert NEW in found.body
    assert found.content_hash != revisions.content_hash(found)


# --- left to the redirect ------------------------------------------------------------------------------------------


def test_what_was_read_word_by_word_stays() -> None:
    live = linking(published=True)
    reading = MedicalReview.objects.create(
        reviewer=factories.author("lena"), content=live, content_hash=live.content_hash,
        reviewed_on=timezone.localdate(),
    )  # fmt: skip
    live.medical_review = reading
    live.save(update_fields=["medical_review"])
    move(Article.objects.get(slug="old"))
    assert following.follow(OLD, NEW) == 0
    found = stored(live)
    assert OLD in found.body
    assert found.reviewed == reading


def test_a_live_text_with_a_draft_of_changes_stays() -> None:
    live = linking(published=True)
    WorkingCopy.objects.create(
        content_type=ContentType.objects.get_for_model(live), object_id=live.pk, title="T", post={}, base="",
        digest="d", saved_at=timezone.now(),
    )  # fmt: skip
    move(Article.objects.get(slug="old"))
    assert following.follow(OLD, NEW) == 0
    assert OLD in stored(live).body


def test_what_the_gate_no_longer_lets_pass_stays_whole(caplog: pytest.LogCaptureFixture) -> None:
    live = linking(published=True)
    move(Article.objects.get(slug="old"))
    live.author.role = ""
    live.author.save()
    before = stored(live)
    assert following.follow(OLD, NEW) == 0
    after = stored(live)
    assert (after.body, after.gate_hash, last(live)) == (before.body, before.gate_hash, "Published")
    assert "left to the redirect" in caplog.text


def test_one_that_is_refused_keeps_no_other_from_following() -> None:
    refused = linking("refused", published=True, author=factories.author("x"))
    move(Article.objects.get(slug="old"))
    refused.author.role = ""
    refused.author.save()
    draft = linking("draft")
    assert following.follow(OLD, NEW) == 1
    assert NEW in stored(draft).body


def test_an_undone_move_moves_nothing(django_capture_on_commit_callbacks: Callable, monkeypatch: Any) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(tasks, "follow", lambda old, new: asked.append((old, new)))
    page = factories.article("old", published=False)
    with django_capture_on_commit_callbacks(execute=True):
        page.slug = "new"
        page.save()
    assert asked == [], "nothing links there: no work for the worker"


def test_a_draft_that_takes_a_moved_page_s_address_takes_no_links(
    django_capture_on_commit_callbacks: Callable,
) -> None:
    move(factories.article("old"))
    draft = linking(href=OLD)
    other = factories.article("old", published=False)
    with django_capture_on_commit_callbacks(execute=True):
        other.slug = "else"
        other.save()
    assert OLD in stored(draft).body, "the redirect leads its readers to the page that was meant"
