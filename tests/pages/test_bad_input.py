"""Rubbish in addresses: always a clean answer, never a 500, never a word of it unescaped."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from products.models import ClickCount
from tests.pages import demo, reading

NASTY = {
    "NUL": "%00",
    "control characters": "%01%07%1b%7f",
    "line breaks": "%0d%0aSet-Cookie:%20a=b",
    "a tab": "%09",
    "broken UTF-8": "%ff%fe",
    "an overlong encoding": "%c0%af",
    "half a pair of surrogates": "%ed%a0%80",
    "right-to-left marks": quote("\u202e\u2066גנב\u2069"),
    "zero width": quote("\u200b\ufeff"),
    "emoji": quote("🦵⚡️"),
    "SQL": quote("' OR 1=1; DROP TABLE reviews_review; --"),
    "SQL for a match": quote('"magnesium" AND NOT cramp* NEAR/3 ^title:x'),
    "tsquery": quote("cramp & | ! <-> :*"),
    "LIKE": quote("%_\\%"),
    "markup": quote("<script>alert(1)</script>"),
    "a template": quote("{{ settings.SECRET_KEY }}{% debug %}"),
    "a path": quote("../../../../etc/passwd"),
    "a number without end": "9" * 400,
    "a negative number": "-1",
    "not a number": "NaN",
    "a fullwidth digit": quote("１２"),
    "nothing": "",
    "only spaces": "%20%20",
    "percent signs": "%25%2525",
    "a bare percent sign": "%",
    "plus signs": "+++",
    "a list": "a&after=b&order=c&q=d",
}
PLACES = {
    "/": ("_",),
    "/guides/": ("after", "before"),
    "/lists/accessories/": ("after", "order", "w-build", "w-nonsense", "form", "price", "vegan"),
    "/compare/": ("p",),
    "/search/": ("q",),
    "/topics/magnesium/": ("page",),
}
SAFE_ONLY = ("/", "/guides/", "/lists/accessories/", "/search/?q=a", "/now/", "/feed/", "/robots.txt", "/sitemap.xml")
QUIET = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def answer(path: str, method: str = "GET") -> reading.Page:
    """Ask with the address exactly as written; the answer is clean."""
    bare, _, query = path.partition("?")
    response = Client(raise_request_exception=True).generic(method, bare, QUERY_STRING=query)
    assert response.status_code in (200, 301, 302, 400, 404, 405, 410, 414), f"{response.status_code} for {path[:80]}"
    assert "Set-Cookie" not in response.headers
    assert b"Traceback" not in response.content
    assert b"<script>alert" not in response.content
    return reading.Page(path, response.status_code, dict(response.headers), [], response.content, [])


@pytest.mark.parametrize("what", NASTY)
def test_in_any_parameter_of_any_page(what: str) -> None:
    for place, parameters in PLACES.items():
        for parameter in parameters:
            answer(f"{place}?{parameter}={NASTY[what]}")


@pytest.mark.parametrize("what", NASTY)
def test_in_a_slug(what: str) -> None:
    for section in ("guides", "questions", "reviews", "lists", "topics", "brands", "authors", "methodology"):
        assert answer(f"/{section}/{NASTY[what].partition('&')[0]}/").status in (200, 301, 400, 404), section


@pytest.mark.parametrize("what", NASTY)
def test_in_an_offer_or_its_place(what: str) -> None:
    rubbish = NASTY[what].partition("&")[0]
    for path in (f"/go/{rubbish}/x/", f"/go/1/{rubbish}/", f"/demo-shop/{rubbish}/"):
        assert answer(path).status in (301, 400, 404), path
    assert ClickCount.objects.count() == 0


HUGE = ("0", "-1", "2147483648", "9223372036854775807", "9223372036854775808", "9" * 60, "9" * 1500, "1.0", "0x1", "٣")


@pytest.mark.parametrize("number", HUGE)
def test_numbers_no_database_holds(number: str) -> None:
    assert answer(f"/go/{number}/list-x.row~abcdefgh/").status == 404
    assert answer(f"/demo-shop/{number}/").status == 404


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


DAY = "2026-01-01T00:00:00"
CURSORS = (
    *(
        "",
        "|",
        "x|y",
        "2026-01-01|1",
        f"{DAY}|1",
        f"{DAY}+00:00",
        f"{DAY}+00:00|x",
        f"{DAY}+00:00|-1",
        f"{DAY}+00:00|1|2",
    ),
    *(f"{DAY}+00:00|{'9' * 30}", f"{DAY}+00:00|{'1' * 1200}", f"{DAY}+00:00|\u0661", "٢٠٢٦-01-01T00:00:00+00:00|1"),
    *("9999-12-31T23:59:59-23:59|1", "0001-01-01T00:00:00+23:59|1", "2026-02-30T00:00:00+00:00|1"),
)


@pytest.mark.parametrize("text", CURSORS)
def test_a_cursor_that_we_did_not_write(text: str) -> None:
    for place in ("/guides/", "/reviews/"):
        for parameter in ("after", "before"):
            assert answer(f"{place}?{parameter}={cursor(text)}").status in (200, 404)


def test_a_cursor_of_ours_still_works() -> None:
    page = reading.get(f"/guides/?after={cursor('2100-01-01T00:00:00+00:00|1')}")
    assert page.all("main ul.lines > li")


@pytest.mark.parametrize("length", [100, 1000, 2000, 10_000, 100_000])
def test_very_long_words(length: int) -> None:
    words = "a" * length
    for path in (f"/search/?q={words}", f"/search/?q={words.replace('a', 'a+')}", f"/guides/{words}/", f"/?{words}"):
        assert answer(path).status in (200, 400, 404, 414)


def test_very_many_parameters() -> None:
    assert answer("/guides/?" + "&".join(f"a{number}=1" for number in range(400))).status in (200, 400, 414)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE", "FOO"])
def test_only_reading_is_allowed(method: str) -> None:
    for path in SAFE_ONLY:
        response = Client().generic(method, path)
        assert response.status_code == 405, path
        assert "Set-Cookie" not in response.headers


def test_asking_for_the_head_alone_works_everywhere() -> None:
    for name, path in demo.TYPES.items():
        response = Client().head(path)
        assert (response.status_code, response.content) == (200, b""), name


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/xml", "\x01"])
def test_a_body_of_rubbish(content_type: str) -> None:
    response = Client().post("/search/", data=b"\x00\xff{" * 50, content_type=content_type)
    assert response.status_code in (400, 405)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "xx;q=nan, *;q=9999999999999"},
        {"Accept-Language": "a" * 5000},
        {"If-Modified-Since": "yesterday"},
        {"If-None-Match": '"' * 200},
        {"Range": "bytes=99999-1,-,x"},
        {"Cookie": "sessionid=x; csrftoken=y; \x01=\x02;;;="},
        {"Accept-Encoding": "br;q=x, \x7f"},
        {"Referer": "\x00://"},
        {"User-Agent": "<script>alert(1)</script>" * 50},
        {"Sec-GPC": "perhaps"},
        {"X-Forwarded-For": "' OR 1=1"},
    ],
)
def test_headers_of_rubbish(headers: dict[str, str]) -> None:
    for path in ("/", "/lists/accessories/", "/search/?q=night"):
        assert reading.get(path, **headers).status in (200, 304, 400), path


@QUIET
@given(words=st.text(max_size=300))
def test_search_takes_any_text(words: str) -> None:
    page = answer(f"/search/?q={quote(words, errors='replace')}")
    assert page.status in (200, 400, 414)


@QUIET
@given(path=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80), query=st.text(max_size=80))
def test_any_address_gets_an_answer(path: str, query: str) -> None:
    answer(f"/{quote(path)}?{quote(query, safe='=&+%', errors='replace')}")


@QUIET
@given(raw=st.binary(max_size=60))
def test_any_bytes_get_an_answer(raw: bytes) -> None:
    answer(f"/guides/?after={quote(raw)}&order={quote(raw)}&q={quote(raw)}")


@QUIET
@given(data=st.binary(max_size=80))
def test_any_cursor_gets_an_answer(data: bytes) -> None:
    text = base64.urlsafe_b64encode(data).decode()
    assert answer(f"/questions/?after={text}").status in (200, 404)
    assert answer(f"/lists/accessories/?after={text}").status in (200, 404)
