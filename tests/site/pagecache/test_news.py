"""What changed reaches every process: within a second, exactly, in order, and whatever happens to the log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError

from crampinfo.site import pagecache
from crampinfo.site.models import PageGeneration, PageNews
from crampinfo.site.pagecache import PageCache, news
from tests.site.pagecache.reading import Reader, Site, Still

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_new(db: None) -> None:
    """Each migrate brings news, and so does the one after a test that committed."""
    PageNews.objects.all().delete()
    PageGeneration.objects.all().delete()


def test_it_works(reader: Reader, site: Site, clock: Still) -> None:
    reader.get()
    site.body = b"<p>two</p>"
    pagecache.purge()
    clock.pass_by(1.01)
    assert reader.get().body == b"<p>two</p>"


def test_only_what_shows_it_goes(reader: Reader, site: Site, clock: Still) -> None:
    for path, tag in (("/guides/a/", "articles.article:1"), ("/guides/b/", "articles.article:2")):
        site.shows = (tag,)
        reader.get(path)
    news.publish(["articles.article:1"])
    clock.pass_by(1.01)
    reader.get("/guides/a/")
    reader.get("/guides/b/")
    assert [asked["PATH_INFO"] for asked in site.asked] == ["/guides/a/", "/guides/b/", "/guides/a/"]


def test_another_process_hears_of_it(reader: Reader, clock: Still, db: None) -> None:
    other_site = Site()
    other = Reader(PageCache(other_site, clock))
    reader.get()
    other.get()
    news.publish(["*"])
    clock.pass_by(1.01)
    reader.get()
    other.get()
    assert len(other_site.asked) == 2


def test_the_log_is_read_at_most_once_a_second(reader: Reader, clock: Still, django_assert_num_queries: Any) -> None:
    reader.get()
    clock.pass_by(1.01)
    reader.get()
    with django_assert_num_queries(0):
        for _ in range(9):
            clock.pass_by(0.1)
            reader.get()
    clock.pass_by(0.2)
    with django_assert_num_queries(1):
        reader.get()


def test_10_000_changes_a_minute(reader: Reader, site: Site, clock: Still) -> None:
    site.shows = ("articles.article:1",)
    reader.get()
    PageGeneration.objects.update_or_create(pk=1, defaults={"number": 10_000})
    PageNews.objects.bulk_create(
        PageNews(number=number, tags=json.dumps([f"articles.article:{number}"])) for number in range(2, 10_001)
    )
    for _ in range(4):
        clock.pass_by(1.01)
        assert reader.get().status == 200
    assert len(site.asked) <= 2
    site.body = b"<p>two</p>"
    news.publish(["articles.article:1"])
    clock.pass_by(1.01)
    assert reader.get().body == b"<p>two</p>"


def test_the_log_stays_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "KEPT", 50)
    for _ in range(300):
        news.publish(["a"])
    assert PageNews.objects.count() <= 150


def test_a_process_that_missed_too_much_renders_again(
    reader: Reader, site: Site, clock: Still, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "KEPT", 10)
    reader.get()
    for _ in range(200):
        news.publish(["articles.article:9"])
    for _ in range(30):
        clock.pass_by(1.01)
        reader.get()
    assert len(site.asked) == 2


def test_a_log_that_starts_again_renders_everything(reader: Reader, site: Site, clock: Still) -> None:
    for _ in range(5):
        news.publish(["a"])
    reader.get()
    PageNews.objects.all().delete()
    PageGeneration.objects.all().delete()
    clock.pass_by(1.01)
    reader.get()
    assert len(site.asked) == 2
    news.publish(["*"])
    clock.pass_by(1.01)
    reader.get()
    assert len(site.asked) == 3


def test_a_change_of_very_much_is_a_change_of_everything() -> None:
    news.publish(str(number) for number in range(news.MAX_TAGS + 1))
    assert PageNews.objects.get().tags == '["*"]'


def test_a_dead_database_fails_nobody(
    reader: Reader, site: Site, clock: Still, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.get()

    def dead(*args: Any, **kwargs: Any) -> Any:
        raise DatabaseError("gone")

    monkeypatch.setattr(news.PageNews.objects, "filter", dead)
    monkeypatch.setattr(news.PageGeneration.objects, "filter", dead)
    news.publish(["a"])
    clock.pass_by(2)
    assert reader.get().body == site.body
    assert len(site.asked) == 1
