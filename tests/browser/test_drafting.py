"""Drafts of changes as an editor and a publisher meet them: a crash, a second reader, and what the public sees."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, expect

from crampinfo.editorial.roles import Role
from tests.browser.conftest import barriers


def test_a_live_guide_is_changed_by_two_people(desk: Any, chromium: Browser, site: str) -> None:
    editor = desk(Role.EDITOR)
    editor.goto("/admin/articles/article/?language__exact=en-gb&state__exact=published&o=1")
    editor.locator("#result_list tbody th a").first.click()
    editor.wait_for_load_state()
    address = editor.url.split("?")[0]
    reader = chromium.new_context(base_url=site).new_page()
    reader.goto(editor.get_by_role("link", name="View on site").get_attribute("href"))
    before = reader.locator("main").inner_text()

    # The lid closes before anything is saved.
    editor.locator("#id_key_answer").fill("Stretch the calf. Nothing else is as sure.")
    expect(editor.locator(".autosave-said")).to_contain_text("Your words are kept", timeout=15000)
    editor.goto("about:blank")
    editor.goto(address)
    editor.get_by_role("link", name="Restore them into the form").click()
    expect(editor.locator("#id_key_answer")).to_have_value("Stretch the calf. Nothing else is as sure.")
    editor.get_by_role("button", name="Hand in for review").click()
    expect(editor.locator(".messagelist")).to_contain_text("Readers see the page as it was")
    assert editor.get_by_role("button", name="Approve").count() == 0
    assert barriers(editor) == []
    reader.reload()
    assert reader.locator("main").inner_text() == before

    # The second person finds it on the home page, looks at what changes, and approves.
    publisher = desk(Role.PUBLISHER)
    publisher.locator("#changes-title ~ table a").first.click()
    publisher.get_by_role("link", name="See what changes").click()
    expect(publisher.locator(".differences ins").first).to_contain_text("Stretch the calf.")
    assert barriers(publisher) == []
    publisher.get_by_role("link", name="Back to the form").click()
    publisher.get_by_role("button", name="Approve").click()
    expect(publisher.locator(".messagelist")).to_contain_text("The changes are approved")

    # Thrown away after asking; the page is what it was, and History can open what once was.
    publisher.get_by_role("link", name="Throw the changes away").click()
    assert barriers(publisher) == []
    publisher.get_by_role("button", name="Throw them away").click()
    expect(publisher.locator(".messagelist")).to_contain_text("The draft of changes is gone")
    assert publisher.locator(".draft-of-changes").count() == 0
    reader.reload()
    assert reader.locator("main").inner_text() == before
    reader.context.close()
