"""Addresses from outside: what may be stored, whose host it is, and where a link on a page leads."""

from __future__ import annotations

import pytest

from crampinfo.lib import urls

UNCLEAN = "The address contains white space, a backslash or a control character: copy it again without it."
FOREIGN = "The host has letters outside ASCII, which can imitate another shop: write its xn-- form."
NO_HOST = "The host name has characters that no host name has: check the part between // and the next /."
SIGNED = "The address carries a user name or password: remove the part before @."


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example/p/1",
        "http://shop.example",
        "HTTPS://Shop.Example/p?id=1#top",
        "https://shop.example:8443/p",
        "https://xn--mnchen-3ya.example/",
        "https://shop.example./p",
        f"https://shop.example/{'a' * 1979}",
    ],
)
def test_it_works(address: str) -> None:
    assert urls.problem_with(address) is None


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "The address is empty: write one that starts with https://."),
        ("javascript:alert(1)", "The address starts with javascript: only http:// and https:// are allowed."),
        ("data:text/html,x", "The address starts with data: only http:// and https:// are allowed."),
        ("ftp://shop.example/", "The address starts with ftp: only http:// and https:// are allowed."),
        ("//shop.example/", "The address starts with nothing: only http:// and https:// are allowed."),
        ("/p/1", "The address starts with nothing: only http:// and https:// are allowed."),
        ("https://me:secret@shop.example/", SIGNED),
        ("https://shop.example@evil.example/", SIGNED),
        ("https://shop.example/a b", UNCLEAN),
        (" https://shop.example/", UNCLEAN),
        ("https://shop.example/\n", UNCLEAN),
        ("https://shop.example\\@evil.example", UNCLEAN),
        ("https://shop.example/\x00", UNCLEAN),
        ("https://shop.example/\u00a0", UNCLEAN),
        ("https://", "The address has no host name."),
        ("https://shop/", "The address has no host name."),
        ("https://localhost/", "The address has no host name."),
        ("https://shöp.example/", FOREIGN),
        ("https://ѕhop.example/", FOREIGN),
        ("https://evil.example%2f.shop.example/", NO_HOST),
        ("https://-a.example/", NO_HOST),
        ("https://a..example/", NO_HOST),
        ("https://shop.example:0/", "The address has port 0."),
        ("https://shop.example:99999/", "The address can't be read: check its host and port."),
        ("https://[::1", "The address can't be read: check its host and port."),
        (f"https://shop.example/{'a' * 1980}", "The address has 2001 characters; 2000 are the limit."),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence(address: str, sentence: str) -> None:
    assert urls.problem_with(address) == sentence


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example/p",
        "http://SHOP.example:80",
        "//shop.example/p",
        "https:shop.example/p",
        "https:/shop.example/p",
        "https:////shop.example/p",
        "https:\\\\shop.example\\p",
        "/\\shop.example/p",
        " \thttps://shop.example/p",
        "ht\ntps://sh\top.example/p",
        "https://nhs.example@shop.example/",
        "https://sh%6Fp.example/",
        "https://ｓhop.example/",
        "https://shop。example/",
        "https://shop.example./",
        "https://shop.example?x=/nhs.example/",
        "https://shop.example#nhs",
    ],
)  # fmt: skip
def test_the_host_is_the_one_a_browser_asks(address: str) -> None:
    assert urls.host_of(address) == "shop.example"


@pytest.mark.parametrize(
    "address", ["/guides/", "guides/", "#top", "", "mailto:me@shop.example", "tel:112", "?q=https://shop.example"]
)
def test_an_address_on_this_site_has_no_host(address: str) -> None:
    assert urls.host_of(address) == ""


@pytest.mark.parametrize(
    "address", ["/go/12/", "../../go/12/", "/go/./12/", "/x/../go/12/", "/%67o/12/", "\\go\\12/", "/go/12/?x#y"]
)
def test_the_path_is_the_one_a_browser_asks(address: str) -> None:
    assert urls.path_of(address, "/guides/one/") == "/go/12/"


def test_an_unreadable_path_is_empty() -> None:
    assert urls.path_of("https://[", "/") == ""


@pytest.mark.parametrize(
    ("host", "owner", "owned"),
    [
        ("shop.example", "shop.example", True),
        ("www.shop.example", "shop.example", True),
        ("myshop.example", "shop.example", False),
        ("shop.example.evil.example", "shop.example", False),
        ("example", "shop.example", False),
        ("shop.example", "", False),
    ],
)
def test_a_host_belongs_to_its_owner_alone(host: str, owner: str, owned: bool) -> None:
    assert urls.belongs_to(host, owner) is owned
