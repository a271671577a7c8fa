"""Where something is used, in Chromium: below a form, and when somebody wants to delete it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crampinfo.editorial.roles import Role
from tests.browser.conftest import Served, barriers

pytestmark = pytest.mark.browser

TWO_DRAFTS = """
from articles.models import Article
first = Article.objects.first()
for slug, body in (("used", "<p>Words.</p>"), ("using", '<p><a href="/guides/used/">First</a></p>')):
    Article.objects.create(slug=slug, title=f"About {slug}", body=body, author=first.author, topic=first.topic)
"""


def to_the_end(page: Page) -> None:
    """The buttons stick to the window and would lie on the rows."""
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")


def test_a_form_says_where_and_what_is_used_is_not_deleted(desk: Any, served: Served) -> None:
    served.manage("shell", "--verbosity", "0", "-c", TWO_DRAFTS)
    editor = desk(Role.EDITOR)
    found = []
    editor.goto("/admin/products/product/?o=1")
    editor.locator('#result_list a[href*="/change/"]').first.click()
    expect(editor.locator(".whereused[open]")).to_contain_text("judges it")
    to_the_end(editor)
    found += barriers(editor)
    editor.set_viewport_size({"width": 390, "height": 844})
    assert editor.evaluate("document.documentElement.scrollWidth <= innerWidth")
    to_the_end(editor)
    editor.set_viewport_size({"width": 1280, "height": 900})

    editor.goto("/admin/editorial/topic/")
    editor.locator('#result_list a[href*="/change/"]').first.click()
    expect(editor.locator(".whereused-rows")).to_be_hidden()
    editor.locator(".whereused summary").focus()
    editor.keyboard.press("Enter")
    expect(editor.locator(".whereused-rows")).to_be_visible()
    to_the_end(editor)
    found += barriers(editor)

    editor.goto("/admin/articles/article/?q=About+used")
    editor.get_by_role("link", name="About used").click()
    expect(editor.locator("#id_slug_helptext")).to_contain_text("1 text links here")
    editor.get_by_role("link", name="Delete").click()
    expect(editor.get_by_role("heading", level=1)).to_have_text("Not deleted: still in use")
    found += barriers(editor)
    editor.emulate_media(color_scheme="dark")
    found += barriers(editor)
    editor.get_by_role("link", name="About using").click()
    expect(editor.get_by_role("heading", level=1)).to_have_text("About using")
    assert found == []
