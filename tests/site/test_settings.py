"""The settings file as a process reads it at its start: the defaults, production, and each value that stops it."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]
SECRET = "k" * 20 + "0123456789abcdefghijklmnopqrstuvwxyz"
PRODUCTION = {"PRODUCTION": "1", "SECRET_KEY": SECRET, "SITE_URL": "https://crampinfo.example"}
OURS = (
    *(
        "PRODUCTION",
        "SHOWCASE",
        "DEBUG",
        "SECRET_KEY",
        "SITE_NAME",
        "SITE_URL",
        "ALLOWED_HOSTS",
        "MARKETS",
        "TIME_ZONE",
    ),
    *(
        "ALLOW_INFLUENCED_LISTS",
        "SCORE_ADJUSTMENT_CAP",
        "SINGLE_OPERATOR",
        "CLICK_FILTER_CRAWLERS",
        "PAGE_CACHE_SECONDS",
        "PAGE_CACHE_MB",
        "MAX_STALE",
        "SPARE_ROOT",
    ),
    *("EMAIL_HOST", "EMAIL_SECURITY", "EMAIL_PORT", "EMAIL_USER", "EMAIL_PASSWORD", "EMAIL_FROM"),
    *("DATABASE_URL", "REDIS_URL", "STATIC_ROOT", "MEDIA_ROOT", "SECURE_SSL_REDIRECT", "CONN_MAX_AGE"),
)
ADDRESS = "write the address readers see, such as http://crampinfo.example, without a path."
HOSTS = "write host names alone, such as crampinfo.example,www.crampinfo.example."
DATABASES = "use sqlite:///path/to/file or postgres://user:password@host:5432/name."


class Start:
    """Reads the settings as a fresh process would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, var: Path) -> None:
        self.monkeypatch = monkeypatch
        for name in OURS:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("VAR_DIR", str(var))

    def __call__(self, **environment: str) -> dict[str, Any]:
        for name, value in environment.items():
            self.monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "crampinfo" / "settings.py"))

    def refusal(self, **environment: str) -> str:
        with pytest.raises(ImproperlyConfigured) as caught:
            self(**environment)
        return str(caught.value)


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Start:
    return Start(monkeypatch, tmp_path)


def test_it_works(start: Start) -> None:
    found = start()
    assert (found["PRODUCTION"], found["SHOWCASE"], found["DEBUG"], found["TESTING"]) == (False, False, False, False)
    assert (found["ALLOW_INFLUENCED_LISTS"], found["SCORE_ADJUSTMENT_CAP"]) == (False, Decimal(0))
    assert (found["MARKETS"], found["CLICK_FILTER_CRAWLERS"]) == (("EU", "US"), True)


def test_production(start: Start) -> None:
    found = start(**PRODUCTION)
    assert (found["SITE_HOST"], found["ALLOWED_HOSTS"]) == ("crampinfo.example", ["crampinfo.example"])
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    assert found["SECURE_SSL_REDIRECT"]
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000


def test_no_cookie_reaches_a_script(start: Start) -> None:
    found = start()
    assert found["SESSION_COOKIE_HTTPONLY"]
    assert found["CSRF_COOKIE_HTTPONLY"]


def test_nothing_is_loaded_from_elsewhere(start: Start) -> None:
    """No other host, nothing inline; a nonce enters the header only where a page of the admin asks for one."""
    policy = start()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert {source for sources in policy.values() for source in sources} <= {SELF, NONE, NONCE, "data:"}
    assert policy["default-src"] == [SELF]
    assert [name for name, sources in policy.items() if "data:" in sources] == ["img-src"]


def test_mail_is_printed_until_there_is_a_server(start: Start) -> None:
    found = start()
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    found = start(**PRODUCTION, EMAIL_HOST="mail.example", EMAIL_SECURITY="tls")
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"], found["EMAIL_PORT"]) == (False, True, 465)
    assert found["DEFAULT_FROM_EMAIL"] == "noreply@crampinfo.example"


