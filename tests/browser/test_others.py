"""What others say of a text, in Chromium: an expert without an account, and colleagues with their notes."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, expect

from crampinfo.editorial.roles import Role
from tests.browser.conftest import Served, barriers

DRAFT = """
from articles.models import Question
from crampinfo.editorial import workflow
from crampinfo.editorial.models import Author, Topic
made = Question.objects.create(
    slug="asked-outside", title="Does a warm bath help?", summary="What is known about baths.",
    key_answer="Nobody has tried it.", body="<p>It is warm.</p>",
    author=Author.objects.first(), topic=Topic.objects.filter(sensitive=False).first(),
)
workflow.submit(made)
print(made.pk)
"""


def test_colleagues_note_and_answer(desk: Any, served: Served) -> None:
    editor = desk(Role.EDITOR)
    editor.goto("/admin/articles/article/1/change/")
    editor.get_by_role("link", name="Leave a note").click()
    editor.get_by_label("About").select_option(label="Title")
    editor.get_by_label("Note", exact=True).fill("Could it be shorter?")
    editor.get_by_role("button", name="Leave the note").click()
    publisher = desk(Role.PUBLISHER)
    publisher.goto("/admin/articles/article/1/notes/")
    publisher.get_by_text("Answer", exact=True).first.click()
    publisher.get_by_label("Answer").fill("It could.")
    found = barriers(publisher)
    publisher.get_by_role("button", name="Answer").click()
    expect(publisher.locator(".note-reply")).to_contain_text("It could.")
    publisher.get_by_role("button", name="Resolve").click()
    expect(publisher.locator(".is-resolved")).to_contain_text("resolved by desk-publisher")
    publisher.emulate_media(color_scheme="dark")
    found += barriers(publisher)
    assert found == []


def test_an_expert_reads_and_answers(desk: Any, served: Served, chromium: Browser) -> None:
    key = served.manage("shell", "--verbosity", "0", "-c", DRAFT).split()[-1]
    publisher = desk(Role.PUBLISHER)
    publisher.goto(f"/admin/articles/question/{key}/change/")
    publisher.get_by_role("link", name="Ask an expert without an account").click()
    publisher.get_by_label("Name").fill("Dr Ada Berg")
    publisher.get_by_role("button", name="Make the link").click()
    link = publisher.get_by_label("Link", exact=True).input_value()
    found = barriers(publisher)

    phone = chromium.new_context(viewport={"width": 390, "height": 844})
    page = phone.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Please read this text")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Does a warm bath help?")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found += barriers(page)
    page.get_by_label("No, it goes back to its authors").check()
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what has to change")
    expect(page.get_by_label("No, it goes back to its authors")).to_be_checked()
    page.get_by_label("Note").fill("How warm? Name the trial.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answer is on record")
    found += barriers(page)
    page.goto(link)
    expect(page.locator("main")).to_contain_text("The link takes no second answer")
    assert phone.cookies() == []
    phone.close()

    publisher.goto(f"/admin/articles/question/{key}/change/")
    expect(publisher.locator(".panel .state")).to_have_text("Draft")
    publisher.goto(f"/admin/articles/question/{key}/history/")
    expect(publisher.locator("main, #content").first).to_contain_text("How warm? Name the trial.")
    assert [text for text in said if "status of 422" not in text] == []
    assert found == []
