"""The site as `make run` serves it, and Debian's Chromium to read it with."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from crampinfo.editorial.roles import Role

ROOT = Path(__file__).resolve().parents[2]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands in this folder needs a browser. One that ran with the others would leave its event loop
    running in their process, and Django refuses its database beside one."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Served:
    """A running site: where it answers, and the settings it runs with."""

    address: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run one of the site's commands on its own database; gives what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout


@pytest.fixture(scope="session")
def site(served: Served) -> str:
    """The address of the running site."""
    return served.address


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of our own: SQLite, demo content, hashed static files, gunicorn."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environment = {
        **inherited,
        "VAR_DIR": str(tmp_path_factory.mktemp("site")),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOW_INFLUENCED_LISTS": "1",
        "SCORE_ADJUSTMENT_CAP": "0.5",
        "DJANGO_SETTINGS_MODULE": "crampinfo.settings",
    }
    running = Served(environment["SITE_URL"], environment)
    for command in (("migrate", "-v0"), ("createcachetable",), ("load_demo",), ("collectstatic", "--noinput", "-v0")):
        running.manage(*command)
    gunicorn = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "--threads", "4", "crampinfo.wsgi"]
    server = subprocess.Popen(gunicorn, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait(f"{running.address}/healthz", server)
        yield running
    finally:
        server.terminate()
        server.wait(timeout=15)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        assert server.poll() is None, "The web server ended by itself."
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, TimeoutError):
            time.sleep(0.5)
    raise AssertionError("The web server did not answer within a minute.")


@pytest.fixture(scope="session")
def chromium(browser: Browser) -> Browser:
    """One Chromium for all tests of a run, also those of other folders; each opens a context of its own."""
    return browser


# --- the admin, as each role meets it ------------------------------------------------------------------------------

# Without preloading style sheets: the policy refuses what axe does for that, and says so in the console.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"preload": False, "runOnly": {"type": "tag", "values": LEVELS}}

STANDS_STILL = "() => Promise.allSettled(document.getAnimations().map(animation => animation.finished))"


SIGN_IN = """
import json
from django.test import Client
from crampinfo.editorial.roles import Role
from tests.admin.people import account
keys = {}
for role in Role:
    client = Client()
    client.force_login(account(role, name="desk-" + role.value.lower().replace(" ", "-")))
    keys[role.value] = client.cookies["sessionid"].value
print(json.dumps(keys))
"""


@pytest.fixture(scope="session")
def keys(served: Served) -> dict[Role, str]:
    """A session for each role, stored in the database of the running site."""
    found = json.loads(served.manage("shell", "--verbosity", "0", "-c", SIGN_IN))
    return {Role(name): key for name, key in found.items()}


@pytest.fixture
def desk(site: str, chromium: Browser, keys: dict[Role, str]) -> Iterator[Any]:
    """Gives a page of somebody in a role; in the end no script may have failed and nothing have been refused."""
    said: list[str] = []
    contexts = []

    def sit_down(role: Role, **options: Any) -> Page:
        context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": keys[role], "url": site}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto("/admin/")
        expect(page.get_by_role("heading", level=1)).to_have_text("What needs you now")
        return page

    yield sit_down
    for context in contexts:
        context.close()
    assert [text for text in said if "status of 40" not in text] == []


# What the buttons of a long form stand over just now is a scroll away (test_reach holds that the focus never goes
# there), but axe measures it as if it were cut off: for its measure they stand in their place at the end.
LETS_GO = (
    """() => document.querySelectorAll(".moving, .submit-row").forEach(bar => { bar.style.position = "static"; })"""
)


def barriers(page: Page) -> list[str]:
    """What axe finds on the page once it stands still: the colours of a fading button are no colours of ours."""
    page.evaluate(STANDS_STILL)
    page.evaluate(LETS_GO)
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{page.url} {rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


# The editor takes up what a click did to the caret a moment later, and puts the caret there once more.
TAKEN_UP = """() => new Promise(done => {
    setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 150);
})"""


def start_of_the_text(page: Page, key: str = "Home") -> None:
    """Put the caret at the start of the first paragraph, as somebody does who clicks, looks, and presses a key."""
    page.locator(".ProseMirror p").first.click()
    page.evaluate(TAKEN_UP)
    page.keyboard.press(key)
    page.evaluate(TAKEN_UP)


def publish(page: Page) -> None:
    """Publish what stands in a form and cites one source: the gate warns, and takes a written reason."""
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".panel .findings")).to_contain_text("It cites fewer than three sources.")
    page.get_by_label("Why this may stand").fill("No other trial has looked at it.")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Readers see it now")
