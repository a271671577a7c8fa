"""Feeds in the database: matched, stored a row whole or not at all, resumed, and never twice."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from products.feeds import load, runs
from products.feeds.writing import Shelf
from products.models import Feed, FeedItem, FeedRun, MatchState, Offer, Price, Product, RunState
from tests import factories
from tests.products import shops

pytestmark = pytest.mark.django_db

HEAD = "id,title,link,price,gtin,availability,category\n"
EANS = ["4006381333931", "5901234123457", "9780201379624"]


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def feed() -> Feed:
    for number, ean in enumerate(EANS):
        factories.product(f"acme-{number}", gtin=ean, name=f"Magnesium citrate {number}00 tablets")
    columns = HEAD.strip().split(",")
    return Feed.objects.create(
        name="North", merchant=factories.merchant(), programme=factories.programme(), mapping={c: c for c in columns}
    )


def row(number: int, price: str = "9.99 EUR", gtin: str = "", **more: str) -> str:
    title = more.get("title", f"Item {number}")
    link = more.get("link", f"https://northshop.example/p/{number}")
    return (
        f"{number},{title},{link},{price},{gtin},{more.get('stock', 'in stock')},{more.get('category', 'Vitamins')}\n"
    )


def take(feed: Feed, *lines: str, **options: Any) -> FeedRun:
    return runs.go_on(runs.begin(feed, io.BytesIO((HEAD + "".join(lines)).encode()), **options))


def counts(run: FeedRun) -> dict[str, int]:
    found = {name: getattr(run, name) for name in load.COUNTED if getattr(run, name)}
    assert sum(found.values()) == run.position
    return found


def test_it_works(feed: Feed) -> None:
    run = take(feed, row(1, gtin=EANS[0]), row(2, "5 EUR"), row(3, "$3/2pk"))
    assert (run.state, counts(run)) == (RunState.DONE, {"created": 1, "waiting": 1, "rejected": 1})
    offer = Offer.objects.get()
    assert (offer.product.gtin, offer.url, offer.in_stock) == (EANS[0], "https://northshop.example/p/1", True)
    assert (offer.prices.get().amount, offer.prices.get().source) == (Decimal("9.99"), "feed")
    rejection = run.rejections.get()
    assert (rejection.row, rejection.field, rejection.excerpt) == (3, "price", "$3/2pk")


def test_the_same_file_again_adds_nothing(feed: Feed) -> None:
    lines = [row(1, gtin=EANS[0]), row(2, gtin=EANS[1])]
    take(feed, *lines)
    run = take(feed, *lines)
    assert counts(run) == {"unchanged": 2}
    assert Price.objects.count() == 2


def test_a_new_price_is_a_new_row(feed: Feed) -> None:
    take(feed, row(1, gtin=EANS[0]))
    run = take(feed, row(1, "8.49 EUR", gtin=EANS[0], link="https://northshop.example/new", stock="out of stock"))
    assert counts(run) == {"updated": 1}
    offer = Offer.objects.with_price().get()
    assert (offer.price_amount, offer.url, offer.in_stock) == (Decimal("8.49"), "https://northshop.example/new", False)


def test_a_dry_run_counts_and_stores_nothing(feed: Feed) -> None:
    run = take(feed, row(1, gtin=EANS[0]), row(2), row(3, "free"), trial=True)
    assert counts(run) == {"created": 1, "waiting": 1, "rejected": 1}
    assert (Offer.objects.count(), Price.objects.count(), FeedItem.objects.count()) == (0, 0, 0)


def test_a_run_goes_on_where_it_was_cut_off(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "AT_ONCE", 1)
    lines = [row(number, gtin=ean) for number, ean in enumerate(EANS, 1)]
    run = runs.begin(feed, io.BytesIO((HEAD + "".join(lines)).encode()))
    stored = Shelf.store
    left = iter([True, False])

    def die(shelf: Shelf) -> None:
        if not next(left):
            raise SystemExit("killed")
        stored(shelf)

    monkeypatch.setattr(Shelf, "store", die)
    with pytest.raises(SystemExit):
        runs.go_on(run)
    run.refresh_from_db()
    assert (run.position, run.state, Price.objects.count()) == (1, RunState.RUNNING, 1)
    monkeypatch.setattr(Shelf, "store", stored)
    assert counts(runs.go_on(run)) == {"created": 3}
    assert Price.objects.count() == 3


def test_a_row_the_database_refuses_is_lost_alone(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Shelf.store

    def refuse(shelf: Shelf) -> None:
        if any(price.amount == Decimal("6.66") for price in shelf._prices):
            raise IntegrityError("refused")
        stored(shelf)

    monkeypatch.setattr(Shelf, "store", refuse)
    run = take(feed, row(1, gtin=EANS[0]), row(2, "6.66 EUR", gtin=EANS[1]), row(3, gtin=EANS[2]))
    assert counts(run) == {"created": 2, "rejected": 1}
    assert Offer.objects.count() == Price.objects.count() == 2


def test_a_broken_file_keeps_what_came_before(feed: Feed) -> None:
    feed.format, feed.mapping = "json", {name: name for name in ("id", "title", "link", "price", "gtin")}
    feed.save()
    good = f'{{"id": 1, "title": "A", "link": "https://northshop.example/1", "price": "1 EUR", "gtin": "{EANS[0]}"}}'
    run = runs.go_on(runs.begin(feed, io.BytesIO(f"[{good}, {{".encode())))
    assert (run.state, run.position, run.created) == (RunState.BROKEN, 1, 1)
    assert "After row 1" in run.trouble


class TestRejected:
    def why(self, feed: Feed, *lines: str) -> str:
        run = take(feed, *lines)
        assert run.rejected == 1
        return str(run.rejections.get().reason)

    def test_the_same_product_twice(self, feed: Feed) -> None:
        assert "Row 1 is the same product" in self.why(feed, row(1, gtin=EANS[0]), row(2, "7 EUR", gtin=EANS[0]))
        assert Price.objects.get().amount == Decimal("9.99")

    def test_another_currency_than_the_offer(self, feed: Feed) -> None:
        take(feed, row(1, gtin=EANS[0]))
        assert "is in EUR" in self.why(feed, row(1, "9 USD", gtin=EANS[0]))

    def test_a_parameter_the_programme_forbids(self, feed: Feed) -> None:
        assert "does not allow" in self.why(feed, row(1, gtin=EANS[0], link="https://northshop.example/p?visitor=1"))
        assert not Offer.objects.exists()

    def test_an_offer_that_would_be_new(self, feed: Feed) -> None:
        feed.creates_offers = False
        feed.save()
        assert "makes none" in self.why(feed, row(1, gtin=EANS[0]))


class TestQueue:
    def test_other_categories_never_reach_it(self, feed: Feed) -> None:
        feed.categories = "magnesium\nvitamins"
        feed.save()
        run = take(feed, row(1, category="Garden > Hoses"), row(2), row(3, "rubbish", category="Garden"))
        assert counts(run) == {"filtered": 2, "waiting": 1}

    def test_a_guess_waits_for_somebody(self, feed: Feed) -> None:
        take(feed, row(7, title="Acme magnesium citrate 100 tablets"))
        item = FeedItem.objects.get()
        assert (item.state, item.guess, item.product) == (MatchState.WAITING, Product.objects.get(slug="acme-1"), None)
        assert not Offer.objects.exists()

    def test_what_somebody_said_holds(self, feed: Feed) -> None:
        take(feed, row(7), row(8))
        FeedItem.objects.filter(item_id="7").update(
            state=MatchState.MATCHED, product=Product.objects.get(slug="acme-2")
        )
        FeedItem.objects.filter(item_id="8").update(state=MatchState.IGNORED)
        run = take(feed, row(7, "3 EUR"), row(8))
        assert counts(run) == {"created": 1, "ignored": 1}
        assert Offer.objects.get().product.slug == "acme-2"

    def test_an_unlike_name_is_no_guess(self, feed: Feed) -> None:
        take(feed, row(7, title="Garden hose"))
        assert FeedItem.objects.get().guess is None


def test_a_mapping_without_price_is_refused(feed: Feed) -> None:
    feed.mapping = {"id": "id"}
    feed.save()
    run = take(feed, row(1))
    assert (run.state, run.position) == (RunState.BROKEN, 0)
    assert "price" in run.trouble


def test_files_lie_where_nobody_can_ask_for_them(feed: Feed, settings: Any) -> None:
    run = take(feed, row(1))
    assert str(run.file.path).startswith(str(settings.VAR_DIR))
    with pytest.raises(ValueError, match="URL"):
        run.file.url  # noqa: B018


def test_a_feed_is_fetched_from_its_address(feed: Feed, settings: Any) -> None:
    settings.FETCH_ALLOWS_LOOPBACK = True
    with shops.open_shop() as shop:
        feed.url = shop.says("/feed.csv", 200, (HEAD + row(1, gtin=EANS[0])).encode(), Content_Type="text/csv")
        assert counts(runs.fetch(feed)) == {"created": 1}
        assert counts(runs.fetch(feed)) == {"updated": 1}
        shop.says("/feed.csv", 503)
        with pytest.raises(ValidationError, match="503"):
            runs.fetch(feed)


def test_an_internal_feed_is_not_fetched(feed: Feed) -> None:
    feed.url = "http://169.254.169.254/feed.csv"
    with pytest.raises(ValidationError, match="internal"):
        runs.fetch(feed)
