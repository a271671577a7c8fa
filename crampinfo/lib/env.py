"""Typed settings from the environment: a wrong value stops the start with one sentence."""

from __future__ import annotations

import os
import re
import secrets
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()


def flag(name: str, default: bool = False) -> bool:
    """A yes/no setting. Accepts 1/0, true/false, yes/no, on/off in any case; anything else stops the start."""
    raw = text(name, "1" if default else "0")
    value = raw.lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}: write 1 for yes or 0 for no.")


def text(name: str, default: str = "") -> str:
    """A text setting, stripped of surrounding white space; an empty one counts as not set."""
    value: str = _env.str(name, default="")
    return value.strip() or default


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list; empty items are dropped."""
    return [word.strip() for word in text(name, ",".join(default)).split(",") if word.strip()]


def whole(name: str, default: int, low: int, high: int) -> int:
    """A whole number between low and high, both included."""
    raw = text(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,9}", raw) or not low <= int(raw) <= high:
        raise ImproperlyConfigured(f"{name} is {raw!r}: it must be a whole number from {low} to {high}.")
    return int(raw)


def decimal(name: str, default: str, low: str, high: str, places: int) -> Decimal:
    """A decimal number between low and high, both included, with at most so many decimal places."""
    raw = text(name, default)
    try:
        value = Decimal(raw)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not Decimal(low) <= value <= Decimal(high):
        raise ImproperlyConfigured(f"{name} is {raw!r}: it must be a number from {low} to {high}.")
    if value % Decimal(1).scaleb(-places):
        decimals = "one decimal" if places == 1 else f"{places} decimals"
        raise ImproperlyConfigured(f"{name} is {raw!r}: it has at most {decimals}.")
    return value


def choices(name: str, default: tuple[str, ...], allowed: tuple[str, ...]) -> tuple[str, ...]:
    """A comma-separated list of which every item must be one of allowed."""
    chosen = tuple(dict.fromkeys(words(name, default)))
    unknown = [item for item in chosen if item not in allowed]
    if unknown or not chosen:
        raise ImproperlyConfigured(f"{name} is {','.join(chosen)!r}: choose from {', '.join(allowed)}.")
    return chosen


def address(name: str, default: str, *, https_only: bool) -> str:
    """An absolute web address without a trailing slash, path or sign-in."""
    value = text(name, default).rstrip("/")
    allowed = "https" if https_only else "https?"
    # A host of labels, or one in square brackets (IPv6), and perhaps a port.
    if not re.fullmatch(rf"{allowed}://(?:[a-z0-9]([-a-z0-9.]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{{1,5}})?", value):
        scheme = "https" if https_only else "http"
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write the address readers see, such as {scheme}://crampinfo.example, without a path."
        )
    return value


def hosts(name: str, default: tuple[str, ...]) -> list[str]:
    """A comma-separated list of host names; one that starts with a dot stands for its subdomains too."""
    found = words(name, default)
    wrong = [host for host in found if not re.fullmatch(r"\.?[a-z0-9][-a-z0-9.]*|\[[0-9a-f:.]+\]", host)]
    if wrong:
        raise ImproperlyConfigured(
            f"{name} holds {wrong[0]!r}: write host names alone, such as crampinfo.example,www.crampinfo.example."
        )
    return found


def mailbox(name: str, default: str) -> str:
    """An e-mail address, alone."""
    value = text(name, default)
    if not re.fullmatch(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+", value):
        raise ImproperlyConfigured(f"{name} is {value!r}: write an address alone, such as desk@crampinfo.example.")
    return value


def time_zone(name: str, default: str) -> str:
    """A time zone of the IANA list."""
    value = text(name, default)
    if value not in available_timezones():
        raise ImproperlyConfigured(f"{name} is {value!r}: write a time zone such as Europe/London.")
    return value


def redis(name: str) -> str:
    """The address of a Redis server, '' for none."""
    value = text(name)
    if value and not re.match(r"(?:rediss?://[^/]+|unix:///)", value):
        raise ImproperlyConfigured(f"{name} is not a Redis address: write one such as redis://127.0.0.1:6379/0.")
    return value


def secret_key(production: bool, var: Path) -> str:
    """SECRET_KEY from the environment; on a developer's machine one is made once and kept in var/."""
    value = text("SECRET_KEY")
    if value:
        if production and len(value) < 50:
            raise ImproperlyConfigured(
                "SECRET_KEY is shorter than 50 characters: make one with `openssl rand -hex 40`."
            )
        return value
    if production:
        raise ImproperlyConfigured("SECRET_KEY is missing: make one with `openssl rand -hex 40` and keep it secret.")
    path = var / "secret-key"
    if not path.exists():
        _make_secret(path)
    return path.read_text(encoding="ascii")


def _make_secret(path: Path) -> None:
    """Write a new secret, whole or not at all: of two processes that start together the first one's counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(60), encoding="ascii")
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def database(default_path: Path) -> dict[str, object]:
    """DATABASE_URL as Django's dictionary; SQLite in WAL mode with immediate transactions by default.

    Its password is never repeated in a refusal: what stops a start is written to logs.
    """
    raw = text("DATABASE_URL", f"sqlite:///{default_path}")
    scheme = raw.split(":", 1)[0]
    if not re.match(r"(?:sqlite|postgres(?:ql)?)://", raw):
        raise ImproperlyConfigured(
            f"DATABASE_URL starts with {scheme!r}: use sqlite:///path/to/file or postgres://user:password@host:5432/name."
        )
    try:
        config: dict[str, object] = dict(_env.db_url_config(raw))
    except ValueError as error:
        raise ImproperlyConfigured("DATABASE_URL can't be read: check its host, port and name.") from error
    path = str(config["NAME"])
    if path in ("", ":memory:"):
        raise ImproperlyConfigured("DATABASE_URL names no database: write its file or name after the last slash.")
    if scheme == "sqlite":
        # WAL lets readers read while one writes; IMMEDIATE takes the write lock at the start, so that two
        # writers wait for each other (busy timeout) instead of failing half-way.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;",
        }
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    else:
        config["CONN_HEALTH_CHECKS"] = True
        # A server that is gone without a word is given up before its readers give up.
        config["OPTIONS"] = {"connect_timeout": 5}
    config["CONN_MAX_AGE"] = whole("CONN_MAX_AGE", 60, 0, 3600)
    return config
