"""Every type of page as readers meet it: no barrier, no sideways scroll, nothing from elsewhere, nothing stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.pages import demo

pytestmark = pytest.mark.browser

TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PAGES = {**demo.TYPES, "nowhere": "/nowhere/"}
COMMERCIAL = {
    "a guide with a call-out": "/guides/preventing-night-cramps/",
    "a review with a paid link": "/reviews/harrowbeck-lactate-60/",
    "an isolated list": "/lists/magnesium-supplements/",
    "an influenced list": "/lists/accessories/",
}
SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desk": (1440, 900)}
Open = Callable[..., Page]


@pytest.fixture
def read(chromium: Browser, site: str) -> Iterator[Open]:
    """Opens an address in a new context; in the end nothing may have gone wrong or come from another host."""
    contexts: list[BrowserContext] = []
    said: list[str] = []
    asked: list[str] = []

    def opened(path: str, size: tuple[int, int] = SIZES["phone"], **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(urlsplit(request.url).netloc or urlsplit(request.url).scheme))
        page.goto(f"{site}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in said if "status of 404" not in text] == []
    assert set(asked) <= {urlsplit(site).netloc, "data"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_barrier_at_any_size(read: Open, name: str, scheme: str) -> None:
    page = read(PAGES[name], color_scheme=scheme)
    for label, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        results = Axe().run(page, options=TAGS)
        assert results.violations_count == 0, f"{name}, {label}, {scheme}:\n{results.generate_report()}"


@pytest.mark.parametrize("name", PAGES)
def test_no_sideways_scroll_and_no_tiny_target(read: Open, name: str) -> None:
    page = read(PAGES[name])
    for width in (320, 360, 768):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
    tiny = page.evaluate(
        """() => [...document.querySelectorAll('a, button, input, summary')].filter(item => {
            const box = item.getBoundingClientRect()
            const inline = getComputedStyle(item).display === 'inline'
            const hidden = box.width < 2 || box.right < 0 || box.bottom < 0
            return !inline && !hidden && (box.width < 24 || box.height < 24)
        }).map(item => item.outerHTML.slice(0, 120))"""
    )
    assert tiny == [], name


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_kept_on_the_device(read: Open, name: str) -> None:
    page = read(PAGES[name])
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


@pytest.mark.parametrize("name", COMMERCIAL)
@pytest.mark.parametrize("size", [(360, 640), (1280, 800)])
def test_the_disclosure_is_seen_without_doing_anything(read: Open, name: str, size: tuple[int, int]) -> None:
    """rules.md US-DISC-03 and US-DISC-08: in the first screen, as large as the text, before the first paid link."""
    page = read(COMMERCIAL[name], size)
    strip = page.locator("[data-disclosure=top]")
    box = strip.bounding_box()
    assert box is not None
    assert box["y"] + 24 < size[1], "it starts on the first screen"
    paragraph = strip.locator("p")
    assert paragraph.evaluate("item => getComputedStyle(item).opacity") == "1"
    size_of = "item => parseFloat(getComputedStyle(item).fontSize)"
    assert paragraph.evaluate(size_of) >= page.locator("body").evaluate(size_of)
    first = page.locator("a[data-aff]").first.bounding_box()
    assert first is None or first["y"] > box["y"]


@pytest.mark.parametrize("name", COMMERCIAL)
def test_print_keeps_the_disclosure_and_the_labels(read: Open, name: str) -> None:
    page = read(COMMERCIAL[name], SIZES["desk"])
    page.emulate_media(media="print")
    assert page.locator("[data-disclosure=top]").is_visible()
    for near in page.locator("[data-disclosure=near]").all():
        assert near.is_visible()


def test_pages_work_without_scripts(read: Open) -> None:
    page = read("/lists/accessories/", SIZES["desk"], java_script_enabled=False)
    page.locator("main").get_by_role("link", name="Order without advertising").first.click()
    assert page.url.endswith("?order=editorial")
    assert page.get_by_text("No payment is applied on this page.").is_visible()
    page.get_by_role("searchbox").first.fill("charley horse")
    with page.expect_navigation():
        page.get_by_role("searchbox").first.press("Enter")
    assert "/search/?q=charley" in page.url
    assert page.locator("main li").count() > 2


def test_a_keyboard_reaches_the_content_and_shows_where_it_is(read: Open) -> None:
    page = read("/guides/preventing-night-cramps/", SIZES["desk"])
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    assert skip.evaluate("item => item === document.activeElement")
    assert (skip.bounding_box() or {"y": -1})["y"] >= 0, "it comes into view"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    for _ in range(12):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_a_paid_link_leads_to_the_demo_shop_and_is_counted_once(read: Open, site: str) -> None:
    page = read("/reviews/harrowbeck-lactate-60/", SIZES["desk"])
    link = page.locator("a[data-aff][href^='/go/']").first
    assert set((link.get_attribute("rel") or "").split()) >= {"sponsored", "nofollow", "noopener"}
    link.click()
    assert urlsplit(page.url).path.startswith("/demo-shop/")
    assert page.get_by_role("heading", name="Demo shop").is_visible()


def test_the_narrow_night_page_shows_the_first_step_at_once(read: Open) -> None:
    page = read("/now/", (360, 740), color_scheme="dark")
    box = page.locator("main li h2").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 740, "what to do stands on the first screen"
    assert page.locator("[data-aff], [data-ad-slot]").count() == 0
