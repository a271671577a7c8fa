"""A text on its way through several hands, as an editor and a publisher meet it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from crampinfo.editorial.roles import Role
from tests.browser.conftest import barriers


def to_the_end(page: Page) -> None:
    """Where the bar with the buttons covers nothing: axe measures what can be seen of each link."""
    page.evaluate("() => scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")


def test_a_guide_is_handed_over_and_comes_back(desk: Any) -> None:
    editor = desk(Role.EDITOR)
    editor.goto("/admin/articles/article/?language__exact=en-gb&state__exact=published&o=2")
    editor.locator("#result_list tbody th a").last.click()
    editor.wait_for_load_state()
    editor.locator("#id_key_answer").fill("Stretch the calf first.")
    editor.get_by_text("Hand over: a note").click()
    editor.get_by_label("Note").fill("Is this still what the trials say?\nThe second one is new.")
    editor.get_by_label("To:", exact=True).select_option(label="desk-publisher")
    editor.get_by_label("Due").fill((datetime.now(UTC) + timedelta(days=2)).date().isoformat())
    to_the_end(editor)
    assert barriers(editor) == []
    editor.get_by_role("button", name="Hand in for review").click()
    expect(editor.locator(".has-it h2")).to_have_text("desk-publisher has it")

    publisher = desk(Role.PUBLISHER, color_scheme="dark")
    assert barriers(publisher) == []
    publisher.locator("#handed-title + table a").first.click()
    expect(publisher.locator(".has-it h2")).to_have_text("You have it")
    expect(publisher.locator(".handed-note")).to_contain_text("Is this still what the trials say?")
    publisher.get_by_role("button", name="Back to draft").click()
    expect(publisher.locator(".errornote ~ ul, .errorlist").first).to_contain_text("Say what is to be mended")
    expect(publisher.locator(".hand-over .errors")).to_contain_text("Say what is to be mended")
    to_the_end(publisher)
    assert barriers(publisher) == []
    publisher.get_by_label("Note").fill("Cite the newer one.")
    publisher.get_by_label("To:", exact=True).select_option(label="desk-editor")
    publisher.get_by_role("button", name="Back to draft").click()
    expect(publisher.locator(".has-it h2")).to_have_text("desk-editor has it")

    editor.goto("/admin/")
    expect(editor.locator("#handed-title + table")).to_contain_text("Cite the newer one.")
    editor.locator("#handed-title + table a").first.click()
    editor.get_by_role("link", name="History").click()
    expect(editor.locator(".handovers tbody tr")).to_have_count(2)
    expect(editor.locator(".handovers tbody tr").first).to_contain_text(re.compile("In review → Draft"))
    assert barriers(editor) == []
