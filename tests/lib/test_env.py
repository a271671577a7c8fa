"""Settings from the environment: what each reader takes, and the sentence it refuses with."""

from __future__ import annotations

import stat
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from crampinfo.lib import env

NAME = "CRAMPINFO_TEST_SETTING"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv(NAME, raising=False)
    return monkeypatch


def refusal(call: object) -> str:
    assert callable(call)
    with pytest.raises(ImproperlyConfigured) as caught:
        call()
    return str(caught.value)


def test_it_works(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "  words  ")
    assert env.text(NAME) == "words"


@pytest.mark.parametrize("empty", ["", "   "])
def test_an_empty_setting_counts_as_not_set(given: pytest.MonkeyPatch, empty: str) -> None:
    """Compose files hand over empty variables for what nobody set."""
    given.setenv(NAME, empty)
    assert env.text(NAME, "as before") == "as before"
    assert env.flag(NAME, default=True) is True
    assert env.whole(NAME, 60, 0, 100) == 60
    assert env.decimal(NAME, "0.5", "0", "2", places=1) == Decimal("0.5")


@pytest.mark.parametrize(
    ("raw", "value"),
    [("1", True), ("TRUE", True), (" yes ", True), ("On", True), ("0", False), ("no", False), ("Off", False)],
)
def test_a_flag(given: pytest.MonkeyPatch, raw: str, value: bool) -> None:
    given.setenv(NAME, raw)
    assert env.flag(NAME, default=not value) is value


def test_a_flag_that_is_none(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "perhaps")
    assert refusal(lambda: env.flag(NAME)) == f"{NAME} is 'perhaps': write 1 for yes or 0 for no."


def test_words(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "a, b,,c ,")
    assert env.words(NAME) == ["a", "b", "c"]


@pytest.mark.parametrize("raw", ["11", "-1", "1.5", "ten", "--5", "²", "٣", "1e1", "9" * 5000])
def test_a_whole_number_that_is_none(given: pytest.MonkeyPatch, raw: str) -> None:
    given.setenv(NAME, raw)
    assert refusal(lambda: env.whole(NAME, 5, 0, 10)) == f"{NAME} is {raw!r}: it must be a whole number from 0 to 10."


@pytest.mark.parametrize("raw", ["2.1", "-0.1", "much", "NaN", "Infinity", "0,5", "sNaN"])
def test_a_decimal_that_is_none(given: pytest.MonkeyPatch, raw: str) -> None:
    given.setenv(NAME, raw)
    assert (
        refusal(lambda: env.decimal(NAME, "0", "0", "2", places=1))
        == f"{NAME} is {raw!r}: it must be a number from 0 to 2."
    )


def test_a_decimal_with_too_many_places(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "0.25")
    assert (
        refusal(lambda: env.decimal(NAME, "0", "0", "2", places=1)) == f"{NAME} is '0.25': it has at most one decimal."
    )


def test_a_trailing_zero_is_no_place(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "0.50")
    assert env.decimal(NAME, "0", "0", "2", places=1) == Decimal("0.5")


def test_choices_each_once(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "US,EU,US")
    assert env.choices(NAME, ("EU",), ("US", "EU", "GB")) == ("US", "EU")


