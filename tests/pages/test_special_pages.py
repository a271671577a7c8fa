"""What is no page of content: errors that help, the feed, robots, health, and the pages for machines."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings

from crampinfo.editorial.models import Disclosure, DisclosureKind
from crampinfo.site import views
from tests.pages.reading import Page, get, visible

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def test_not_found_helps() -> None:
    page = get("/nothing-of-the-kind/")
    assert page.status == 404
    assert page.is_noindex
    assert page.all("main a[href='/now/']"), "somebody may be in pain"
    assert page.all("main form[action='/search/']")
    assert page.all("main a[href='/questions/']")
    assert page.cookies == []
    assert len(page.queries) <= 8
    assert "Content-Security-Policy" in page.headers


@pytest.mark.parametrize(
    "kind", ["guides", "questions", "reviews", "lists", "topics", "brands", "authors", "methodology"]
)
def test_a_slug_nobody_has_is_not_found(kind: str) -> None:
    assert get(f"/{kind}/none/").status == 404


def test_a_page_without_its_last_slash_is_found() -> None:
    page = get("/guides/preventing-night-cramps")
    assert page.status == 301
    assert page.headers["Location"] == "/guides/preventing-night-cramps/"


def test_what_can_t_be_read_is_refused_in_a_sentence() -> None:
    page = get("/guides/?after=%00")
    assert page.status == 400
    assert "can't be read" in page.html
    assert "<h1>" in page.html


def test_an_address_without_end_is_refused_in_a_sentence() -> None:
    page = get(f"/search/?q={'x' * 10_000}")
    assert page.status == 414
    assert "can't be read" in page.html


def test_a_wrong_host_is_refused() -> None:
    response = Client().get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert b"evil.example" not in response.content


class _NoDatabase:
    def __call__(self, *args: object, **kwargs: object) -> None:
        raise AssertionError("the page for a broken site asked the database")


def test_the_page_for_a_broken_site_needs_nothing() -> None:
    """Promise 9: not the database, not the session, not a setting of the visitor's."""
    with connection.execute_wrapper(_NoDatabase()):
        response = views.server_error(RequestFactory().get("/"))
        bare = render_to_string("site/500.html")
    page = response.content.decode()
    assert response.status_code == 500
    for text in (page, bare):
        assert 'href="/now/"' in text
        assert "Pull your toes towards your shin" in text
        assert "Traceback" not in text


def test_a_crash_shows_that_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("crampinfo.site.money.today", broken)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert b"It is not you" in response.content
    assert b"secret" not in response.content
    assert "Set-Cookie" not in response.headers


def test_robots() -> None:
    page = get("/robots.txt")
    assert page.headers["Content-Type"].startswith("text/plain")
    lines = page.html.splitlines()
    assert {"User-agent: *", "Disallow: /go/", "Disallow: /admin/"} <= set(lines)
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in lines
    assert page.queries == []


def test_health() -> None:
    page = get("/healthz")
    assert (page.status, page.html, page.queries) == (200, "ok\n", [])
    assert "no-cache" in page.headers["Cache-Control"] or "no-store" in page.headers["Cache-Control"]


def test_ready() -> None:
    page = get("/readyz")
    assert page.status == 200
    assert page.cookies == []


def test_not_ready_without_its_database() -> None:
    def down(*args: object, **kwargs: object) -> None:
        raise OperationalError("the database is away")

    with pytest.MonkeyPatch.context() as patch:
        # On the class: the check runs in a thread, which has a connection of its own.
        patch.setattr(type(connections["default"]), "cursor", down)
        response = Client(raise_request_exception=False).get("/readyz")
        alive = Client().get("/healthz")
    assert response.status_code in (500, 503)
    assert alive.status_code == 200


def test_privacy_signal() -> None:
    """PRIV-06."""
    response = Client().get("/.well-known/gpc.json")
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["gpc"] is True


