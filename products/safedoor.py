"""The door to other people's servers: it opens to public addresses alone, and to the very address it has checked.

An address that comes from outside must not make us read internal services (SSRF). So the name is resolved here, each
address it has must be a public one, and the connection goes to the one that was checked: a name that resolves
differently a moment later gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

_PORTS = frozenset({80, 443, 8080, 8443})
_CONNECT = 5.0  # seconds, where a caller gives none


class Refused(Exception):
    """The address leads where we don't go; the message says where to and why."""


class Unanswered(Exception):
    """No usable answer came in time; the message says what happened."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet: not private, loopback, link-local, multicast or reserved."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        # 64:ff9b::/96 carries an IPv4 address in its last 32 bits.
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def checked_address(host: str, port: int) -> tuple[int, Any]:
    """The first of a host's addresses, as (family, socket address), once all of them were found public.

    Raises Refused when one is not, Unanswered when the name has none. A host with one public and one internal address
    is refused: which of them is asked must not be a matter of luck.
    """
    if port not in _PORTS and not settings.FETCH_ALLOWS_LOOPBACK:
        raise Refused(f"Port {port} is not one that shops use.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise Unanswered(f"The name {host} leads to no server.") from error
    for _family, _type, _proto, _name, place in found:
        ip = str(place[0])
        if not is_public(ip) and not (settings.FETCH_ALLOWS_LOOPBACK and ipaddress.ip_address(ip).is_loopback):
            raise Refused(f"{host} leads to the internal address {ip}.")
    if not found:
        raise Unanswered(f"The name {host} leads to no server.")
    return found[0][0], found[0][4]


class _Pinned(HTTPConnection):
    """Connects to the address that was checked; name, certificate and Host header stay those of the shop."""

    def _new_conn(self) -> socket.socket:
        family, place = checked_address(self._dns_host, int(self.port or self.default_port))
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.settimeout(float(self.timeout) if isinstance(self.timeout, (int, float)) else _CONNECT)
            made.connect(place)
        except OSError as error:
            made.close()
            raise NewConnectionError(self, f"no connection: {error}") from error
        _open_sockets.add(made)
        return made


class _PinnedTls(_Pinned, HTTPSConnection):
    """The same with TLS."""

    def connect(self) -> None:
        """The encrypted socket replaces the one it was made of."""
        HTTPSConnection.connect(self)
        if isinstance(self.sock, socket.socket):
            _open_sockets.add(self.sock)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Pinned


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _PinnedTls


class _Door(HTTPAdapter):
    """Every connection goes through _Pinned; no proxy, no retries of its own."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """See the class."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class _Sockets(threading.local):
    """The sockets that this thread has open, so that its deadline can end them."""

    def __init__(self) -> None:
        self.made: list[socket.socket] = []

    def add(self, made: socket.socket) -> None:
        self.made.append(made)


_open_sockets = _Sockets()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """End this thread's exchanges after so many seconds: a server may send a byte a minute for ever."""
    mine = _open_sockets.made
    mine.clear()

    def end() -> None:
        for made in list(mine):
            try:
                made.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it is closed already

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        mine.clear()


def session(agent: str) -> requests.Session:
    """A session whose every connection goes through the door; it keeps no cookies and reads no proxy from outside."""
    made = requests.Session()
    made.trust_env = False
    made.cookies.set_policy(_NoCookies())
    made.headers.update({"User-Agent": agent, "Accept": "text/html,*/*;q=0.5", "Accept-Encoding": "gzip"})
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Door(max_retries=0))
    return made


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined,misc]
    def set_ok(self, cookie: Any, request: Any) -> bool:
        return False