@pytest.mark.parametrize(("raw", "said"), [("FR", "FR"), ("eu", "eu"), ("EU,FR", "EU,FR"), (",", "")])
def test_a_choice_that_is_none(given: pytest.MonkeyPatch, raw: str, said: str) -> None:
    given.setenv(NAME, raw)
    assert refusal(lambda: env.choices(NAME, ("EU",), ("US", "EU"))) == f"{NAME} is {said!r}: choose from US, EU."


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("https://crampinfo.example/", "https://crampinfo.example"),
        ("https://crampinfo.example:8443", "https://crampinfo.example:8443"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_an_address(given: pytest.MonkeyPatch, raw: str, value: str) -> None:
    given.setenv(NAME, raw)
    assert env.address(NAME, "", https_only=True) == value


@pytest.mark.parametrize(
    "raw",
    [
        *("http://crampinfo.example", "crampinfo.example", "https:", "https://crampinfo.example/site"),
        *("https://crampinfo.example?x", "https://crampinfo.example#x", "https://me@crampinfo.example"),
        *("https://crampinfo.example:port", "https://[", "https://cramp info.example"),
    ],
)
def test_an_address_that_is_none(given: pytest.MonkeyPatch, raw: str) -> None:
    given.setenv(NAME, raw)
    assert refusal(lambda: env.address(NAME, "", https_only=True)) == (
        f"{NAME} is {raw!r}: write the address readers see, such as https://crampinfo.example, without a path."
    )


def test_hosts(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "crampinfo.example, .crampinfo.example,[::1]")
    assert env.hosts(NAME, ()) == ["crampinfo.example", ".crampinfo.example", "[::1]"]


@pytest.mark.parametrize("raw", ["https://crampinfo.example", "crampinfo.example:8000", "*", "crampinfo.example/"])
def test_a_host_that_is_none(given: pytest.MonkeyPatch, raw: str) -> None:
    given.setenv(NAME, raw)
    assert refusal(lambda: env.hosts(NAME, ())) == (
        f"{NAME} holds {raw!r}: write host names alone, such as crampinfo.example,www.crampinfo.example."
    )


def test_a_time_zone_that_is_none(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "Mars/Base")
    assert refusal(lambda: env.time_zone(NAME, "Europe/London")) == (
        f"{NAME} is 'Mars/Base': write a time zone such as Europe/London."
    )


def test_a_redis_address_that_is_none_is_not_repeated(given: pytest.MonkeyPatch) -> None:
    given.setenv(NAME, "http://me:secret@redis")
    assert (
        refusal(lambda: env.redis(NAME))
        == f"{NAME} is not a Redis address: write one such as redis://127.0.0.1:6379/0."
    )


def test_a_secret_is_made_once_and_for_its_owner_alone(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.delenv("SECRET_KEY", raising=False)
    made = env.secret_key(False, tmp_path / "var")
    assert len(made) == 80
    assert env.secret_key(False, tmp_path / "var") == made
    kept = tmp_path / "var" / "secret-key"
    assert [path.name for path in kept.parent.iterdir()] == ["secret-key"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_production_makes_no_secret(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.delenv("SECRET_KEY", raising=False)
    assert refusal(lambda: env.secret_key(True, tmp_path)) == (
        "SECRET_KEY is missing: make one with `openssl rand -hex 40` and keep it secret."
    )


def test_production_refuses_a_short_secret(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv("SECRET_KEY", "short")
    assert refusal(lambda: env.secret_key(True, tmp_path)) == (
        "SECRET_KEY is shorter than 50 characters: make one with `openssl rand -hex 40`."
    )


def test_sqlite_waits_for_its_turn(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/deep/site.sqlite3")
    found = env.database(tmp_path / "unused.sqlite3")
    assert found["NAME"] == f"{tmp_path}/deep/site.sqlite3"
    assert found["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;",
    }
    assert (tmp_path / "deep").is_dir()


def test_postgresql_keeps_its_connections(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv("DATABASE_URL", "postgres://me:secret@db:5433/site")
    given.delenv("CONN_MAX_AGE", raising=False)
    found = env.database(tmp_path / "unused.sqlite3")
    assert (found["NAME"], found["HOST"], found["PORT"], found["CONN_MAX_AGE"]) == ("site", "db", 5433, 60)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (
            "mysql://db/site",
            "DATABASE_URL starts with 'mysql': use sqlite:///path/to/file or postgres://user:password@host:5432/name.",
        ),
        ("postgres://me:secret@db:port/site", "DATABASE_URL can't be read: check its host, port and name."),
        (
            "postgres://me:secret@db:5432/",
            "DATABASE_URL names no database: write its file or name after the last slash.",
        ),
        ("sqlite:///", "DATABASE_URL names no database: write its file or name after the last slash."),
        ("sqlite://:memory:", "DATABASE_URL names no database: write its file or name after the last slash."),
    ],
)
def test_a_database_that_is_none(given: pytest.MonkeyPatch, tmp_path: Path, raw: str, sentence: str) -> None:
    given.setenv("DATABASE_URL", raw)
    assert refusal(lambda: env.database(tmp_path / "unused.sqlite3")) == sentence
