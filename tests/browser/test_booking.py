"""A placement in Chromium: booked, approved by a second person, seen on the row it touched, ended, and gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from crampinfo.editorial.roles import Role
from tests.browser.conftest import barriers

LIST = "/lists/accessories/"
PRODUCT = "Tovemark Cork Ball"


def choose(page: Page, field: str, words: str) -> None:
    """Search an autocomplete for the beginning of some words, and pick what says them."""
    page.locator(f".select2-selection:has(#select2-id_{field}-container)").click()
    page.locator(".select2-search__field").last.fill(words.split()[0])
    page.locator(".select2-results__option", has_text=words).first.click()


def row(page: Page) -> Any:
    """The product's row, as a reader without an account gets it."""
    return page.locator(".rows > li, .rows > .row").filter(has_text=PRODUCT).first


def test_a_booking_shows_on_its_row_and_is_taken_away(desk: Any, chromium: Any, site: str) -> None:
    seller = desk(Role.AFFILIATE_MANAGER)
    seller.goto("/admin/products/placement/add/")
    seller.locator("#id_advertiser").press_sequentially("Boxwood Sports")
    expect(seller.locator("#id_slug")).to_have_value("boxwood-sports")
    choose(seller, "slot", "paid addition to a shown score")
    choose(seller, "product", PRODUCT)
    today = timezone.localdate()
    for name, day in (("starts", today - timedelta(days=1)), ("ends", today + timedelta(days=20))):
        seller.locator(f"#id_{name}_at_0").fill(day.isoformat())
        seller.locator(f"#id_{name}_at_1").fill("08:00")
    seller.locator("#id_adjustment").fill("0.3")
    seller.get_by_role("button", name="Save and continue editing").click()
    expect(seller.locator("#content")).to_contain_text("Boxwood Sports: A paid addition")
    booked = seller.url
    found = barriers(seller)

    context = chromium.new_context(base_url=site, viewport={"width": 390, "height": 844})
    reader = context.new_page()
    reader.goto(LIST)
    expect(row(reader)).not_to_contain_text("Boxwood Sports")

    publisher = desk(Role.PUBLISHER)
    publisher.goto(booked)
    publisher.get_by_role("button", name="Approve").click()
    expect(publisher.locator(".messagelist")).to_contain_text("approved")

    def seen(expected: bool, path: str = LIST) -> None:
        reader.wait_for_timeout(2_100)  # what is kept of a page goes within two seconds
        reader.goto(path)
        check = expect(row(reader))
        (check.to_contain_text if expected else check.not_to_contain_text)("Paid by Boxwood Sports")

    seen(True)
    expect(row(reader)).to_contain_text("0.3 paid")
    seen(False, f"{LIST}?order=editorial")

    seller.goto(booked)
    seller.get_by_role("link", name="End early").click()
    seller.get_by_label("Why").fill("They asked us to.")
    seller.locator("#content").get_by_role("button").last.click()
    seen(False)
    reader.goto("/transparency/")
    expect(reader.locator("main")).to_contain_text("Boxwood Sports")
    context.close()
    assert found == []
