"""The index of what stored texts lead to: written with every save, and rebuilt to the same."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.redirects.models import Redirect
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.models import Article, FaqEntry
from crampinfo.editorial import gate, linkindex, links
from crampinfo.editorial.models import InternalLink
from tests import factories

pytestmark = pytest.mark.django_db


def draft(slug: str = "calf", body: str = "", **fields: Any) -> Article:
    return factories.article(slug, body=body, published=False, references=0, **fields)


def kept() -> set[tuple[str, str]]:
    return set(InternalLink.objects.values_list("field", "target"))


def link(href: str) -> str:
    return f'<p><a href="{href}">there</a></p>'


def test_it_works() -> None:
    article = draft(body=link("/guides/sleep/?a=1#why"))
    assert kept() == {("body", "/guides/sleep/")}
    assert InternalLink.objects.get().content == article


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("/guides/sleep/", "/guides/sleep/"),
        ("/guides/sue%C3%B1o/", "/guides/sueño/"),
        ("/guides/a&amp;b/", "/guides/a&b/"),
        ("https://other.example/guides/sleep/", None),
        ("mailto:a@b.example", None),
        ("#why", None),
        ("/" + "x" * 300, None),
    ],
)
def test_only_paths_of_this_site_are_kept(href: str, target: str | None) -> None:
    draft(body=link(href))
    assert {found for _field, found in kept()} == ({target} if target else set())


def test_our_own_address_written_out_is_a_path(settings: Any) -> None:
    draft(body=link(f"{settings.SITE_URL}/guides/sleep/"))
    assert kept() == {("body", "/guides/sleep/")}


def test_marks_are_kept_of_bodies_answers_and_rows() -> None:
    deal = factories.offer(factories.product())
    article = draft(body=f'<p>Yes [@one]. <a data-offer="{deal.pk}">shop</a></p>', key_answer="So [@two] and [@two].")
    FaqEntry.objects.create(article=article, question="Q", answer="No [@three].")
    found = {("body", "@one"), ("body", f"offer:{deal.pk}"), ("key_answer", "@two"), ("answer", "@three")}
    assert kept() == found


def test_a_field_that_is_an_address_is_one() -> None:
    factories.ranking(published=False, none_link="/guides/sleep/")
    assert ("none_link", "/guides/sleep/") in kept()


def test_a_change_brings_the_difference_alone() -> None:
    article = draft(body=link("/a/") + link("/b/"))
    before = InternalLink.objects.get(target="/b/").pk
    article.body = link("/b/") + link("/c/")
    article.save()
    assert {target for _field, target in kept()} == {"/b/", "/c/"}
    assert InternalLink.objects.get(target="/b/").pk == before


def test_a_save_of_other_fields_asks_nothing() -> None:
    article = draft(body=link("/a/"))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        article.save(update_fields=["title"])
    assert not [one for one in asked if "internallink" in one["sql"]]
    with CaptureQueriesContext(connection) as asked:
        article.save()
    assert len([one for one in asked if "internallink" in one["sql"]]) == 1, "nothing differs: it is read, no more"


def test_a_field_that_was_not_loaded_stays_as_it_was() -> None:
    article = Article.objects.defer("body").get(pk=draft(body=link("/a/")).pk)
    article.title = "Another"
    article.save()
    assert kept() == {("body", "/a/")}


def test_what_is_deleted_is_forgotten() -> None:
    article = draft(body=link("/a/"))
    FaqEntry.objects.create(article=article, question="Q", answer="No [@three].")
    article.delete()
    assert kept() == set()


def test_drafts_made_many_at_once_are_indexed() -> None:
    base = draft()
    Article.objects.bulk_create(
        Article(slug=f"n{n}", title=f"N{n}", body=link("/a/"), author=base.author, topic=base.topic) for n in range(3)
    )
    assert InternalLink.objects.filter(target="/a/").count() == 3


def test_the_command_brings_what_went_round_saving_and_changes_nothing_else() -> None:
    article = draft(body=link("/a/"), key_answer="A.")
    kept_row = InternalLink.objects.get().pk
    Article.objects.filter(pk=article.pk).update(key_answer="B [@one].")
    InternalLink.objects.create(content=article, field="body", target="/gone/")
    InternalLink.objects.create(content_type=ContentType.objects.get_for_model(article), object_id=999, target="/x/")
    for _twice in range(2):
        said = StringIO()
        call_command("index_links", stdout=said)
        assert said.getvalue() == "2 links in the index.\n"
        assert kept() == {("body", "/a/"), ("key_answer", "@one")}
    assert InternalLink.objects.filter(pk=kept_row).exists()


def test_the_rebuild_reads_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linkindex, "_BATCH", 2)
    for number in range(5):
        draft(f"n{number}", body=link(f"/{number}/"))
    InternalLink.objects.all().delete()
    seen: list[str] = []
    assert linkindex.rebuild(seen.append) == 5
    assert len(seen) == len(set(seen)) >= 5


# --- where links lead: what the gate says of them ----------------------------------------------------------------


def findings(body: str) -> list[tuple[str, str]]:
    found = gate.inspect(draft("asked", body=body))
    return [(str(one.severity), one.excerpt) for one in found if one.code == links.CODE]


def test_a_link_to_what_cannot_be_seen_is_found() -> None:
    factories.article("live")
    draft("waiting")
    Redirect.objects.create(site_id=1, old_path="/guides/moved/", new_path="/guides/live/")
    default_storage.save("pictures/calf.png", ContentFile(b"x"))
    broken = {
        "/guides/live/": None,
        "/guides/waiting/": "warn",
        "/guides/moved/": "warn",
        "/guides/never/": "block",
        "/nowhere/": "block",
        "/media/pictures/calf.png": None,
        "/media/pictures/gone.png": "block",
        "/media/../settings.py": "block",
    }
    said = {excerpt: weight for weight, excerpt in findings("".join(link(href) for href in broken))}
    assert said == {href: weight for href, weight in broken.items() if weight}
