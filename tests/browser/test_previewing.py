"""Preview, two tabs and a session that ends, in Chromium: readers' page in a frame, and no word lost on any way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from crampinfo.editorial.roles import Role
from tests.browser.conftest import Served, barriers, publish, start_of_the_text

pytestmark = pytest.mark.browser

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
REVIEW = "/admin/reviews/review/{}/change/"
PASSWORD = "seven-quiet-calves-stretch"
# Drafts of our own, so that no other test meets what these leave behind; and somebody who signs in with a password.
MAKE = f"""
import json
from articles.models import Article, FaqEntry, Question
from crampinfo.editorial.models import Author, Citation, Reference, Topic
from crampinfo.editorial.roles import Role
from reviews.models import Review
from tests.admin.people import account

def draft(model, slug, **more):
    made = model.objects.create(
        slug=slug, title="Do " + slug + " help?", summary="What is known of " + slug + ".",
        key_answer="Nobody has shown that.",
        body="<h2>What is known</h2><p>Little is known. [@garrison-2020]</p><h2>What then</h2><p>Stretch.</p>",
        author=Author.objects.first(), topic=Topic.objects.get(slug="night-cramps"), **more)
    Citation.objects.create(content=made, reference=Reference.objects.get(slug="garrison-2020"), position=1)
    return made

made = {{name: draft(Question, name).pk for name in ("socks", "stockings", "slippers")}}
guide = draft(Article, "boots")
for number, words in enumerate(("First", "Second"), 1):
    FaqEntry.objects.create(article=guide, position=number, question=words + "?", answer=words + " answer.")
