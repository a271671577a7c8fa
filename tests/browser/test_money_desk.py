"""The affiliate desk in Chromium: a paid link from the list to the merchant, and pages without a barrier."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from crampinfo.editorial.roles import Role
from tests.browser.conftest import Served, barriers
from tests.products.shops import open_shop
from tests.products.shops import page as shop_page

pytestmark = pytest.mark.browser

COUNT = "from products.models import ClickCount; print(sum(ClickCount.objects.values_list('count', flat=True)))"


def counted(served: Served) -> int:
    return int(served.manage("shell", "--verbosity", "0", "-c", COUNT).split()[-1])


def test_a_paid_link_leads_from_the_list_to_the_merchant(served: Served, chromium: Browser) -> None:
    """Without scripts, without a cookie, counted once for its place in the list."""
    before = counted(served)
    context = chromium.new_context(
        base_url=served.address,
        java_script_enabled=False,
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    )
    page = context.new_page()
    page.goto("/lists/magnesium-supplements/")
    link = page.locator("[data-rank-item] a[data-aff][href^='/go/']").first
    assert ".row-" in str(link.get_attribute("href"))
    assert "sponsored" in str(link.get_attribute("rel"))
    link.click()
    expect(page).to_have_url(f"{served.address}/demo-shop/{str(page.url).rstrip('/').rpartition('/')[2]}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Demo shop")
    assert context.cookies() == []
    context.close()
    assert counted(served) == before + 1


MOVE = (
    "from products.models import Offer; o = Offer.objects.select_related('merchant').get(pk={pk}); m = o.merchant; "
    "print(m.host, o.url); m.host, m.is_demo = '{host}', {demo}; m.save(); o.url = '{url}'; o.save()"
)


def test_it_leads_to_a_merchant_s_own_server(served: Served, chromium: Browser) -> None:
    """A server that plays the shop gets the reader, our partner code and nothing of the reader's; 302, no-store."""
    context = chromium.new_context(base_url=served.address, user_agent="Mozilla/5.0 (X11; rv:127.0) Firefox/127.0")
    page = context.new_page()
    page.goto("/lists/magnesium-supplements/")
    link = page.locator("[data-rank-item] a[data-aff][href^='/go/']").first
    number = str(link.get_attribute("href")).split("/")[2]

    def move(host: str, url: str, *, demo: bool) -> list[str]:
        words = MOVE.format(pk=number, host=host, url=url, demo=demo)
        return served.manage("shell", "--verbosity", "0", "-c", words).split()[-2:]

    before = counted(served)
    with open_shop() as shop:
        shop.says("/p/1?ref=crampinfo", 200, shop_page("Acme 100"))
        host, url = move("127.0.0.1", f"{shop.address}/p/1", demo=False)
        try:
            with page.expect_response(lambda answer: "/go/" in answer.url) as left:
                link.click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Acme 100")
            assert page.url == f"{shop.address}/p/1?ref=crampinfo"
            assert (left.value.status, left.value.headers["cache-control"]) == (302, "no-store")
        finally:
            move(host, url, demo=True)
        assert ("GET", "/p/1?ref=crampinfo") in shop.asked
    context.close()
    assert counted(served) == before + 1


PAGES = (
    *("/admin/planning/", "/admin/money/reports/", "/admin/money/calendar/", "/admin/money/merchants/1/ending/"),
    *(
        "/admin/money/conversions/",
        "/admin/money/old-links/",
        "/admin/products/linkcheck/",
        "/admin/products/feed/add/",
    ),
)


@pytest.mark.parametrize("width", [1280, 768])
def test_no_barrier_at_the_desk(width: int, desk: Any) -> None:
    page = desk(Role.AFFILIATE_MANAGER)
    page.set_viewport_size({"width": width, "height": 900})
    found = []
    for address in PAGES:
        assert page.goto(address).status == 200
        found += barriers(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert found == []
