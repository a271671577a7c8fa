"""The buttons of a form in Chromium: in reach, and never over what somebody is typing in."""

from __future__ import annotations

from typing import Any

import pytest

from crampinfo.editorial.roles import Role

GUIDE = "/admin/articles/article/2/change/"

# What is focused, and what a finger would meet in its middle: the same, something in it, or something it is in.
COVERED = """() => {
    const focused = document.activeElement;
    const box = focused.getBoundingClientRect();
    if (!box.width || !box.height) return null;
    const bar = document.querySelector(".moving, .submit-row");
    if (bar.contains(focused)) return null;
    const limit = bar.getBoundingClientRect().top;
    return box.top >= limit - 1 ? focused.outerHTML.slice(0, 120) : null;
}"""


@pytest.mark.parametrize("size", [{"width": 1280, "height": 720}, {"width": 768, "height": 1024}])
def test_the_buttons_never_stand_before_what_has_the_focus(size: Any, desk: Any) -> None:
    """WCAG 2.2, 2.4.11: somebody who goes through the form by keyboard sees where they are."""
    page = desk(Role.PUBLISHER)
    page.set_viewport_size(size)
    page.goto(GUIDE)
    page.wait_for_load_state("networkidle")
    bar = page.locator(".moving")
    assert bar.bounding_box()["y"] < size["height"], "The buttons are not in reach."
    page.locator("#id_title").focus()
    hidden = []
    for _ in range(60):
        page.keyboard.press("Tab")
        covered = page.evaluate(COVERED)
        if covered:
            hidden.append(covered)
    assert page.evaluate("scrollY") > 0
    assert hidden == []


def test_on_a_phone_the_buttons_leave_the_screen_to_the_form(desk: Any) -> None:
    page = desk(Role.PUBLISHER)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(GUIDE)
    page.wait_for_load_state("networkidle")
    assert page.locator(".moving").bounding_box()["y"] > 844
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