def test_the_showcase_is_refused_in_production(start: Start) -> None:
    assert start.refusal(**PRODUCTION, SHOWCASE="1") == (
        "SHOWCASE shows invented products as if they were real: it is refused in production."
    )


def test_debugging_is_refused_in_production(start: Start) -> None:
    assert start.refusal(**PRODUCTION, DEBUG="1") == "DEBUG prints secrets to strangers: it is refused in production."


def test_production_needs_a_secret(start: Start) -> None:
    assert start.refusal(PRODUCTION="1", SITE_URL="https://crampinfo.example") == (
        "SECRET_KEY is missing: make one with `openssl rand -hex 40` and keep it secret."
    )


def test_production_needs_its_address(start: Start) -> None:
    assert start.refusal(PRODUCTION="1", SECRET_KEY=SECRET) == (
        "SITE_URL is '': write the address readers see, such as https://crampinfo.example, without a path."
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PRODUCTION", "maybe", "PRODUCTION is 'maybe': write 1 for yes or 0 for no."),
        ("SHOWCASE", "2", "SHOWCASE is '2': write 1 for yes or 0 for no."),
        ("DEBUG", "x", "DEBUG is 'x': write 1 for yes or 0 for no."),
        ("SINGLE_OPERATOR", "si", "SINGLE_OPERATOR is 'si': write 1 for yes or 0 for no."),
        ("ALLOW_INFLUENCED_LISTS", "y", "ALLOW_INFLUENCED_LISTS is 'y': write 1 for yes or 0 for no."),
        ("CLICK_FILTER_CRAWLERS", "-1", "CLICK_FILTER_CRAWLERS is '-1': write 1 for yes or 0 for no."),
        ("SITE_URL", "crampinfo", f"SITE_URL is 'crampinfo': {ADDRESS}"),
        ("ALLOWED_HOSTS", "*", f"ALLOWED_HOSTS holds '*': {HOSTS}"),
        ("MARKETS", "EU,FR", "MARKETS is 'EU,FR': choose from US, EU, GB."),
        ("SCORE_ADJUSTMENT_CAP", "2.1", "SCORE_ADJUSTMENT_CAP is '2.1': it must be a number from 0 to 2."),
        ("SCORE_ADJUSTMENT_CAP", "0.25", "SCORE_ADJUSTMENT_CAP is '0.25': it has at most one decimal."),
        ("TIME_ZONE", "London", "TIME_ZONE is 'London': write a time zone such as Europe/London."),
        ("REDIS_URL", "localhost", "REDIS_URL is not a Redis address: write one such as redis://127.0.0.1:6379/0."),
        ("PAGE_CACHE_SECONDS", "5000", "PAGE_CACHE_SECONDS is '5000': it must be a whole number from 0 to 3600."),
        ("EMAIL_SECURITY", "ssl", "EMAIL_SECURITY is 'ssl': choose from starttls, tls, none."),
        ("EMAIL_PORT", "0", "EMAIL_PORT is '0': it must be a whole number from 1 to 65535."),
        ("EMAIL_FROM", "The desk", "EMAIL_FROM is 'The desk': write an address alone, such as desk@crampinfo.example."),
        ("DATABASE_URL", "oracle://x", f"DATABASE_URL starts with 'oracle': {DATABASES}"),
    ],
)  # fmt: skip
def test_a_wrong_value_stops_the_start(start: Start, name: str, value: str, sentence: str) -> None:
    assert start.refusal(**{name: value}) == sentence


def test_a_process_ends_with_the_sentence(tmp_path: Path) -> None:
    """What a person at a terminal sees: a failed start whose last line says what to write."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**environment, "VAR_DIR": str(tmp_path), "SCORE_ADJUSTMENT_CAP": "lots"},
    )  # fmt: skip
    assert done.returncode == 1
    assert (
        done.stderr.strip().split("\n")[-1].endswith("SCORE_ADJUSTMENT_CAP is 'lots': it must be a number from 0 to 2.")
    )


def test_a_production_process_passes_every_deployment_check(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    secret = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" * 3
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**environment, **PRODUCTION, "SECRET_KEY": secret, "VAR_DIR": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
