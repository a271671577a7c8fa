"""Addresses that enter from outside: what may be stored, and whose host it is."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urljoin, urlsplit

MAX_LENGTH = 2000
_HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?", re.I
)
# How a browser finds the host of a web address: any slashes, backslashes among them, then up to the next one.
_AUTHORITY = re.compile(r"(?:https?:[/\\]*|[/\\]{2,})([^/\\?#]*)", re.I)


def problem_with(address: str) -> str | None:
    """Say in one sentence what is wrong with an outbound address, or None if it may be stored.

    Accepts absolute http and https addresses only, without credentials, white space or control characters, at
    most 2,000 characters long, whose host has only letters a browser would not mistake for others (ASCII; an
    internationalised name is written in its xn-- form).
    """
    if not address:
        return "The address is empty: write one that starts with https://."
    if len(address) > MAX_LENGTH:
        return f"The address has {len(address)} characters; {MAX_LENGTH} are the limit."
    if any(ch.isspace() or ord(ch) < 32 or ord(ch) == 127 for ch in address) or "\\" in address:
        return "The address contains white space, a backslash or a control character: copy it again without it."
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "The address can't be read: check its host and port."
    if parts.scheme.lower() not in ("http", "https"):
        return f"The address starts with {parts.scheme or 'nothing'}: only http:// and https:// are allowed."
    if parts.username is not None or parts.password is not None:
        return "The address carries a user name or password: remove the part before @."
    host = (parts.hostname or "").removesuffix(".")
    if not host or "." not in host:
        return "The address has no host name."
    if not host.isascii():
        return "The host has letters outside ASCII, which can imitate another shop: write its xn-- form."
    if not _HOST.fullmatch(host):
        return "The host name has characters that no host name has: check the part between // and the next /."
    if port == 0:
        return "The address has port 0."
    return None


def host_of(address: str) -> str:
    """The lower-case host that a browser would ask for an address, '' for one that stays on this site.

    It reads as browsers do, not as addresses are written: white space, backslashes, capitals, missing slashes and
    percent signs don't hide a host.
    """
    match = _AUTHORITY.match(re.sub(r"[\t\r\n]", "", address).lstrip("".join(map(chr, range(33)))))
    if match is None:
        return ""
    host = unicodedata.normalize("NFKC", unquote(match[1].rpartition("@")[2])).replace("\u3002", ".")
    return re.sub(r":[0-9]*\Z", "", host).strip().rstrip(".").lower()


def path_of(address: str, here: str) -> str:
    """The path that a browser on the page at the path here would ask for, decoded: /go/12/ for ../%67o/12/ on /a/."""
    cleaned = re.sub(r"[\t\r\n]", "", address).strip().replace("\\", "/")
    try:
        return unquote(urlsplit(urljoin(f"https://here.invalid{here}", cleaned)).path)
    except ValueError:
        return ""


def belongs_to(host: str, owner: str) -> bool:
    """Whether host is owner or one of its subdomains (shop.example owns www.shop.example, not myshop.example)."""
    return bool(owner) and (host == owner or host.endswith(f".{owner}"))
