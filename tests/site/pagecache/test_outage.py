"""When a page can't be made: the last one, as long as it may be, and never a price that is past its time."""

from __future__ import annotations

from typing import Any

import pytest

from crampinfo.site.pagecache import PageCache, news, spare
from tests.site.pagecache.reading import Reader, Site, Still

pytestmark = pytest.mark.django_db

SOLD = (
    b'<main id="main"><h1>Salt</h1><p class="price" data-price data-as-of="x">9.99</p>'
    b'<div class="offer"><p>Paid link</p><a rel="sponsored nofollow" href="/go/1/a/">Shop</a></div>'
    b'<p>See <a rel="sponsored" href="/go/2/b/">this</a>.</p></main>'
)


@pytest.fixture
def selling(site: Site, clock: Still) -> Site:
    site.body, site.shows, site.priced_until = SOLD, ("products.offer:1", "products.product:1"), clock.now + 1000
    return site


def fail(site: Site) -> None:
    site.status, site.body = "500 Internal Server Error", b"broken"


def test_it_works(reader: Reader, site: Site, clock: Still) -> None:
    whole = reader.get().body
    fail(site)
    clock.pass_by(3000)
    found = reader.get()
    assert (found.status, found.body) == (200, whole)


def test_nothing_is_older_than_max_stale(reader: Reader, site: Site, clock: Still) -> None:
    reader.get()
    fail(site)
    clock.pass_by(3601)
    assert reader.get().status == 500


def test_a_price_past_its_time_is_left_out(reader: Reader, selling: Site, clock: Still) -> None:
    reader.get()
    fail(selling)
    clock.pass_by(999)
    assert b"9.99" in reader.get().body
    clock.pass_by(2)
    found = reader.get()
    assert found.status == 200
    assert b"<h1>Salt</h1>" in found.body
    assert b"See this." in found.body
    assert b"left out here" in found.body
    for gone in (b"9.99", b"/go/", b"Shop", b"sponsored"):
        assert gone not in found.body
    assert found.headers["Cache-Control"] == "no-store"


def test_shared_caches_are_told_how_long_prices_hold(reader: Reader, selling: Site) -> None:
    assert "stale-if-error=1000" in reader.get().headers["Cache-Control"]


def test_a_recall_is_never_stale(reader: Reader, selling: Site, clock: Still) -> None:
    reader.get()
    fail(selling)
    news.publish(["products.product:1"])
    clock.pass_by(1.01)
    assert b"/go/" not in reader.get().body


def test_a_changed_text_may_be_stale(reader: Reader, selling: Site, clock: Still) -> None:
    selling.shows = (*selling.shows, "articles.article:1")
    whole = reader.get().body
    fail(selling)
    news.publish(["articles.article:1"])
    clock.pass_by(1.01)
    assert reader.get().body == whole


def test_a_new_process_has_the_copy(reader: Reader, selling: Site, clock: Still) -> None:
    reader.get("/reviews/salt/")
    fail(selling)
    found = Reader(PageCache(selling, clock)).get("/reviews/salt/")
    assert found.status == 200
    assert b"<h1>Salt</h1>" in found.body
    assert b"/go/" not in found.body


def test_a_recalled_products_copy_is_forgotten(reader: Reader, selling: Site, clock: Still) -> None:
    reader.get("/reviews/salt/")
    spare.forget(["/reviews/salt/"])
    fail(selling)
    assert Reader(PageCache(selling, clock)).get("/reviews/salt/").status == 500


def test_an_application_that_fails_is_left_alone_for_a_second(reader: Reader, site: Site, clock: Still) -> None:
    reader.get()
    fail(site)
    clock.pass_by(301)
    for _ in range(10):
        reader.get()
    assert len(site.asked) == 2
    clock.pass_by(1.1)
    reader.get()
    assert len(site.asked) == 3


@pytest.mark.parametrize("path", ["/../../etc/", "/a/../../b/", "/lists/%2e%2e/", "/é/", "/x.html", "/lists/?order=x"])
def test_copies_stay_in_their_folder(reader: Reader, selling: Site, settings: Any, path: str) -> None:
    reader.get(path)
    written = [found for found in settings.SPARE_ROOT.parent.rglob("*") if found.is_file()]
    assert all(settings.SPARE_ROOT in found.parents and found.name == "index.html" for found in written)


def test_a_full_disk_costs_the_copy_alone(reader: Reader, selling: Site, settings: Any) -> None:
    settings.SPARE_ROOT.parent.mkdir(exist_ok=True)
    settings.SPARE_ROOT.write_text("not a folder")
    assert reader.get("/reviews/salt/").body == SOLD
