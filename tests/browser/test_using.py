"""Using the site: quietly, by keyboard, without scripts, with large text, and leaving it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.chromium import FLAGS, path
from tests.pages import demo

pytestmark = pytest.mark.browser

LOOK = Path(__file__).parent / "looking.js"
PHONE = {"width": 360, "height": 640}
WALKED = {name: demo.TYPES[name] for name in ("home", "a guide", "an influenced list", "a review", "search", "now")}


@pytest.fixture
def reader(chromium: Browser, site: str) -> Iterator[BrowserContext]:
    """Somebody with a phone, who has never been here and does not like motion."""
    context = chromium.new_context(base_url=site, viewport=PHONE, reduced_motion="reduce")
    context.add_init_script(path=LOOK)
    yield context
    context.close()


@pytest.fixture
def bare(chromium: Browser, site: str) -> Iterator[BrowserContext]:
    """Somebody whose browser runs no scripts."""
    context = chromium.new_context(base_url=site, viewport=PHONE, java_script_enabled=False)
    yield context
    context.close()


@pytest.mark.parametrize("name", demo.TYPES)
def test_nothing_is_refused_missing_or_kept(name: str, reader: BrowserContext, site: str) -> None:
    """No violation of the policy, no answer above 399, no picture that did not come, nothing on the device."""
    failed: list[str] = []

    def answered(response: Response) -> None:
        if response.status >= 400 or urlsplit(response.url).netloc != urlsplit(site).netloc:
            failed.append(f"{response.status} {response.url}")

    page = reader.new_page()
    page.on("response", answered)
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(demo.TYPES[name])
    assert failed == []
    assert page.evaluate("refused") == []
    assert page.evaluate("look.broken()") == []
    assert reader.cookies() == []
    kept = page.evaluate("look.kept()")
    assert kept == {"cookie": "", "local": 0, "session": 0, "databases": 0, "caches": 0, "workers": 0}


@pytest.mark.parametrize("name", WALKED)
def test_the_skip_link_comes_first_and_works(name: str, reader: BrowserContext) -> None:
    page = reader.new_page()
    page.goto(WALKED[name])
    page.keyboard.press("Tab")
    focus = page.evaluate("look.focus()")
    assert 'href="#main"' in focus["html"]
    assert focus["inside"]
    assert focus["ring"]
    page.keyboard.press("Enter")
    assert urlsplit(page.url).fragment == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#main').contains(document.activeElement)")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", WALKED)
def test_focus_is_always_seen(name: str, width: int, reader: BrowserContext) -> None:
    """A11Y-05: a ring, on the screen, under nothing, on the way through a whole page."""
    page = reader.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(WALKED[name])
    hidden, steps = [], 0
    while steps < 200:
        page.keyboard.press("Tab")
        focus = page.evaluate("look.focus()")
        if focus["tag"] == "BODY":
            break
        steps += 1
        if not focus["ring"] or not focus["inside"] or focus["covered"]:
            hidden.append(focus)
    assert hidden == []
    assert 10 < steps < 200, "it ends, and there is something to reach"


@pytest.mark.parametrize("name", demo.TYPES)
def test_it_can_be_read_without_scripts(name: str, bare: BrowserContext) -> None:
    """Promise 8."""
    page = bare.new_page()
    answer = page.goto(demo.TYPES[name])
    assert answer is not None
    assert answer.status == 200
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("footer")).to_be_visible()
    assert page.locator("[data-disclosure]").count() == page.locator("[data-disclosure]:visible").count()


def test_details_open_without_scripts(bare: BrowserContext) -> None:
    page = bare.new_page()
    page.goto("/lists/magnesium-supplements/")
    details = page.locator("[data-rank-item] details").first
    details.locator("summary").click()
    expect(details.locator(":scope > div")).to_be_visible()


def test_the_same_products_without_advertising(bare: BrowserContext) -> None:
    page = bare.new_page()
    page.goto("/lists/accessories/")
    shown = _products(page)
    page.get_by_role("link", name="Order without advertising").first.click()
    page.wait_for_url("**/?order=editorial")
    assert sorted(shown) == sorted(_products(page))
    assert shown != _products(page)


def _products(page: Page) -> list[str]:
    return page.locator("[data-ranking] li.row h3").all_inner_texts()


def test_leaving_keeps_nothing(reader: BrowserContext) -> None:
    """PRIV-03: after a paid link, too."""
    page = reader.new_page()
    page.goto("/lists/magnesium-supplements/")
    page.locator("[data-rank-item] a[data-aff]").first.click()
    page.wait_for_url("**/demo-shop/**")
    assert reader.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_references_lead_there_and_back(reader: BrowserContext) -> None:
    page = reader.new_page()
    page.goto("/guides/preventing-night-cramps/")
    mark = page.locator("sup.cite a").first
    anchor = str(mark.get_attribute("href"))
    mark.click()
    assert f"#{urlsplit(page.url).fragment}" == anchor
    expect(page.locator(anchor)).to_be_in_viewport()
    page.locator(f"{anchor} a.backlink").first.click()
    assert urlsplit(page.url).fragment == mark.get_attribute("id")


def test_paper_leaves_out_what_paper_cannot_do(reader: BrowserContext) -> None:
    page = reader.new_page()
    page.emulate_media(media="print")
    page.goto("/lists/accessories/")
    assert page.locator(".site-nav").is_hidden()
    expect(page.locator("h1")).to_be_visible()
    assert len(page.pdf(format="A4")) > 10_000


@pytest.mark.parametrize("name", WALKED)
def test_wide_spacing_cuts_nothing(name: str, reader: BrowserContext) -> None:
    """SC 1.4.12."""
    page = reader.new_page()
    page.goto(WALKED[name])
    page.evaluate("look.space()")
    assert page.evaluate("look.overflow()") == []


def test_text_twice_as_large_cuts_nothing(chromium: Browser, site: str) -> None:
    """SC 1.4.4: a reader whose browser is set to 32 pixels."""
    flags = [*FLAGS, "--blink-settings=defaultFontSize=32"]
    browser = chromium.browser_type.launch(executable_path=path(), args=flags)
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    context.add_init_script(path=LOOK)
    page = context.new_page()
    found: dict[str, Any] = {}
    for name, address in WALKED.items():
        page.goto(address)
        found[name] = page.evaluate("look.overflow()")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 30, "the setting counts here"
    browser.close()
    assert found == dict.fromkeys(WALKED, [])


@pytest.mark.parametrize("name", WALKED)
def test_nothing_moves_by_itself(name: str, reader: BrowserContext) -> None:
    """A11Y-12."""
    page = reader.new_page()
    page.goto(WALKED[name])
    assert page.evaluate("document.getAnimations().filter((one) => one.playState === 'running').length") == 0
    assert page.locator("video, audio, marquee, [autoplay]").count() == 0