def test_a_page_is_the_same_with_the_privacy_signal(pages: dict[str, Page]) -> None:
    assert get("/now/", **{"Sec-GPC": "1"}).content == pages["/now/"].content


def test_a_crawler_sees_what_a_reader_sees(pages: dict[str, Page]) -> None:
    """SEO-SPAM-04."""
    for path in ("/guides/preventing-night-cramps/", "/lists/accessories/"):
        assert get(path, **{"User-Agent": "Googlebot/2.1"}).content == pages[path].content


@pytest.fixture
def feed(site: None) -> ElementTree.Element:
    page = get("/feed/")
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("application/atom+xml")
    assert page.cookies == []
    assert len(page.queries) <= 8
    return ElementTree.fromstring(page.content)


def _commission() -> str:
    return str(Disclosure.objects.current(DisclosureKind.COMMISSION, "en-gb").get().text)


def test_the_feed_discloses(feed: ElementTree.Element, pages: dict[str, Page]) -> None:
    """US-DISC-13: before everything, and on each entry whose page has a paid link."""
    assert _commission() in feed.findtext("a:subtitle", "", ATOM)
    entries = feed.findall("a:entry", ATOM)
    assert len(entries) == 30
    for entry in entries:
        link = entry.find("a:link", ATOM)
        assert link is not None
        path = link.attrib["href"].split("/", 3)[3]
        paid = bool(pages[f"/{path}"].all("[data-aff], [data-ad-slot]"))
        told = entry.findtext("a:summary", "", ATOM).startswith(_commission())
        assert told or not paid, path


def test_the_feed_sells_nothing_itself(feed: ElementTree.Element) -> None:
    text = ElementTree.tostring(feed, "unicode")
    assert "/go/" not in text
    assert "/demo-shop/" not in text


def test_the_feed_has_names_and_dates(feed: ElementTree.Element) -> None:
    for entry in feed.findall("a:entry", ATOM):
        assert entry.findtext("a:title", "", ATOM)
        assert entry.findtext("a:author/a:name", "", ATOM)
        assert entry.findtext("a:published", "", ATOM) <= entry.findtext("a:updated", "", ATOM)


def test_the_feed_is_marked_and_not_listed_by_search_engines() -> None:
    page = get("/feed/")
    assert page.is_noindex
    assert "Sample text, not medically reviewed." in page.html
    with override_settings(SHOWCASE=True):
        assert "Sample text" not in get("/feed/").html


def test_search_finds_the_words_people_use() -> None:
    for words, found in {
        "charley horse": "cramp",
        "charly horse": "cramp",
        "magnezium": "agnesium",
        "pregnant": "pregnancy",
        "cholesterol tablets": "statins",
        "CALF": "cal",
    }.items():
        page = get(f"/search/?q={words}")
        assert page.all(".lines .card"), words
        assert found in visible(page.one("ul.lines")).lower(), words


def test_search_says_when_it_finds_nothing() -> None:
    page = get("/search/?q=zzzzqqqq")
    assert page.status == 200
    assert "Nothing found for “zzzzqqqq”." in page.text
    assert page.all("main a[href='/questions/']")


def test_search_is_not_indexed_and_keeps_no_query_in_its_address_for_others() -> None:
    """PRIV-07: the canonical address has no words in it."""
    page = get("/search/?q=pregnant+with+cramps")
    assert page.is_noindex
    assert page.one("link[rel=canonical]")["href"] == f"{settings.SITE_URL}/search/"


def test_now_is_four_steps_and_nothing_else(types: dict[str, Page]) -> None:
    page = types["now"]
    assert len(page.all("ol.steps > li")) == 4
    steps, help_ = page.order("ol.steps", "[data-red-flags]")
    assert -1 < steps < help_
    assert page.all("main a[href^='/lists/'], main a[href^='/reviews/']") == []


def test_home_leads_to_now_first(types: dict[str, Page]) -> None:
    assert types["home"].all("main a")[0]["href"] == "/now/"
    assert types["home"].all("header a[href='/now/']")
