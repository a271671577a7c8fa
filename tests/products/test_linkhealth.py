"""Link health: what answers mean, what they change, and that nobody is alarmed for nothing. Shops are real servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crampinfo.editorial.models import LedgerEntry
from products import linkhealth, linkprobe, shoppage
from products.linkprobe import Found, Host, Wanted
from products.models import LinkCheck, LinkState, Offer
from products.safefetch import Limits
from tests import factories
from tests.products import shops
from tests.products.shops import Shop, page, stock


@pytest.fixture
def shop(settings: Any) -> Iterator[Shop]:
    settings.FETCH_ALLOWS_LOOPBACK = True
    with shops.open_shop() as opened:
        yield opened


def look(address: str, **fields: Any) -> Found:
    wanted = Wanted(1, address, **{"host": "127.0.0.1", "name": "Acme 100", "brand": "Acme", **fields})
    return Host(pause=0, sleep=lambda seconds: None, limits=Limits(connect=1, total=0.8)).look(wanted)


def test_it_works(shop: Shop) -> None:
    found = look(shop.says("/p", 200, page()))
    assert (found.state, found.status) == (LinkState.FINE, 200)
    assert shop.asked == [("GET", "/robots.txt"), ("HEAD", "/p"), ("GET", "/p")]


class TestStates:
    @pytest.mark.parametrize(
        ("status", "state"),
        [
            (404, LinkState.GONE), (410, LinkState.GONE), (401, LinkState.BLOCKED), (403, LinkState.BLOCKED),
            (429, LinkState.BLOCKED), (451, LinkState.BLOCKED), (999, LinkState.BLOCKED), (400, LinkState.BLOCKED),
            (500, LinkState.TIMED_OUT), (503, LinkState.TIMED_OUT),
        ],
    )  # fmt: skip
    def test_of_a_status(self, status: int, state: LinkState, shop: Shop) -> None:
        assert look(shop.says("/p", status, b"words")).state is state

    def test_a_wall_against_programs_is_no_trouble_of_the_shop(self, shop: Shop) -> None:
        assert look(shop.says("/p", 503, b"words", cf_mitigated="challenge")).state is LinkState.BLOCKED

    def test_moved_for_good(self, shop: Shop) -> None:
        shop.says("/new", 200, page())
        found = look(shop.says("/p", 301, Location="/new"))
        assert (found.state, found.address) == (LinkState.MOVED, f"{shop.address}/new")

    def test_moved_for_now_is_fine(self, shop: Shop) -> None:
        shop.says("/new", 200, page())
        assert look(shop.says("/p", 302, Location="/new")).state is LinkState.FINE

    def test_sent_to_the_first_page(self, shop: Shop) -> None:
        shop.says("/", 200, page())
        assert look(shop.says("/p", 301, Location="/")).state is LinkState.WRONG_PAGE

    def test_another_product(self, shop: Shop) -> None:
        assert look(shop.says("/p", 200, page("Garden hose, green"))).state is LinkState.WRONG_PAGE

    def test_another_site(self, shop: Shop) -> None:
        assert look(shop.says("/p", 200, page()), host="shop.example").state is LinkState.WRONG_PAGE

    @pytest.mark.parametrize("said", ["OutOfStock", "SoldOut", "Discontinued"])
    def test_out_of_stock(self, said: str, shop: Shop) -> None:
        assert look(shop.says("/p", 200, page(extra=stock(said)))).state is LinkState.OUT_OF_STOCK

    def test_words_about_stock_alone_are_no_answer(self, shop: Shop) -> None:
        text = page(extra="<p>Out of stock in Leeds.</p>")
        assert look(shop.says("/p", 200, text)).state is LinkState.FINE

    def test_a_page_of_scripts_says_nothing(self, shop: Shop) -> None:
        assert look(shop.says("/p", 200, b"<div id=app></div><script>go()</script>")).state is LinkState.FINE

    def test_slow(self, shop: Shop) -> None:
        shop.answers["/p"] = shops.drip
        found = look(f"{shop.address}/p")
        assert (found.state, found.status) == (LinkState.TIMED_OUT, None)

    def test_a_circle(self, shop: Shop) -> None:
        shop.says("/q", 302, Location="/p")
        assert look(shop.says("/p", 302, Location="/q")).state is LinkState.TIMED_OUT

    def test_a_huge_body_is_read_in_part(self, shop: Shop) -> None:
        shop.answers["/p"] = shops.flood
        assert look(f"{shop.address}/p").state is LinkState.FINE

    @pytest.mark.parametrize("target", ["http://169.254.169.254/", "http://10.1.1.1/", "file:///etc/passwd"])
    def test_a_way_inside(self, target: str, shop: Shop) -> None:
        assert look(shop.says("/p", 302, Location=target)).state is LinkState.REFUSED


class TestPoliteness:
    def test_robots_are_heard(self, shop: Shop) -> None:
        shop.says("/robots.txt", 200, b"User-agent: *\nDisallow: /p", Content_Type="text/plain")
        assert look(shop.says("/p", 200, page())).state is LinkState.BLOCKED
        assert shop.asked == [("GET", "/robots.txt")]

    def test_a_server_that_knows_no_head(self, shop: Shop) -> None:
        def get_alone(handler: Any) -> None:
            handler.send_response(200 if handler.command == "GET" else 405)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
            handler.wfile.write(page() if handler.command == "GET" else b"")

        shop.answers["/p"] = get_alone
        assert look(f"{shop.address}/p").state is LinkState.FINE

    def test_trouble_is_tried_again(self, shop: Shop) -> None:
        calm = iter([503, 503, 503, 200, 200, 200])

        def moody(handler: Any) -> None:
            status = next(calm)
            handler.send_response(status)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
            if status == 200 and handler.command == "GET":
                handler.wfile.write(page())

        shop.answers["/p"] = moody
        assert look(f"{shop.address}/p").state is LinkState.FINE

    def test_an_unchanged_page_is_not_loaded_again(self, shop: Shop) -> None:
        address = shop.says("/p", 200, page(), ETag='"7"')
        assert look(address).validator == '"7"'
        shop.asked.clear()
        assert look(address, validator='"7"').state is LinkState.FINE
        assert ("GET", "/p") not in shop.asked

    def test_one_host_is_asked_slowly(self, shop: Shop) -> None:
        waited: list[float] = []
        shop.says("/robots.txt", 200, b"User-agent: *\nCrawl-delay: 4", Content_Type="text/plain")
        host = Host(pause=2, sleep=waited.append)
        host.look(Wanted(1, shop.says("/p", 200, page()), "127.0.0.1", "Acme 100", "Acme"))
        assert len(waited) == 1
        assert 3 < waited[0] <= 4


class TestShopPage:
    def read(self, html: str) -> shoppage.ShopPage:
        return shoppage.read(html.encode(), "text/html; charset=utf-8")

    def test_a_gtin_decides(self) -> None:
        found = self.read('<meta itemprop="gtin13" content="4006381333931">')
        assert found.is_about("Anything", "Else", "4006381333931") is True
        assert found.is_about("Anything", "Else", "5901234123457") is False

    def test_one_of_several_in_stock_is_enough(self) -> None:
        found = self.read(stock("OutOfStock") + stock("InStock"))
        assert not found.is_out_of_stock

    @pytest.mark.parametrize("html", ["", "<", "<script type='application/ld+json'>{", "<" * 5000, "\0\xff" * 50])
    def test_rubbish_says_nothing(self, html: str) -> None:
        found = self.read(html)
        assert (found.is_out_of_stock, found.is_about("Acme", "Acme", "")) == (False, None)

    def test_deep_data_is_left(self) -> None:
        deep = "[" * 5000 + "]" * 5000
        assert self.read(f'<script type="application/ld+json">{deep}</script>').availability == ()


@pytest.fixture
def offer() -> Offer:
    item = factories.product("acme-100", gtin="4006381333931")
    factories.offer(item, at=factories.merchant("pharmacy"), price="9.90")
    return factories.offer(item)


def found(state: LinkState, status: int | None = 404, address: str = "https://northshop.example/p") -> Found:
    return Found(state, "Words.", status, address)


def take_in(offer: Offer, *answers: Found) -> LinkCheck:
    linkhealth.begin_missing()
    for answer in answers:
        check = linkhealth.take_in(offer.pk, answer)
    offer.refresh_from_db()
    return check


@pytest.mark.django_db
class TestWhatCounts:
    def test_one_bad_answer_changes_nothing(self, offer: Offer) -> None:
        check = take_in(offer, found(LinkState.GONE))
        assert (offer.held_at, check.wants_somebody) == (None, False)
        assert not LinkCheck.objects.wanting().exists()

    def test_gone_twice_holds_the_offer_and_the_next_best_takes_over(self, offer: Offer) -> None:
        check = take_in(offer, found(LinkState.GONE), found(LinkState.GONE))
        assert not offer.is_open
        assert check in LinkCheck.objects.wanting()
        entry = LedgerEntry.objects.filter(kind="offer_link").latest("pk")
        assert entry.payload["held"] is True
        assert Offer.objects.get(pk=entry.payload["taken_over_by"]).merchant.slug == "pharmacy"
        assert [row.merchant.slug for row in Offer.objects.for_pages()] == ["pharmacy"]

    def test_it_comes_back_by_itself(self, offer: Offer) -> None:
        take_in(offer, found(LinkState.GONE), found(LinkState.GONE), found(LinkState.FINE, 200))
        assert offer.is_open
        assert LedgerEntry.objects.filter(kind="offer_link").latest("pk").payload["held"] is False

    @pytest.mark.parametrize("state", [LinkState.BLOCKED, LinkState.TIMED_OUT])
    def test_blocked_is_never_broken(self, state: LinkState, offer: Offer) -> None:
        check = take_in(offer, *[found(state, 403)] * 9)
        assert offer.is_open
        assert check.wants_somebody is (state is LinkState.TIMED_OUT)

    def test_out_of_stock_lets_another_be_first(self, offer: Offer) -> None:
        take_in(offer, found(LinkState.OUT_OF_STOCK, 200))
        assert (offer.in_stock, offer.is_open) == (False, True)
        entry = LedgerEntry.objects.filter(kind="offer_stock").latest("pk")
        assert Offer.objects.get(pk=entry.payload["taken_over_by"]).merchant.slug == "pharmacy"
        take_in(offer, found(LinkState.FINE, 200))
        assert offer.in_stock is True
        entry = LedgerEntry.objects.filter(kind="offer_stock").latest("pk")
        assert entry.payload == {"offer": offer.pk, "in_stock": True, "taken_over_by": None}

    def test_what_was_accepted_stays_accepted_until_the_answer_changes(self, offer: Offer) -> None:
        wrong = found(LinkState.WRONG_PAGE, 200)
        check = take_in(offer, wrong, wrong)
        assert not offer.is_open
        linkhealth.accept(check, "sam")
        check = take_in(offer, wrong, wrong, wrong)
        assert (offer.is_open, check.accepted_by, check.wants_somebody) == (True, "sam", False)
        check = take_in(offer, found(LinkState.GONE), found(LinkState.GONE))
        assert (offer.is_open, check.accepted_by, check.wants_somebody) == (False, "", True)

    def test_a_moved_address_is_taken_over(self, offer: Offer) -> None:
        check = take_in(offer, found(LinkState.MOVED, 200, "https://northshop.example/new"))
        linkhealth.take_over_address(check)
        offer.refresh_from_db()
        assert offer.url == "https://northshop.example/new"

    def test_no_strange_address_is_taken_over(self, offer: Offer) -> None:
        check = take_in(offer, found(LinkState.MOVED, 200, "https://elsewhere.example/new"))
        with pytest.raises(Exception, match=r"not on northshop\.example"):
            linkhealth.take_over_address(check)

    def test_whose_turn_it_is(self, offer: Offer) -> None:
        linkhealth.begin_missing()
        assert LinkCheck.objects.due(timezone.now()).count() == 2
        take_in(offer, found(LinkState.FINE, 200))
        assert LinkCheck.objects.due(timezone.now()).count() == 1
        assert LinkCheck.objects.due(timezone.now() + timedelta(hours=25)).count() == 2
        Offer.objects.filter(pk=offer.pk).update(is_paused=True)
        assert LinkCheck.objects.due(timezone.now() + timedelta(hours=25)).count() == 1


@pytest.mark.django_db
def test_a_run_looks_and_stores(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def look(self: Host, wanted: Wanted) -> Found:
        seen.append(wanted.address)
        return Found(LinkState.FINE, "Words.", 200, wanted.address)

    monkeypatch.setattr(linkprobe.Host, "look", look)
    assert linkhealth.run(pause=0) == {LinkState.FINE: 2}
    assert len(seen) == 2
    assert linkhealth.run(pause=0) == {}
