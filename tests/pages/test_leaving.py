"""Leaving through /go/: where it leads, what is counted, and that nothing of the visitor is kept (rules section 8)."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from products import clicks as counting
from products.models import ClickCount, Merchant, Offer, Product
from tests.pages.reading import Page, get, visible

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture
def link(pages: dict[str, Page]) -> str:
    """The first counted link of the isolated list."""
    return str(pages["/lists/magnesium-supplements/"].all("[data-rank-item] a[href^='/go/']")[0]["href"])


@pytest.fixture
def offer(link: str) -> Offer:
    return Offer.objects.select_related("merchant", "programme", "product").get(pk=link.split("/")[2])


def follow(link: str, **headers: str) -> Page:
    return get(link, **{"User-Agent": BROWSER, **headers})


def clicks() -> int:
    counting.flush()
    return sum(ClickCount.objects.values_list("count", flat=True))


def test_it_works(link: str, offer: Offer) -> None:
    page = follow(link)
    assert page.status == 302
    assert page.headers["Location"] == f"/demo-shop/{offer.pk}/"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.cookies == []
    assert len(page.queries) <= 2
    counting.flush()
    count = ClickCount.objects.get()
    assert (count.offer_id, count.page, count.day, count.count) == (
        offer.pk, "list-magnesium-supplements", timezone.localdate(), 1,
    )  # fmt: skip


def test_a_real_shop_is_reached_at_its_stored_address(link: str, offer: Offer) -> None:
    """PRIV-02: with our partner code and nothing else, the same for everybody."""
    Merchant._base_manager.update(is_demo=False)
    places = {
        follow(link, **extra).headers["Location"]
        for extra in (
            {},
            {"Referer": "https://elsewhere.example/?secret=1"},
            {"Cookie": "visitor=1"},
            {"Accept-Language": "es"},
        )
    }
    assert len(places) == 1
    target = urlsplit(places.pop())
    stored = urlsplit(offer.url)
    assert (target.scheme, target.netloc, target.path) == (stored.scheme, stored.netloc, stored.path)
    added = set(parse_qsl(target.query)) - set(parse_qsl(stored.query))
    assert {name for name, _ in added} <= set(offer.programme.allowed_parameters)


def test_nothing_in_the_address_changes_where_it_leads(link: str) -> None:
    """SEO-LINK-03: no open redirect."""
    for query in ("url=https://evil.example/", "next=//evil.example", "to=javascript:alert(1)"):
        assert follow(f"{link}?{query}").headers["Location"].startswith("/demo-shop/")


def test_clicks_are_one_row_a_place_and_day(link: str) -> None:
    for _ in range(3):
        follow(link)
    counting.flush()
    assert list(ClickCount.objects.values_list("count", flat=True)) == [3]


def test_the_table_has_no_room_for_a_visitor() -> None:
    """PRIV-01."""
    assert {field.name for field in ClickCount._meta.fields} == {"id", "offer", "page", "slot", "day", "count"}


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": ""},
        {"Sec-Purpose": "prefetch"},
        {"Purpose": "prefetch"},
    ],
)
def test_machines_are_sent_on_and_not_counted(headers: dict[str, str], link: str) -> None:
    assert follow(link, **headers).status == 302
    assert clicks() == 0


def test_asking_for_the_head_alone_counts_nothing(link: str) -> None:
    assert Client().head(link, headers={"User-Agent": BROWSER}).status_code == 302
    assert clicks() == 0


def test_only_reading_is_allowed(link: str) -> None:
    assert Client().post(link).status_code == 405
    assert clicks() == 0


def test_an_unknown_offer_is_not_found(link: str) -> None:
    source = link.split("/")[3]
    page = follow(f"/go/999999/{source}/")
    assert page.status == 404
    assert "This offer does not exist." in page.text


@pytest.mark.parametrize(
    "source", ["list-magnesium-supplements.row~AAAAAAAA", "x", "list-a.row", "review-x.row~12345678", "~", "."]
)
def test_a_place_that_we_never_wrote_is_not_found(source: str, offer: Offer) -> None:
    assert follow(f"/go/{offer.pk}/{source}/").status == 404
    assert clicks() == 0


def test_a_mark_holds_for_one_place_alone(link: str) -> None:
    changed = link.replace("list-magnesium-supplements", "list-accessories")
    assert follow(changed).status == 404


@pytest.mark.parametrize("how", ["ended", "paused", "recalled"])
def test_what_has_ended_is_gone(how: str, link: str, offer: Offer) -> None:
    if how == "ended":
        Offer._base_manager.filter(pk=offer.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    elif how == "paused":
        Offer._base_manager.filter(pk=offer.pk).update(is_paused=True)
    else:
        Product._base_manager.filter(pk=offer.product_id).update(
            recalled_on=timezone.localdate(), recall_notice="Glass."
        )
    page = follow(link)
    assert page.status == 410
    assert page.headers["Cache-Control"] == "no-store"
    assert page.is_noindex
    assert offer.product.name in page.text
    assert not page.is_commercial
    assert clicks() == 0


def test_it_is_kept_from_crawlers_once() -> None:
    """SEO-LINK-03: by robots.txt, and not by a header that nobody would see then."""
    assert "Disallow: /go/" in get("/robots.txt").html.splitlines()


def test_direct_programmes_are_linked_themselves_and_not_counted(pages: dict[str, Page]) -> None:
    """Their terms forbid redirects."""
    direct = Offer.objects.filter(programme__link_mode="direct").values_list("pk", flat=True)
    assert direct
    links = {str(link["href"]) for page in pages.values() for link in page.all("a[data-aff]")}
    assert not {link for link in links if link.startswith("/go/") and int(link.split("/")[2]) in direct}
    assert {f"/demo-shop/{number}/" for number in direct} & links


def test_the_demo_shop_says_what_it_is(offer: Offer) -> None:
    page = get(f"/demo-shop/{offer.pk}/")
    assert page.status == 200
    assert offer.merchant.name in visible(page.one("main"))
    assert page.is_noindex
    assert not page.is_commercial


def test_a_real_shop_has_no_demo_page(offer: Offer) -> None:
    Merchant._base_manager.update(is_demo=False)
    assert get(f"/demo-shop/{offer.pk}/").status == 404
