"""Fetching: nothing inside our own network is ever asked, and no server keeps us longer or fuller than we want."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from products import safefetch
from products.safefetch import Limits, Refused, Unanswered
from tests.products import shops
from tests.products.shops import Shop

SHORT = Limits(connect=1, total=0.6, size=100_000)


@pytest.fixture
def shop(settings: Any) -> Iterator[Shop]:
    settings.FETCH_ALLOWS_LOOPBACK = True
    with shops.open_shop() as opened:
        yield opened


def test_it_works(shop: Shop) -> None:
    answer = safefetch.fetch(shop.says("/p", 200, b"words"))
    assert (answer.status, answer.body, answer.moved) == (200, b"words", False)
    assert shop.agents == {safefetch.user_agent()}


def test_loopback_is_refused_unless_tests_allow_it(shop: Shop, settings: Any) -> None:
    settings.FETCH_ALLOWS_LOOPBACK = False
    address = shop.says("/p", 200, b"words")
    with pytest.raises(Refused):
        safefetch.fetch(address)
    assert shop.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *(
            "0.0.0.0",
            "10.0.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
        ),
        *(
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::",
            "::1",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "ff02::1",
        ),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1"),
    ],
)
def test_internal_addresses_are_known(address: str) -> None:
    assert not safefetch.is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_known(address: str) -> None:
    assert safefetch.is_public(address)


def resolves(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Every name resolves to these addresses; gives the names that were asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **kwargs: Any) -> list[Any]:
        asked.append(host)
        kinds = [(socket.AF_INET6 if ":" in ip else socket.AF_INET, ip) for ip in answers]
        return [(family, socket.SOCK_STREAM, 6, "", (ip, port)) for family, ip in kinds]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("ip", ["10.0.0.7", "169.254.169.254", "::1"])
def test_a_name_that_leads_inside_is_refused(ip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, ip)
    with pytest.raises(Refused, match="internal address"):
        safefetch.fetch("https://innocent.example/p")


def test_one_internal_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, "93.184.215.14", "10.0.0.7")
    with pytest.raises(Refused, match=r"10\.0\.0\.7"):
        safefetch.fetch("https://innocent.example/p")


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to something else a moment later gains nothing: it is resolved once."""
    asked = resolves(monkeypatch, "93.184.215.14")
    met: list[Any] = []

    def connect(self: socket.socket, place: Any) -> None:
        met.append(place)
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Unanswered):
        safefetch.fetch("http://innocent.example/p")
    assert (asked, met) == (["innocent.example"], [("93.184.215.14", 80)])


@pytest.mark.parametrize(
    "target",
    [
        *("http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/"),
        *("file:///etc/passwd", "ftp://shop.example/", "gopher://shop.example/", "http://user:pass@shop.example/"),
        *("http://2130706433/", "//10.0.0.1/x"),
    ],
)
def test_a_redirect_passes_the_same_door(target: str, shop: Shop) -> None:
    with pytest.raises((Refused, Unanswered)) as caught:
        safefetch.fetch(shop.says("/out", 302, Location=target))
    assert isinstance(caught.value, Refused) or "no server" in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["", "ftp://shop.example/", "javascript:alert(1)", "https://a:b@shop.example/", "https://shop.example:22/p",
     "https://shоp.example/", "http://0x7f.1/",
     "http://[::1]:8000/", "http://127.1/", "https://shop.example/a b", "/p"],
)  # fmt: skip
def test_strange_addresses_are_refused(address: str) -> None:
    with pytest.raises((Refused, Unanswered)):
        safefetch.fetch(address)


class TestRedirects:
    def test_they_are_followed(self, shop: Shop) -> None:
        shop.says("/b", 200, b"words")
        answer = safefetch.fetch(shop.says("/a", 301, Location="/b"))
        assert (answer.address, answer.moved) == (f"{shop.address}/b", True)

    def test_a_temporary_one_moves_nothing(self, shop: Shop) -> None:
        shop.says("/b", 200, b"words")
        assert not safefetch.fetch(shop.says("/a", 302, Location="/b")).moved

    def test_a_circle_is_left(self, shop: Shop) -> None:
        shop.says("/b", 302, Location="/a")
        with pytest.raises(Unanswered, match="circle"):
            safefetch.fetch(shop.says("/a", 302, Location="/b"))

    def test_an_endless_row_is_left(self, shop: Shop) -> None:
        for number in range(20):
            shop.says(f"/{number}", 302, Location=f"/{number + 1}")
        with pytest.raises(Unanswered, match="more than 6 times"):
            safefetch.fetch(f"{shop.address}/0")


class TestLimits:
    @pytest.mark.parametrize("how", [shops.drip, shops.slow_head])
    def test_a_server_that_drips_is_left(self, how: Any, shop: Shop) -> None:
        shop.answers["/slow"] = how
        began = time.monotonic()
        with pytest.raises(Unanswered, match="within"):
            safefetch.fetch(f"{shop.address}/slow", limits=SHORT)
        assert time.monotonic() - began < 5

    def test_a_body_is_cut(self, shop: Shop) -> None:
        shop.answers["/big"] = shops.flood
        answer = safefetch.fetch(f"{shop.address}/big", limits=Limits(size=100_000))
        assert (len(answer.body), answer.truncated) == (100_000, True)

    def test_a_packed_bomb_is_cut_where_it_is_unpacked(self, shop: Shop) -> None:
        bomb = gzip.compress(b"\0" * 50_000_000)
        answer = safefetch.fetch(shop.says("/bomb", 200, bomb, Content_Encoding="gzip"), limits=Limits(size=100_000))
        assert (len(answer.body), answer.truncated) == (100_000, True)

    def test_a_closed_port(self, shop: Shop) -> None:
        address = shop.address
        shop.server_close()
        with pytest.raises(Unanswered):
            safefetch.fetch(f"{address}/p", limits=SHORT)

    def test_something_that_is_no_http(self, shop: Shop) -> None:
        shop.answers["/odd"] = lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n")
        with pytest.raises(Unanswered):
            safefetch.fetch(f"{shop.address}/odd", limits=SHORT)


def test_no_cookie_is_kept(shop: Shop) -> None:
    seen: list[str | None] = []
    shop.says("/a", 302, Location="/b", Set_Cookie="visitor=1")

    def second(handler: Any) -> None:
        seen.append(handler.headers.get("Cookie"))
        handler.send_response(204)
        handler.end_headers()

    shop.answers["/b"] = second
    safefetch.fetch(f"{shop.address}/a")
    assert seen == [None]


def test_no_proxy_from_outside_is_used(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://10.0.0.1:3128")
    assert safefetch.fetch(shop.says("/p", 200, b"words")).status == 200
