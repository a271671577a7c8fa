"""Debian's Chromium, quiet: where it is and how it is started, for every test that looks through a browser."""

from __future__ import annotations

import shutil

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def path() -> str:
    """Where it is; says what to install when it is not there."""
    found = shutil.which("chromium")
    assert found, "Chromium is missing: install Debian's package chromium (apt-get install chromium)."
    return found
