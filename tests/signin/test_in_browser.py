"""Sign-in as people meet it, in Chromium: passkeys of a virtual device, no script refused, no barrier found by axe."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from crampinfo.editorial.models import Topic
from crampinfo.editorial.roles import Role
from tests.browser.conftest import STANDS_STILL
from tests.signin.people import PASSWORD, account, code, give_app, give_recovery_codes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@pytest.fixture(scope="session", autouse=True)
def _orm_beside_the_browser() -> None:
    """Playwright runs a loop in this thread to the end; the ORM is still only used between its steps."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture
def publisher() -> User:
    return account(Role.PUBLISHER)


@pytest.fixture
def go(page: Page, live_server: Any) -> Iterator[Callable[[str], None]]:
    """Opens an address; in the end, nothing may have been refused by the policy or failed in a script."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield lambda path: page.goto(f"{live_server.url}{path}") and None
    assert [text for text in said if "status of 403" not in text] == []


@pytest.fixture
def owner_device(page: Page) -> tuple[CDPSession, str]:
    """A phone or laptop that keeps passkeys and knows its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    found = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session, str(found["authenticatorId"])


def sign_in(page: Page, name: str = "ines") -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page: Page, name: str, *, alone: bool = True) -> None:
    page.get_by_label("Its name").fill(name)
    page.get_by_label("Sign in with this passkey alone").set_checked(alone)
    page.get_by_role("button", name="Add passkey").click()


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


