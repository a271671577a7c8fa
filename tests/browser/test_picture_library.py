"""What comes into the admin in Chromium: a picture, from its file to the reader; a table, from its file to the list."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from crampinfo.editorial.roles import Role
from tests.browser.conftest import Served, barriers

pytestmark = pytest.mark.browser

ALT = "A calf against a wall"


def photo(alt_size: tuple[int, int] = (900, 600)) -> dict[str, Any]:
    """A file as a browser sends it."""
    made = BytesIO()
    shade = Image.linear_gradient("L").resize(alt_size)
    Image.merge("RGB", (shade, shade.rotate(180), Image.radial_gradient("L").resize(alt_size))).save(made, "JPEG")
    return {"name": "calf.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def body(page: Page) -> str:
    value: str = page.locator("#id_body").input_value()
    return value


def test_a_picture_goes_from_its_file_to_the_reader(desk: Any, served: Served) -> None:
    editor = desk(Role.EDITOR)
    found = []
    editor.goto("/admin/editorial/picture/")
    found += barriers(editor)
    editor.get_by_role("link", name="Add picture").click()
    found += barriers(editor)
    editor.get_by_label("File").set_input_files(photo())
    editor.get_by_label("Alternative text").fill(ALT)
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.locator(".messagelist")).to_contain_text(f"In the library: {ALT}")

    # The focal point, without a mouse; the cuts follow.
    mark = editor.get_by_role("button", name="Focal point: 50 % from the left, 50 % from the top")
    mark.focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowUp"):
        editor.keyboard.press(key)
    expect(editor.get_by_role("button", name="Focal point: 48 % from the left, 40 % from the top")).to_be_focused()
    assert editor.locator("#id_focus_x").input_value() == "48"
    square = editor.locator('[data-crop="1/1"]')
    assert (square.get_attribute("viewBox") or "").startswith("144.0 0.0 600.0")
    stage = editor.locator(".focus-stage")
    box = stage.bounding_box()
    assert box is not None
    stage.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
    assert [editor.locator(f"#id_focus_{axis}").input_value() for axis in "xy"] == ["25", "75"]
    found += barriers(editor)
    editor.get_by_role("button", name="Save and continue editing").click()
    assert [editor.locator(f"#id_focus_{axis}").input_value() for axis in "xy"] == ["25", "75"]

    # Into a text, by the editor's own button and the keyboard.
    editor.goto("/admin/articles/question/add/")
    editor.locator("#id_title").press_sequentially("Does a wall help?")
    editor.locator("#id_summary").fill("What is known about walls.")
    editor.locator("#id_key_answer").fill("It stands still.")
    for field, words in (("author", "Maren"), ("topic", "Footwear")):
        editor.locator(f".select2-selection:has(#select2-id_{field}-container)").click()
        editor.locator(".select2-search__field").last.fill(words)
        editor.locator(".select2-results__option--highlighted").first.click()
    editor.locator(".ProseMirror").click()
    editor.keyboard.type("Lean on it.")
    editor.keyboard.press("Enter")
    editor.get_by_role("button", name="picture from the library").click()
    dialog = editor.get_by_role("dialog", name="Picture from the library")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    editor.keyboard.type("calf against")
    expect(dialog.get_by_role("status")).to_have_text("1 picture")
    dialog.get_by_role("radio", name=ALT).focus()
    editor.keyboard.press("Space")
    expect(dialog.get_by_label("What it shows here")).to_have_value(ALT)
    dialog.get_by_label("Caption, if any").fill("Ten seconds a leg.")
    found += barriers(editor)
    dialog.get_by_role("button", name="Insert the picture").press("Enter")
    expect(dialog).to_have_count(0)
    expect(editor.locator(".ProseMirror figure img")).to_have_js_property("naturalWidth", 900)
    figure = f'alt="{ALT}"><figcaption>Ten seconds a leg.</figcaption></figure>'
    assert '<figure><img data-picture="' in body(editor)
    assert figure in body(editor)
    assert "src=" not in body(editor)
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.locator(".messagelist")).to_contain_text("Saved: Does a wall help?")
    expect(editor.locator(".ProseMirror figure img")).to_be_visible()
    assert editor.locator(".prose-plain").count() == 0, "the text survives the editor"

    # As readers will see it.
    address = editor.url.replace("/change/", "/preview/page/")
    editor.goto(address)
    picture = editor.get_by_role("img", name=ALT)
    picture.scroll_into_view_if_needed()
    assert [picture.get_attribute(name) for name in ("width", "height")] == ["900", "600"]
    expect(picture).to_have_js_property("naturalWidth", 900)
    expect(editor.locator("figcaption", has_text="Ten seconds a leg.")).to_be_visible()
    assert found == []


def test_a_picture_is_uploaded_and_changed_without_leaving_the_text(desk: Any) -> None:
    editor = desk(Role.EDITOR)
    editor.goto("/admin/articles/question/add/")
    editor.locator(".ProseMirror").click()
    editor.get_by_role("button", name="picture from the library").click()
    dialog = editor.get_by_role("dialog")
    dialog.get_by_text("Upload a new one").click()
    dialog.get_by_label("File").set_input_files({**photo(), "name": "calf.png"})
    dialog.get_by_label("What it shows", exact=True).fill("A heel on a step")
    dialog.get_by_role("button", name="Upload").click()
    expect(dialog.get_by_role("alert").filter(has_text="really a JPEG")).to_be_visible()
    dialog.get_by_label("File").set_input_files(photo((640, 640)))
    dialog.get_by_role("button", name="Upload").click()
    expect(dialog.get_by_role("radio", name="A heel on a step")).to_be_checked()
    dialog.get_by_label("What it shows here").fill("")
    dialog.get_by_role("button", name="Insert the picture").click()
    expect(dialog.get_by_role("alert").filter(has_text="Say what the picture shows")).to_be_visible()
    dialog.get_by_label("What it shows here").fill("The left heel")
    dialog.get_by_role("button", name="Insert the picture").click()
    expect(editor.locator(".ProseMirror figure img")).to_have_attribute("alt", "The left heel")

    editor.locator(".ProseMirror figure img").click()
    editor.get_by_role("button", name="picture from the library").click()
    expect(dialog.get_by_role("radio", name="A heel on a step")).to_be_checked()
    dialog.get_by_label("What it shows here").fill("The right heel")
    dialog.get_by_role("button", name="Change the picture").click()
    assert body(editor).count("<figure>") == 1
    assert 'alt="The right heel"' in body(editor)
    editor.get_by_role("button", name="picture from the library").click()
    editor.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert 'alt="The right heel"' in body(editor)
    assert json.dumps(body(editor)).isascii()


def test_a_table_is_looked_at_and_imported(desk: Any) -> None:
    manager = desk(Role.AFFILIATE_MANAGER)
    found = []
    manager.goto("/admin/products/offer/")
    manager.get_by_role("link", name="Export …").click()
    found += barriers(manager)
    with manager.expect_download() as caught:
        manager.get_by_role("link", name="JSON").click()
    rows = json.loads(caught.value.path().read_text())
    manager.goto("/admin/products/offer/")
    manager.get_by_role("link", name="Import …").click()

    def look(changed: list[dict[str, str]]) -> None:
        file = {"name": "offers.json", "mimeType": "application/json", "buffer": json.dumps(changed).encode()}
        manager.get_by_label("File").set_input_files(file)
        manager.get_by_role("button", name="Show what it would do").click()

    look([{**rows[0], "url": "javascript:alert(1)"}, *rows[1:]])
    expect(manager.get_by_role("alert")).to_contain_text("One thing stops offers.json")
    expect(manager.get_by_role("alert")).to_contain_text("only http:// and https:// are allowed")
    found += barriers(manager)
    look([{**rows[0], "paused": "yes"}, *rows[1:]])
    expect(manager.locator(".outcomes ins")).to_have_text("yes")
    found += barriers(manager)
    manager.get_by_role("button", name="Import all of it").click()
    expect(manager.locator(".messagelist")).to_contain_text(f"Imported: 1 changed, {len(rows) - 1} as before.")
    look_again = {**rows[0], "paused": rows[0]["paused"]}
    manager.goto("/admin/products/offer/import/")
    look([look_again])
    manager.get_by_role("button", name="Import all of it").click()
    assert found == []
