"""Takes the pictures of docs/ anew, from a demo site that is running (make run); needs Chromium and requirements-dev.

.venv/bin/python -m scripts.docs_pictures [--address http://127.0.0.1:8000] [--accounts FILE] [name ...]
"""

from __future__ import annotations

import argparse
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import chromium

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
REFERENCES = "#editorial-citation-content_type-object_id-group"
TO_THE_TOP = "element => scrollTo(0, element.getBoundingClientRect().top + scrollY - 80)"
COLOURS = 256  # screens have few; a palette makes the files a quarter of the size


@dataclass(frozen=True)
class Shot:
    """One picture: what it is called, who looks at what, and how much of it (pixels)."""

    name: str
    account: str
    path: str
    width: int = 1280
    height: int = 900
    scheme: str = "light"
    scroll_to: str = ""
    click: str = ""


SHOTS = (
    Shot("admin-home", "publisher", "/admin/", height=760),
    Shot("admin-guide", "publisher", "/admin/articles/article/2/change/", height=1000),
    Shot("admin-stopped", "editor", "/admin/articles/question/add/", height=900, click="Check only"),
    Shot("admin-references", "publisher", "/admin/articles/article/2/change/", scroll_to=REFERENCES),
    Shot("admin-scores", "reviewer", "/admin/reviews/review/1/change/", scroll_to=".score-grid"),
    Shot("admin-product", "editor", "/admin/products/product/3/change/", scroll_to="#ingredients-group"),
    Shot("admin-offers", "affiliate-manager", "/admin/products/offer/", height=800),
    Shot("admin-placement", "affiliate-manager", "/admin/products/placement/add/", height=1000),
    Shot("admin-home-money", "affiliate-manager", "/admin/", height=700),
)  # fmt: skip


def main() -> None:
    """Take all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--accounts", type=Path, default=ROOT / "var" / "demo-accounts.json")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    passwords: dict[str, str] = json.loads(options.accounts.read_text(encoding="utf-8"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path(), args=list(chromium.FLAGS))
        keys: dict[str, Any] = {}
        for shot in SHOTS:
            if not options.names or shot.name in options.names:
                _take(browser, options.address, shot, passwords, keys)
        browser.close()


def _take(browser: Browser, address: str, shot: Shot, passwords: dict[str, str], keys: dict[str, Any]) -> None:
    if shot.account not in keys:
        keys[shot.account] = _sign_in(browser, address, shot.account, passwords[shot.account])
    size: Any = {"width": shot.width, "height": shot.height}
    scheme: Any = shot.scheme
    context = browser.new_context(
        base_url=address, viewport=size, color_scheme=scheme, storage_state=keys[shot.account], reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(shot.path)
    page.wait_for_load_state("networkidle")
    if shot.click:
        _begin_a_text(page)
        page.get_by_role("button", name=shot.click).click()
        page.wait_for_load_state("networkidle")
    if shot.scroll_to:
        page.locator(shot.scroll_to).first.evaluate(
            "element => scrollTo(0, element.getBoundingClientRect().top + scrollY - 80)"
        )
    _save(page.screenshot(), FOLDER / f"{shot.name}.png")
    context.close()


def _sign_in(browser: Browser, address: str, account: str, password: str) -> Any:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/admin/")
    page.locator("#id_login").fill(account)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")
    page.wait_for_url("**/admin/")
    state = context.storage_state()
    context.close()
    return state


def _begin_a_text(page: Page) -> None:
    """A question with a placeholder left in it, as it happens."""
    page.locator("#id_title").fill("Do compression socks cause cramps?")
    page.locator("#id_slug").fill("do-compression-socks-cause-cramps")
    page.locator("#id_summary").fill("What is known about socks.")
    page.locator("#id_key_answer").fill("Nobody has shown that they do. TODO: say who looked.")
    for field, words in (("author", "Maren"), ("topic", "Accessories")):
        page.locator(f".select2-selection:has(#select2-id_{field}-container)").click()
        page.locator(".select2-search__field").last.fill(words)
        page.locator(".select2-results__option", has_text=words).first.click()
    page.locator(".ProseMirror").click()
    page.keyboard.type("Socks press on the calf.")


def _save(shot: bytes, path: Path) -> None:
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
