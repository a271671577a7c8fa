"""What a request may and may not decide: nothing a visitor sends makes another's page."""

from __future__ import annotations

from typing import Any

import pytest

from crampinfo.site import pagecache
from tests.site.pagecache.reading import Reader, Site

POISON = {
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_ORIGINAL_URL": "/admin/",
    "HTTP_X_REWRITE_URL": "/admin/",
    "HTTP_X_FORWARDED_PREFIX": "/evil",
    "HTTP_FORWARDED": "host=evil.example",
    "HTTP_RANGE": "bytes=0-3",
    "HTTP_IF_RANGE": '"x"',
    "HTTP_IF_MODIFIED_SINCE": "Wed, 21 Oct 2099 07:28:00 GMT",
    "HTTP_ACCEPT_LANGUAGE": "es",
    "HTTP_COOKIE": "sessionid=1; csrftoken=2",
    "HTTP_AUTHORIZATION": "Basic eDp5",
    "HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE",
    "HTTP_USER_AGENT": "<script>",
    "HTTP_REFERER": "https://evil.example/",
    "SCRIPT_NAME": "/evil",
    "REMOTE_USER": "root",
}


@pytest.mark.parametrize("name", POISON)
def test_headers_neither_split_nor_poison(reader: Reader, site: Site, name: str) -> None:
    found = reader.get("/lists/a/", **{name: POISON[name]})
    assert (found.status, found.body) == (200, site.body)
    assert reader.get("/lists/a/").body == site.body
    assert len(site.asked) == 1
    assert POISON[name] not in [value for value in site.asked[0].values() if isinstance(value, str)]


def test_the_application_sees_nothing_a_visitor_chose(reader: Reader, site: Site) -> None:
    reader.get("/lists/a/?order=editorial&x=1", **POISON)
    chosen = {name for name in site.asked[0] if name.startswith("HTTP_")}
    assert chosen == {"HTTP_HOST"}


def test_another_hosts_requests_are_left_to_the_application(reader: Reader, site: Site) -> None:
    site.status = "400 Bad Request"
    assert reader.get(HTTP_HOST="evil.example").status == 400
    site.status = "200 OK"
    assert reader.get().body == site.body


@pytest.mark.parametrize("host", ["", "testserver:99999999", "[::1", "evil.example\r\nX: y", "testserver.evil.example"])
def test_no_host_poisons(reader: Reader, site: Site, host: str) -> None:
    reader.get()
    reader.get(HTTP_HOST=host)
    assert reader.get().body == site.body


def test_unknown_parameters_neither_split_nor_poison(reader: Reader, site: Site) -> None:
    reader.get("/lists/a/?utm_source=x&order=editorial")
    reader.get("/lists/a/?order=editorial&evil=<script>")
    assert len(site.asked) == 1
    assert site.asked[0]["QUERY_STRING"] == "order=editorial"


def test_a_flood_of_unique_parameters_is_one_page(reader: Reader, site: Site, pages: Any) -> None:
    for number in range(500):
        reader.get(f"/guides/?x{number}={number}&utm_source={number}")
    assert len(site.asked) == 1
    assert len(pages._memory) == 1


def test_a_flood_of_known_parameters_leaves_the_plain_pages(reader: Reader, site: Site, settings: Any) -> None:
    reader.get("/guides/")
    site.body = b"<p>" + bytes(range(256)) * 2000
    for number in range(60):
        reader.get(f"/lists/a/?after={number}")
    asked = len(site.asked)
    reader.get("/guides/")
    assert len(site.asked) == asked


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("/lists/a/?order=editorial&after=b", "/lists/a/?after=b&order=editorial"),
        ("/lists/a/?w-dose=5&w-price=2", "/lists/a/?w-price=2&w-dose=5&wdose=1"),
        ("/lists/a/?form=tablet&form=powder", "/lists/a/?x=1&form=tablet&form=powder"),
        ("/compare/?p=a&p=b", "/compare/?p=a&p=b&utm_campaign=x"),
        ("/guides/?after=x", "/guides/?order=y&after=x"),
        ("/about/?after=x", "/about/"),
        ("/lists/a/?order=", "/lists/a/"),
    ],
)
def test_one_page_one_key(reader: Reader, site: Site, path: str, same: str) -> None:
    reader.get(path)
    reader.get(same)
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/lists/a/", "/lists/a/?order=editorial"),
        ("/compare/?p=a&p=b", "/compare/?p=b&p=a"),
        ("/guides/?after=x", "/guides/%3Fafter=x"),
        ("/guides/", "/guides"),
        ("/lists/a/?after=x", "/lists/a/?after=x%26order%3Deditorial"),
        ("/lists/a%0Aafter=x", "/lists/a/?after=x"),
    ],
)
def test_other_pages_have_other_keys(reader: Reader, site: Site, path: str, other: str) -> None:
    reader.get(path)
    reader.get(other)
    assert len(site.asked) == 2


@pytest.mark.parametrize("path", ["/admin/", "/go/1/x/", "/search/?q=a", "/healthz", "/readyz", "/static/a.css"])
def test_some_addresses_are_always_asked(reader: Reader, site: Site, path: str) -> None:
    reader.get(path, HTTP_USER_AGENT="Firefox")
    reader.get(path, HTTP_USER_AGENT="Firefox")
    assert len(site.asked) == 2
    assert site.asked[0]["HTTP_USER_AGENT"] == "Firefox"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", ""])
def test_other_methods_are_none_of_its_business(reader: Reader, site: Site, method: str) -> None:
    reader.get(method=method)
    reader.get(method=method)
    assert len(site.asked) == 2


@pytest.mark.parametrize("query", ["a=1&" * 500, "a=1&" * 900, "order=" + "x" * 600, "%", "%zz=%", "&&&=", "order=%00"])
def test_odd_queries_make_no_error(reader: Reader, site: Site, query: str) -> None:
    assert reader.get(f"/lists/a/?{query}").status == 200
    assert reader.get("/lists/a/").body == site.body


def test_behind_a_proxy_only_https_is_kept(reader: Reader, site: Site, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    reader.get()
    reader.get()
    assert len(site.asked) == 2
    reader.get(HTTP_X_FORWARDED_PROTO="https")
    reader.get(HTTP_X_FORWARDED_PROTO="https")
    assert len(site.asked) == 3
    assert site.asked[2]["HTTP_X_FORWARDED_PROTO"] == "https"


def test_the_query_as_it_came_stays_in_reach(reader: Reader, site: Site) -> None:
    reader.get("/guides/a/?from=mail")
    assert site.asked[0]["QUERY_STRING"] == ""
    assert pagecache.query_of(site.asked[0]) == "from=mail"


def test_0_seconds_turn_it_off(reader: Reader, site: Site, settings: Any) -> None:
    settings.PAGE_CACHE_SECONDS = 0
    reader.get()
    reader.get()
    assert len(site.asked) == 2