late = account(Role.EDITOR, name="late-editor")
late.set_password("{PASSWORD}")
late.save()
made |= {{"boots": guide.pk, "review": Review.objects.get(product__slug="harrowbeck-lactate-60").pk}}
print(json.dumps(made))
"""


@pytest.fixture(scope="module")
def made(served: Served) -> dict[str, int]:
    """The numbers of our drafts on the running site, and of a review with a paid link."""
    found: dict[str, int] = json.loads(served.manage("shell", "--verbosity", "0", "-c", MAKE))
    return found


def question(number: int) -> str:
    return f"/admin/articles/question/{number}/change/"


def preview(page: Page) -> Frame:
    """Press the button and wait for what the frame then holds."""
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.locator(".preview-said")).to_have_text("As it stands in the form. Nothing is saved.")
    frame = page.frame(name="preview")
    assert frame is not None
    return frame


def read(place: Page | Frame) -> tuple[str, int]:
    """What stands there, and how high it is: a style sheet or picture that is missing would show."""
    place.wait_for_load_state("networkidle")
    return place.locator("body").inner_text(), place.evaluate("document.documentElement.scrollHeight")


# --- preview --------------------------------------------------------------------------------------------------


def test_it_shows_at_both_widths_what_readers_get_once_it_is_published(
    desk: Any, made: dict[str, int], chromium: Browser, site: str
) -> None:
    page = desk(Role.PUBLISHER)
    page.goto(question(made["socks"]))
    page.locator("#id_title").fill("Do warm socks help at night?")
    start_of_the_text(page)
    page.keyboard.type("Typed a moment ago. ")
    frame = preview(page)
    expect(frame.locator("main")).to_contain_text("Typed a moment ago. Little is known.")
    assert frame.evaluate("innerWidth") == PHONE["width"]
    on_phone = read(frame)
    page.get_by_label("Desktop").check()
    assert frame.evaluate("innerWidth") == DESK["width"]
    on_desk = read(frame)
    page.get_by_role("button", name="Close").click()
    publish(page)
    expect(page.locator(".messagelist")).to_contain_text("Do warm socks help at night?")
    reader = chromium.new_page(viewport=PHONE)
    reader.goto(f"{site}/questions/socks/")
    assert read(reader) == on_phone
    # The frame is less high than a window: what is measured is the page, which is higher than both.
    reader.set_viewport_size(DESK)
    assert read(reader) == on_desk
    reader.close()


def test_it_stands_beside_the_form_and_follows_the_typing(desk: Any, made: dict[str, int]) -> None:
    page = desk(Role.EDITOR)
    page.goto(question(made["stockings"]))
    frame = preview(page)
    frame.evaluate("scrollTo({top: 120, behavior: 'instant'})")
    page.locator("#id_title").fill("Typed beside the preview")
    page.get_by_role("button", name="Update").click()
    expect(page.frame_locator("iframe[name=preview]").locator("h1")).to_have_text("Typed beside the preview")
    fresh = page.frame(name="preview")
    fresh.wait_for_load_state()
    expect(page.locator(".preview-said")).to_contain_text("Nothing is saved.")
    assert fresh.evaluate("scrollY") == 120
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    box, dialog = page.locator("#id_title").bounding_box(), page.locator("dialog.preview").bounding_box()
    assert box["x"] + box["width"] <= dialog["x"]
    page.locator("dialog.preview").press("Escape")
    expect(page.locator("dialog.preview")).to_be_hidden()
    page.reload()
    expect(page.locator("#id_title")).to_have_value("Do stockings help?")


def test_a_mistake_leads_to_its_field(desk: Any, made: dict[str, int]) -> None:
    page = desk(Role.EDITOR)
    page.goto(f"/admin/articles/article/{made['boots']}/change/")
    page.locator("#id_title").fill("")
    page.locator("#id_faq-1-question").fill("")
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.locator(".preview-said")).to_have_text("Not shown yet.")
    frame = page.frame_locator("iframe[name=preview]")
    expect(frame.locator("li")).to_have_text(
        ["Title This field is required.", "FAQ entry 2, Question This field is required."]
    )
    frame.get_by_role("link", name="FAQ entry 2, Question").click()
    expect(page.locator("#id_faq-1-question")).to_be_focused()
    page.get_by_label("Desktop").check()
    frame.get_by_role("link", name="Title").click()
    expect(page.locator("#id_title")).to_be_focused()
    expect(page.locator("dialog.preview")).to_be_hidden()
    assert barriers(page) == []


def test_a_paid_link_leads_nowhere(desk: Any, made: dict[str, int]) -> None:
    page = desk(Role.PUBLISHER)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(REVIEW.format(made["review"]))
    frame = preview(page)
    expect(frame.locator("[data-disclosure=top]")).to_be_visible()
    asked.clear()
    for link in frame.locator("a[data-aff]").all():
        link.click()
    assert frame.locator("a[data-aff]").count() > 0
    assert asked == []
    with page.context.expect_page() as opened:
        frame.locator(".breadcrumb a", has_text="Reviews").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Reviews")
    expect(frame.locator("h1")).to_have_text("Harrowbeck Lactate 60")


def test_what_is_stored_is_seen_from_view_on_site(desk: Any, made: dict[str, int]) -> None:
    page = desk(Role.MEDICAL_REVIEWER)
    page.goto(question(made["slippers"]))
    page.get_by_role("link", name="View on site").click()
    expect(page.locator(".preview-said")).to_have_text("As it is stored. Readers don’t see it.")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("Do slippers help?")
    assert barriers(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barrier_in_a_preview(scheme: str, desk: Any, made: dict[str, int]) -> None:
    page = desk(Role.EDITOR, color_scheme=scheme)
    page.goto(question(made["slippers"]))
    preview(page)
    found = barriers(page)
    page.get_by_label("Desktop").check()
    assert found + barriers(page) == []


# --- two tabs -------------------------------------------------------------------------------------------------


def test_whoever_saves_second_is_told_and_loses_nothing(desk: Any, made: dict[str, int]) -> None:
    address = f"/admin/articles/article/{made['boots']}/change/"
    mine, theirs = desk(Role.EDITOR), desk(Role.PUBLISHER)
    for page in (mine, theirs):
        page.goto(address)
    theirs.locator("#id_title").fill("Her title")
    theirs.locator("#id_faq-0-answer").fill("Her first answer.")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.locator(".messagelist")).to_contain_text("Saved: Her title")
    mine.locator("#id_title").fill("My title")
    mine.locator("#id_faq-1-answer").fill("My second answer.")
    start_of_the_text(mine)
    mine.keyboard.type("My words. ")
    mine.get_by_role("button", name="Save", exact=True).click()
    box = mine.get_by_role("region", name="desk-publisher saved this at")
    expect(box.locator("del").first).to_have_text("Her title")
    expect(box.locator("ins").first).to_have_text("My title")
    expect(box.locator("dt")).to_have_text(["Title", "FAQ entry"])
    expect(mine.locator("#id_title")).to_have_value("My title")
    expect(mine.locator("#id_faq-0-answer")).to_have_value("Her first answer.")
    expect(mine.locator("#id_faq-1-answer")).to_have_value("My second answer.")
    expect(mine.locator(".ProseMirror")).to_contain_text("My words. Little is known.")
    assert barriers(mine) == []
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.locator(".messagelist")).to_contain_text("Saved: My title")
    theirs.reload()
    expect(theirs.locator("#id_title")).to_have_value("My title")
    expect(theirs.locator("#id_faq-0-answer")).to_have_value("Her first answer.")


def test_what_goes_live_while_one_writes_becomes_a_draft_of_changes(desk: Any, made: dict[str, int]) -> None:
    mine, theirs = desk(Role.EDITOR), desk(Role.PUBLISHER)
    for page in (mine, theirs):
        page.goto(question(made["stockings"]))
    publish(theirs)
    mine.locator("#id_title").fill("Too late for this title")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_role("region", name="desk-publisher saved this at")).to_contain_text("Published")
    expect(mine.locator("#id_title")).to_have_value("Too late for this title")
    assert barriers(mine) == []
    mine.get_by_role("button", name="Save as draft").click()
    expect(mine.locator(".messagelist")).to_contain_text("Readers see the page as it was")
    expect(mine.get_by_role("region", name="Draft of changes: readers don’t see this")).to_contain_text("desk-editor")


# --- a session that ends --------------------------------------------------------------------------------------


@pytest.fixture
def late(chromium: Browser, site: str) -> Iterator[Page]:
    """A page of somebody who signed in with a password, and does so again."""
    context = chromium.new_context(base_url=site, viewport=DESK)
    page = context.new_page()
    page.goto("/admin/")
    sign_in(page)
    yield page
    context.close()


def sign_in(page: Page) -> None:
    page.get_by_label("User name").fill("late-editor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs you now")


def come_back(page: Page, save: str) -> None:
    """Send the form after the session ended, sign in again in a new tab, and send what was kept."""
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name=save, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not saved yet")
    assert barriers(page) == []
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").last.click()
    sign_in(opened.value)
    opened.value.close()
    page.get_by_role("button", name="Save what I wrote").click()
    again = page.get_by_text("You have signed in again since this form was opened.")
    expect(again).to_be_visible()
    page.get_by_role("button", name="Save what I wrote").click()


def test_a_form_with_rows_outlives_its_session(late: Page, made: dict[str, int]) -> None:
    late.goto(f"/admin/articles/article/{made['boots']}/change/")
    late.locator("#id_summary").fill('Written "late" & <long>.')
    late.locator("#id_faq-0-answer").fill("Two lines\nof a row.")
    late.get_by_text("Add another FAQ entry").click()
    late.locator("#id_faq-2-question").fill("And a third?")
    late.locator("#id_faq-2-answer").fill("Yes.")
    start_of_the_text(late)
    late.keyboard.type("Late words. ")
    come_back(late, "Save")
    expect(late.locator(".messagelist")).to_contain_text("Saved: ")
    expect(late.locator("#id_summary")).to_have_value('Written "late" & <long>.')
    expect(late.locator("#id_faq-0-answer")).to_have_value("Two lines\nof a row.")
    expect(late.locator("#id_faq-2-question")).to_have_value("And a third?")
    expect(late.locator(".ProseMirror")).to_contain_text("Late words. ")


def test_of_a_form_with_a_file_all_but_the_file_outlives_its_session(late: Page, tmp_path: Path) -> None:
    picture = tmp_path / "calf.png"
    picture.write_bytes((Path("docs/pictures") / "list-influenced.png").read_bytes())
    late.goto("/admin/editorial/picture/add/")
    late.locator("#id_upload").set_input_files(picture)
    late.locator("#id_alt").fill("A calf from behind")
    late.context.clear_cookies(name="sessionid")
    late.get_by_role("button", name="Save", exact=True).click()
    expect(late.locator("main")).to_contain_text(
        "Files can’t be kept on a page. Choose them again afterwards: calf.png"
    )
    with late.context.expect_page() as opened:
        late.get_by_role("link", name="Sign in").last.click()
    sign_in(opened.value)
    opened.value.close()
    late.get_by_role("button", name="Save what I wrote").click()
    late.get_by_role("button", name="Save what I wrote").click()
    expect(late.locator(".field-upload")).to_contain_text("This field is required.")
    expect(late.locator("#id_alt")).to_have_value("A calf from behind")
    late.locator("#id_upload").set_input_files(picture)
    late.get_by_role("button", name="Save", exact=True).click()
    expect(late.locator(".messagelist")).to_contain_text("A calf from behind")


def test_a_preview_after_the_session_ended_says_what_to_do(late: Page, made: dict[str, int]) -> None:
    late.goto(question(made["slippers"]))
    late.locator("#id_title").fill("Still here")
    late.context.clear_cookies(name="sessionid")
    late.get_by_role("button", name="Preview", exact=True).click()
    expect(late.locator(".preview-said")).to_contain_text("you may have been signed out")
    expect(late.locator("#id_title")).to_have_value("Still here")
