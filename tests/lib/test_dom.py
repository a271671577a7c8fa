"""A rendered page, asked as rules ask."""

from __future__ import annotations

import pytest

from crampinfo.lib import dom
from crampinfo.lib.dom import Page

PAGE = """<!doctype html><html lang="en"><head><title>T</title>
<script type="application/ld+json">{"@graph":[{"@type":"A","name":"x","b":[{"name":"y"}]}]}</script></head>
<body><header>Chrome</header><main><h1>One</h1><p>Two <b>three</b><sup class="cite">4</sup></p>
<details><summary>Five</summary><a id="folded" href="#">six</a></details><p hidden><i>seven</i></p></main>"""


def test_it_works() -> None:
    page = Page(PAGE)
    assert page.main is not None
    assert page.main.text() == "One Two three4 Five six seven"
    assert page.main.lines(".cite", "details").split("\n")[1] == "One"


def test_order_is_that_of_the_page() -> None:
    page = Page(PAGE)
    places = [node.place for node in page.select("h1, b, a, title")]
    assert places == sorted(places)
    assert [node.tag for node in page.select("a, h1")] == ["h1", "a"]


@pytest.mark.parametrize(
    ("around", "avoidable"),
    [
        ("<p>{}</p>", False),
        ("<details>{}</details>", True),
        ("<details open>{}</details>", False),
        ("<div hidden>{}</div>", True),
        ('<div aria-hidden="true">{}</div>', True),
        ("<footer>{}</footer>", True),
        ("<dialog>{}</dialog>", True),
        ("<div popover>{}</div>", True),
    ],
)
def test_what_a_reader_can_miss(around: str, avoidable: bool) -> None:
    node = Page(f"<body>{around.format('<b>x</b>')}</body>").first("b")
    assert node is not None
    assert node.avoidable is avoidable


def test_within_is_itself_or_around() -> None:
    node = Page("<section data-x><p><b>x</b></p></section>").select("b")[0]
    assert node.within("[data-x]")
    assert node.within("b")
    assert not node.within("nav")


def test_structured_data() -> None:
    (node,) = Page(PAGE).structured_data()
    assert list(dom.strings(node)) == [("@type", "A"), ("name", "x"), ("b.name", "y")]
    assert Page("<p>").structured_data() == []
    with pytest.raises(ValueError, match="Expecting"):
        Page('<script type="application/ld+json">{no}</script>').structured_data()


@pytest.mark.parametrize("soup", ["", "<", "<p" * 1000, "</div>" * 1000, "<div>" * 5000, "\x00"])
def test_soup_is_a_page_too(soup: str) -> None:
    page = Page(soup)
    assert page.select("nav") == []
