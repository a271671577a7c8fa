"""/go/: leaves for the stored address alone, is counted, and keeps nothing of whoever left."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from products import clicks
from products.clicks import Source
from products.models import ClickCount, Offer
from tests import factories

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture
def offer() -> Offer:
    return factories.offer(factories.product())


@pytest.fixture
def reader() -> Client:
    return Client(headers={"user-agent": FIREFOX})


def path(offer: Offer, page: str = "list-magnesium", slot: str = "row") -> str:
    return f"/go/{offer.pk}/{Source(page, slot)}/"


def counted() -> int:
    clicks.flush()
    return sum(ClickCount.objects.values_list("count", flat=True))


def test_it_works(offer: Offer, reader: Client) -> None:
    answer = reader.get(path(offer))
    assert (answer.status_code, answer["Location"]) == (302, "https://northshop.example/p/acme-100")
    assert answer["Cache-Control"] == "no-store"
    clicks.flush()
    row = ClickCount.objects.get()
    assert (row.offer, row.page, row.slot, row.day, row.count) == (
        offer,
        "list-magnesium",
        "row",
        timezone.localdate(),
        1,
    )


def test_no_cookie_is_set(offer: Offer, reader: Client) -> None:
    answer = reader.get(path(offer))
    assert not answer.cookies
    assert "Set-Cookie" not in answer


def test_two_readers_are_sent_the_same_way(offer: Offer, reader: Client) -> None:
    other = Client(
        headers={"user-agent": "Mozilla/5.0 (Macintosh) Safari/605", "accept-language": "es"}, REMOTE_ADDR="203.0.113.9"
    )
    assert reader.get(path(offer))["Location"] == other.get(path(offer))["Location"]
    assert counted() == 2


@pytest.mark.parametrize("query", ["?url=https://evil.example/", "?next=//evil.example", "?to=javascript:alert(1)"])
def test_no_other_address_is_taken(offer: Offer, reader: Client, query: str) -> None:
    assert reader.get(path(offer) + query)["Location"] == "https://northshop.example/p/acme-100"


def test_our_partner_code_goes_along(reader: Client) -> None:
    factories.programme(partner_parameter="ref", partner_code="us")
    answer = reader.get(path(factories.offer(factories.product())))
    assert answer["Location"] == "https://northshop.example/p/acme-100?ref=us"


def test_not_once_the_programme_is_over(reader: Client) -> None:
    terms = factories.programme(partner_parameter="ref", partner_code="us")
    offer = factories.offer(factories.product())
    terms.is_paused = True
    terms.save()
    assert reader.get(path(offer)).status_code == 410
    terms.keeps_plain_links = True
    terms.save()
    assert reader.get(path(offer))["Location"] == "https://northshop.example/p/acme-100"


def test_an_invented_shop_is_a_page_of_ours(offer: Offer, reader: Client) -> None:
    offer.merchant.is_demo = True
    offer.merchant.save()
    answer = reader.get(path(offer))
    assert (answer.status_code, answer["Location"]) == (302, f"/demo-shop/{offer.pk}/")
    shop = reader.get(answer["Location"])
    assert shop.status_code == 200
    assert shop["X-Robots-Tag"] == "noindex, follow"
    assert counted() == 1


def test_a_real_shop_has_no_such_page(offer: Offer, reader: Client) -> None:
    assert reader.get(f"/demo-shop/{offer.pk}/").status_code == 404


class TestUnknown:
    @pytest.mark.parametrize("number", ["999999", "0", "99999999999999999999999"])
    def test_offer(self, reader: Client, number: str) -> None:
        assert reader.get(f"/go/{number}/{Source('list-a', 'row')}/").status_code == 404
        assert reader.get(f"/demo-shop/{number}/").status_code == 404

    @pytest.mark.parametrize("source", ["x", "list-a.row", "list-a.row~abcdefgh", "list-a.row~" + "a" * 500])
    def test_source(self, offer: Offer, reader: Client, source: str) -> None:
        assert reader.get(f"/go/{offer.pk}/{source}/").status_code == 404
        assert counted() == 0

    def test_source_of_another_page(self, offer: Offer, reader: Client) -> None:
        mark = str(Source("list-a", "row")).rpartition("~")[2]
        assert reader.get(f"/go/{offer.pk}/list-b.row~{mark}/").status_code == 404

    def test_number(self, reader: Client) -> None:
        assert reader.get(f"/go/abc/{Source('list-a', 'row')}/").status_code == 404


class TestEnded:
    def check(self, offer: Offer, reader: Client) -> None:
        answer = reader.get(path(offer))
        assert (answer.status_code, answer["Cache-Control"]) == (410, "no-store")
        assert "Location" not in answer
        assert counted() == 0

    def test_ended(self, offer: Offer, reader: Client) -> None:
        offer.ends_at = timezone.now()
        offer.save()
        self.check(offer, reader)

    def test_paused(self, offer: Offer, reader: Client) -> None:
        offer.is_paused = True
        offer.save()
        self.check(offer, reader)

    def test_recalled(self, offer: Offer, reader: Client) -> None:
        offer.product.recalled_on, offer.product.recall_notice = timezone.localdate(), "Glass."
        offer.product.save()
        self.check(offer, reader)


class TestNotCounted:
    """Machines reach the shop too; they are no readers."""

    @pytest.mark.parametrize("agent", [GOOGLEBOT, "", "curl/8.5.0"])
    def test_crawlers(self, offer: Offer, agent: str) -> None:
        assert Client(headers={"user-agent": agent}).get(path(offer)).status_code == 302
        assert counted() == 0

    @pytest.mark.parametrize(
        "header",
        [
            {"sec-purpose": "prefetch"},
            {"sec-purpose": "prefetch;prerender"},
            {"purpose": "prefetch"},
            {"x-moz": "prefetch"},
        ],
    )
    def test_prefetches(self, offer: Offer, reader: Client, header: dict[str, str]) -> None:
        assert reader.get(path(offer), headers=header).status_code == 302
        assert counted() == 0

    def test_a_look_at_the_head(self, offer: Offer, reader: Client) -> None:
        answer = reader.head(path(offer))
        assert (answer.status_code, answer["Location"]) == (302, "https://northshop.example/p/acme-100")
        assert counted() == 0

    @pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
    def test_other_methods(self, offer: Offer, reader: Client, method: str) -> None:
        assert getattr(reader, method)(path(offer)).status_code == 405
        assert counted() == 0


def test_without_the_filter_everything_is_counted(offer: Offer, settings: Any) -> None:
    """CLICK_FILTER_CRAWLERS=0: the browser's name is not even looked at (rules.md PRIV-04)."""
    settings.CLICK_FILTER_CRAWLERS = False
    for headers in ({"user-agent": GOOGLEBOT}, {"user-agent": ""}, {"sec-purpose": "prefetch"}):
        Client(headers=headers).get(path(offer))
    assert counted() == 3
    Client().head(path(offer))
    assert counted() == 3


def test_a_count_that_fails_keeps_nobody(offer: Offer, reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ClickCount.objects.all().delete()
    monkeypatch.setattr(ClickCount._meta, "db_table", "no_such_table")
    assert reader.get(path(offer)).status_code == 302