@pytest.mark.usefixtures("strict", "publisher", "owner_device")
def test_a_passkey_opens_the_admin_and_signs_in_alone(page: Page, go: Callable[[str], None]) -> None:
    go("/admin/articles/article/")
    sign_in(page)
    expect(heading(page)).to_have_text("Your sign-in")
    page.get_by_role("link", name="Add a passkey").click()
    add_passkey(page, "Blue key")
    expect(heading(page)).to_have_text("Recovery codes")
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them: go to the admin").click()
    expect(heading(page)).to_have_text("What needs you now")

    go("/admin/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    go("/accounts/login/?next=/admin/articles/article/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile(r"\d/admin/articles/article/$"))
    expect(heading(page)).to_be_visible()

    go("/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("Blue key")
    page.get_by_role("link", name="Rename Blue key").click()
    page.get_by_label("Its name").fill("Green key")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Green key").click()
    expect(page.get_by_role("alert")).to_contain_text("Set up another one first")


@pytest.mark.usefixtures("publisher", "owner_device")
def test_a_passkey_is_the_second_step_after_the_password(page: Page, go: Callable[[str], None]) -> None:
    go("/accounts/2fa/webauthn/add/")
    sign_in(page)
    add_passkey(page, "Phone", alone=False)
    expect(heading(page)).to_have_text("Recovery codes")
    page.locator("header").get_by_role("button", name="Sign out").click()
    sign_in(page)
    expect(heading(page)).to_have_text("Second step")
    page.get_by_role("button", name="Use your passkey").click()
    expect(heading(page)).to_have_text("What needs you now")
    go("/accounts/2fa/webauthn/reauthenticate/?next=/accounts/2fa/webauthn/")
    page.get_by_role("button", name="Use your passkey").click()
    expect(heading(page)).to_have_text("Your passkeys")
    page.get_by_role("link", name="Remove Phone").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")


@pytest.mark.usefixtures("publisher")
def test_a_passkey_that_fails_says_so_in_the_page(
    page: Page, go: Callable[[str], None], owner_device: tuple[CDPSession, str]
) -> None:
    session, name = owner_device
    session.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": False})
    go("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
    sign_in(page)
    expect(heading(page)).to_have_text("What needs you now")


@pytest.mark.usefixtures("publisher", "owner_device")
def test_a_passkey_of_an_account_that_is_gone_says_so(page: Page, go: Callable[[str], None]) -> None:
    go("/accounts/2fa/webauthn/add/")
    sign_in(page)
    add_passkey(page, "Phone")
    expect(heading(page)).to_have_text("Recovery codes")
    User.objects.all().delete()
    page.context.clear_cookies()
    go("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("This passkey is not known here.")


def test_an_address_of_numbers_is_explained(page: Page, go: Callable[[str], None], live_server: Any) -> None:
    page.goto(f"{live_server.url}/accounts/login/".replace("localhost", "127.0.0.1"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("open this page as “localhost”")


@pytest.mark.usefixtures("strict", "publisher")
def test_an_app_opens_the_admin(page: Page, go: Callable[[str], None]) -> None:
    go("/admin/")
    sign_in(page)
    page.get_by_role("link", name="Set up an app").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert page.get_by_role("img", name="QR code").evaluate("image => image.naturalWidth") > 0
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Start using the app").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the code for this secret")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Start using the app").click()
    expect(heading(page)).to_have_text("Recovery codes")


@pytest.mark.usefixtures("publisher")
def test_a_form_that_comes_too_late_is_not_lost(
    page: Page, go: Callable[[str], None], context: BrowserContext, live_server: Any
) -> None:
    go("/admin/editorial/topic/add/")
    sign_in(page)
    page.locator("#id_name").fill("Cramps at night")
    elsewhere = context.new_page()
    elsewhere.goto(f"{live_server.url}/accounts/logout/")
    elsewhere.locator("main").get_by_role("button", name="Sign out").click()
    page.locator("[name=_save]").first.click()
    expect(heading(page)).to_have_text("Not saved yet")
    with context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    sign_in(opened.value)
    expect(heading(opened.value)).to_have_text("What needs you now")
    page.get_by_role("button", name="Save what I wrote").click()
    expect(page.locator("main")).to_contain_text("send it once more")
    page.get_by_role("button", name="Save what I wrote").click()
    page.wait_for_url("**/admin/editorial/topic/")
    assert Topic.objects.get().name == "Cramps at night"


@pytest.mark.browser_context_args(java_script_enabled=False)
@pytest.mark.usefixtures("publisher")
def test_without_scripts_password_and_codes_work(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    secret = give_app(User.objects.get())
    sign_in(page)
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(heading(page)).to_have_text("What needs you now")
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/add/")
    expect(page.locator("main")).to_contain_text("Passkeys need JavaScript")


PAGES = (
    "2fa/", "2fa/totp/activate/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/", "2fa/webauthn/",
    "2fa/webauthn/add/", "password/change/", "logout/", "reauthenticate/", "2fa/reauthenticate/",
    "2fa/webauthn/reauthenticate/",
)  # fmt: skip


@pytest.mark.usefixtures("publisher", "owner_device")
def test_no_page_has_a_barrier_or_a_sideways_scroll(page: Page, go: Callable[[str], None]) -> None:
    give_recovery_codes(User.objects.get())
    go("/accounts/login/")
    look(page)
    page.get_by_label("User name").fill("ines")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    look(page)
    go("/accounts/inactive/")
    look(page)
    go("/accounts/2fa/webauthn/add/")
    sign_in(page)
    add_passkey(page, "Phone")
    expect(heading(page)).to_have_text("Your sign-in")
    for path in PAGES:
        go(f"/accounts/{path}")
        expect(heading(page)).to_be_visible()
        look(page)
    for link in ("Rename Phone", "Remove Phone"):
        go("/accounts/2fa/webauthn/")
        page.get_by_role("link", name=link).click()
        look(page)
    go("/admin/auth/user/")  # refused
    look(page)
    go("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    sign_in(page)
    expect(heading(page)).to_have_text("Second step")
    look(page)


def look(page: Page) -> None:
    """axe in both themes, on a phone and on a desk."""
    for width, theme in ((360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
        page.evaluate(STANDS_STILL)
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == [], (page.url, width, theme)
