"""The admin as each role meets it, in Chromium: nothing refused, no barrier found by axe, texts survive the editor."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crampinfo.editorial.roles import Role
from tests.browser.conftest import barriers, publish, start_of_the_text

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("role", "scheme"),
    [*((role, "light") for role in Role), (Role.PUBLISHER, "dark"), (Role.AFFILIATE_MANAGER, "dark")],
)
def test_no_barrier_on_the_way(role: Role, scheme: str, desk: Any) -> None:
    page = desk(role, color_scheme=scheme)
    found = barriers(page)
    for address in (
        "/admin/articles/article/",
        "/admin/articles/article/2/change/",
        "/admin/articles/article/2/history/",
        "/admin/reviews/review/1/change/",
        "/admin/products/product/1/change/",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found += barriers(page)
    assert found == []


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.EDITOR, "/admin/articles/question/add/"),
        (Role.REVIEWER, "/admin/reviews/score/add/?review=1"),
        (Role.REVIEWER, "/admin/reviews/methodology/1/change/"),
        (Role.REVIEWER, "/admin/reviews/methodologyversion/add/?methodology=1"),
        (Role.AFFILIATE_MANAGER, "/admin/products/offer/1/change/"),
        (Role.AFFILIATE_MANAGER, "/admin/products/placement/add/"),
        (Role.AFFILIATE_MANAGER, "/admin/products/offer/?price=stale"),
        (Role.PUBLISHER, "/admin/reviews/ranking/1/change/"),
        (Role.PUBLISHER, "/admin/articles/article/retire/?ids=1,2"),
        (Role.PUBLISHER, "/admin/articles/page/1/change/"),
        (Role.COMPLIANCE, "/admin/editorial/disclosure/add/"),
        (Role.COMPLIANCE, "/admin/editorial/ledgerentry/"),
        (Role.MEDICAL_REVIEWER, "/admin/editorial/medicalreview/add/"),
    ],
)
def test_no_barrier_on_the_pages_of_a_role(role: Role, address: str, desk: Any) -> None:
    page = desk(role)
    assert page.goto(address).status == 200
    page.wait_for_load_state("networkidle")
    assert barriers(page) == []


@pytest.mark.parametrize("width", [768, 1280])
def test_nothing_runs_out_of_the_page(width: int, desk: Any) -> None:
    page = desk(Role.PUBLISHER)
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/admin/", "/admin/articles/article/2/change/", "/admin/reviews/review/1/change/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address


def test_every_text_of_the_demo_survives_the_editor(desk: Any) -> None:
    page = desk(Role.PUBLISHER)
    kinds = ("articles/article", "articles/question", "articles/page", "reviews/review")
    seen = 0
    for kind in kinds:
        page.goto(f"/admin/{kind}/")
        links = page.locator("#result_list tbody th a").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        for address in links:
            page.goto(address)
            expect(page.locator(".prose-editor .ProseMirror")).to_be_visible()
            assert page.locator(".prose-plain").count() == 0, address
            seen += 1
    assert seen > 30


def body(page: Page) -> str:
    value: str = page.locator("#id_body").input_value()
    return value


def test_an_offer_a_tip_and_a_figure_survive_typing(desk: Any) -> None:
    page = desk(Role.EDITOR)
    page.goto("/admin/articles/question/add/")
    given = (
        '<p>One <a data-offer="7">at a shop</a>. [@garrison-2020]</p><aside class="tip"><p>Try it.</p></aside>'
        '<p>[figure:stretch-wall]</p><ol start="4"><li>Four</li></ol>'
        '<table><thead><tr><th scope="col">A</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>'
    )
    page.evaluate(
        """html => { const field = document.querySelector('#id_body');
        field.closest('.prose-editor').querySelector('.ProseMirror').editor.commands.setContent(html) }""",
        given,
    )
    page.locator(".ProseMirror p").last.click()
    assert body(page) == "" or body(page) == given
    start_of_the_text(page, "Control+Home")
    page.keyboard.type("Here: ")
    assert body(page) == given.replace("<p>One", "<p>Here: One")


def test_a_paste_from_a_word_processor_keeps_words_and_structure_alone(desk: Any) -> None:
    page = desk(Role.EDITOR)
    page.goto("/admin/articles/question/add/")
    page.locator(".ProseMirror").click()
    page.evaluate(
        """() => { const data = new DataTransfer()
        data.setData('text/html', `<html><head><style>p {color: red}</style></head><body class="WordSection1">
        <h2 style="mso-list:none">Heading</h2><p class="MsoNormal" style="margin:0cm">Some <b style="color:red">bold</b>
        <o:p>&nbsp;</o:p></p><script>alert(1)</script>
        <ul type="disc"><li class="MsoListParagraph">Point</li></ul></body></html>`)
        document.querySelector('.ProseMirror').dispatchEvent(
            new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})) }"""
    )
    pasted = body(page)
    assert "<h2>Heading</h2>" in pasted
    assert "<strong>bold</strong>" in pasted
    assert "<li>Point</li>" in pasted
    for leftover in ("Mso", "style", "script", "o:p", "class"):
        assert leftover not in pasted


def test_a_question_is_written_stopped_mended_and_published(desk: Any) -> None:
    editor = desk(Role.EDITOR)
    editor.goto("/admin/articles/question/add/")
    editor.locator("#id_title").press_sequentially("Do compression socks cause cramps?")
    expect(editor.locator("#id_slug")).to_have_value("do-compression-socks-cause-cramps")
    editor.locator("#id_summary").fill("What is known about socks.")
    editor.locator("#id_key_answer").fill("Nobody has shown that they do.")
    choose(editor, "author", "Maren")
    choose(editor, "topic", "Footwear")
    editor.locator(".ProseMirror").click()
    editor.keyboard.type("TODO")
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.locator(".messagelist")).to_contain_text("Saved: Do compression socks cause cramps?")
    editor.get_by_role("button", name="Check only").click()
    expect(editor.locator(".panel .findings")).to_contain_text("TODO")
    editor.locator(".ProseMirror").click()
    editor.keyboard.press("Control+A")
    editor.keyboard.type("Socks press on the calf. No trial has looked at cramps.")
    editor.keyboard.press("Enter")
    editor.get_by_role("button", name="Insert table").click()
    editor.keyboard.type("Sock")
    editor.get_by_text("Add another Citation").click()
    choose(editor, "editorial-citation-content_type-object_id-0-reference", "garrison 2020")
    editor.get_by_role("button", name="Hand in for review").click()
    expect(editor.locator(".panel .state")).to_have_text("In review")

    publisher = desk(Role.PUBLISHER)
    publisher.get_by_role("link", name="Do compression socks cause cramps?").first.click()
    expect(publisher.locator(".ProseMirror table th").first).to_have_text("Sock")
    publish(publisher)
    publisher.get_by_role("link", name="View on site").click()
    expect(publisher.get_by_role("heading", level=1)).to_have_text("Do compression socks cause cramps?")
    expect(publisher.locator("main table th").first).to_have_text("Sock")


def choose(page: Page, field: str, words: str) -> None:
    """Pick what an autocomplete offers first for some words."""
    page.locator(f".select2-selection:has(#select2-id_{field}-container)").click()
    page.locator(".select2-search__field").last.fill(words)
    page.locator(".select2-results__option--highlighted, .select2-results__option[aria-selected]").first.click()


def test_references_move_by_keyboard(desk: Any) -> None:
    page = desk(Role.PUBLISHER)
    page.goto("/admin/articles/article/2/change/")
    group = page.locator(".inline-group", has_text="References, in the order of the list")
    first, second = group.locator("tr.form-row").nth(0), group.locator("tr.form-row").nth(1)
    names = [first.locator("select").input_value(), second.locator("select").input_value()]
    first.get_by_role("button", name="Move down").focus()
    page.keyboard.press("Enter")
    rows = group.locator("tr.form-row")
    assert [rows.nth(n).locator("select").input_value() for n in (0, 1)] == names[::-1]
    assert [rows.nth(n).locator("input[name$=-position]").input_value() for n in (0, 1)] == ["1", "2"]


def test_doses_follow_the_typing(desk: Any) -> None:
    page = desk(Role.REVIEWER)
    page.goto("/admin/products/product/")
    page.locator("#result_list tbody th a", has_text="Oxide").first.click()
    row = page.locator("#ingredients-group tr.form-row:not(.empty-form)").first
    row.locator("input[name$=-compound_mg]").fill("1000")
    expect(row.locator("output.elemental")).to_have_text("603 mg")
    expect(row.locator("output.of-limits")).to_contain_text("%")


def test_the_admin_works_without_a_mouse(desk: Any) -> None:
    page = desk(Role.EDITOR)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    page.goto("/admin/articles/article/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
