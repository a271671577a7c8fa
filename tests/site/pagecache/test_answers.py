"""Finished bytes: the encoding asked for, 304, HEAD, and what is never kept."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import brotli
import pytest

from crampinfo.site.pagecache import page
from tests.site.pagecache.reading import Reader, Site, Still


def test_it_works(reader: Reader, site: Site) -> None:
    first, second = reader.get(), reader.get()
    assert first == second
    assert first.body == site.body
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("accepts", "reads"),
    [
        ("br, gzip", brotli.decompress),
        ("gzip, deflate", gzip.decompress),
        ("", bytes),
        ("br;q=0, identity", bytes),
        ("br;q=0.1, gzip;q=1.0", gzip.decompress),
        ("*", brotli.decompress),
        ("*;q=0", bytes),
        ("BR", brotli.decompress),
        ("gzip;q=banana, br;q=9, \x00\xff;;;,,=", bytes),
        ("," * 5000, bytes),
    ],
)
def test_bytes_come_in_the_encoding_asked_for(
    reader: Reader, site: Site, accepts: str, reads: Callable[[bytes], bytes]
) -> None:
    reader.get()
    found = reader.get(HTTP_ACCEPT_ENCODING=accepts)
    assert reads(found.body) == site.body
    assert found.headers["Vary"] == "Accept-Encoding"
    assert found.headers["Content-Length"] == str(len(found.body))
    assert len(site.asked) == 1


def test_each_encoding_has_an_etag_of_its_own(reader: Reader) -> None:
    tags = {reader.get(HTTP_ACCEPT_ENCODING=name).headers["ETag"] for name in ("br", "gzip", "")}
    assert len(tags) == 3
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"a", {}', '"a",W/{},"b"', "*"])
def test_the_etag_answers_304(reader: Reader, form: str) -> None:
    etag = reader.get().headers["ETag"]
    found = reader.get(HTTP_IF_NONE_MATCH=form.format(etag))
    assert (found.status, found.body) == (304, b"")
    assert found.headers["ETag"] == etag
    assert found.headers["Vary"] == "Accept-Encoding"
    assert "Content-Length" not in found.headers


@pytest.mark.parametrize("forged", ['"forged"', "W/", '""', "x" * 8000, '"' * 99, "\x00", '"a" "b"'])
def test_a_forged_etag_gets_the_page(reader: Reader, site: Site, forged: str) -> None:
    found = reader.get(HTTP_IF_NONE_MATCH=forged)
    assert (found.status, found.body) == (200, site.body)


def test_an_etag_inside_another_is_not_it(reader: Reader) -> None:
    etag = reader.get().headers["ETag"].strip('"')
    assert reader.get(HTTP_IF_NONE_MATCH=f'"x{etag}"').status == 200


def test_head_then_get(reader: Reader, site: Site) -> None:
    head = reader.get(method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(site.body))
    assert reader.get().body == site.body
    assert len(site.asked) == 1
    assert site.asked[0]["REQUEST_METHOD"] == "GET"


def test_shared_caches_keep_it_for_a_second(reader: Reader, clock: Still) -> None:
    headers = reader.get().headers
    assert headers["Cache-Control"] == ("public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=3600")
    assert headers["X-Accel-Expires"] == f"@{int(clock.now)}"
    clock.pass_by(100.5)
    headers = reader.get().headers
    assert "stale-if-error=3499" in headers["Cache-Control"]
    assert headers["X-Accel-Expires"] == f"@{int(clock.now)}"


def test_the_order_of_headers_is_the_one_nginx_needs(pages: Any, reader: Reader) -> None:
    names = [name for name, _ in page._ready(pages._memory.get("/guides/") or _made(reader, pages), "br", 0.0)[0]]
    assert names.index("Cache-Control") < names.index("X-Accel-Expires")


def _made(reader: Reader, pages: Any) -> page.Page:
    reader.get()
    found: page.Page = pages._memory.get("/guides/")
    return found


@pytest.mark.parametrize("status", ["404 Not Found", "302 Found", "500 Internal Server Error", "410 Gone"])
def test_only_pages_are_kept(reader: Reader, site: Site, clock: Still, status: str) -> None:
    site.status = status
    assert reader.get().status == int(status[:3])
    site.status = "200 OK"
    clock.pass_by(2)
    assert reader.get().status == 200


@pytest.mark.parametrize(
    "header",
    [
        ("Set-Cookie", "a=b"),
        ("Cache-Control", "no-store"),
        ("Cache-Control", "private, max-age=60"),
        ("Vary", "Cookie"),
        ("Content-Encoding", "gzip"),
    ],
)
def test_what_is_meant_for_one_reader_is_not_kept(reader: Reader, site: Site, header: tuple[str, str]) -> None:
    site.headers.append(header)
    reader.get()
    assert reader.get().headers[header[0]] == header[1]
    assert len(site.asked) == 2


def test_a_page_that_is_gone_is_forgotten(reader: Reader, site: Site, clock: Still, pages: Any) -> None:
    reader.get()
    site.status = "404 Not Found"
    clock.pass_by(301)
    assert reader.get().status == 404
    assert len(pages._memory) == 0


def test_written_down_and_read_again(reader: Reader, pages: Any) -> None:
    made = _made(reader, pages)
    copy = page.load(page.dump(made), "/guides/")
    assert copy is not None
    assert (copy.body, copy.br, copy.tags, copy.headers) == (made.body, made.br, made.tags, made.headers)
    assert page.load(page.dump(made), "/other/") is None
    whole = page.dump(made)
    for wrong in (b"", b"CIP1" + whole[4:], whole[:-1], whole[:50], whole[:90] + b"\x00" + whole[91:]):
        assert page.load(wrong, "/guides/") is None
