"""Bodies: what survives the sanitiser, headings and their contents, links, plain text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crampinfo.lib import markup

TAGS = [
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "br",
        "ul",
        "ol",
        "li",
        "strong",
        "em",
        "a",
        "table",
        "thead",
        "tbody",
        "tr",
    ),
    *(
        "th",
        "td",
        "caption",
        "img",
        "figure",
        "blockquote",
        "pre",
        "aside",
        "q",
        "script",
        "style",
        "iframe",
        "svg",
        "math",
    ),
    *("div", "span", "template", "noscript"),
]
WORDS = st.sampled_from(
    ["Stretch", " the calf", "&lt;", "<", ">", '"', "[@a]", "\n", "\x00", "é", "&nbsp;", "]]>", "<!--", "-->"]
)
OPEN = st.builds(
    lambda tag, more: f"<{tag}{more}>",
    st.sampled_from(TAGS),
    st.sampled_from(
        [
            "",
            ' href="javascript:alert(1)"',
            ' onclick="x()"',
            ' title="<b>"',
            ' src="//x/y"',
            ' start="7"',
            ' scope="q"',
            ' class="tip"',
        ]
    ),
)
CLOSE = st.sampled_from([f"</{tag}>" for tag in TAGS])
HTML = st.lists(st.one_of(WORDS, OPEN, CLOSE), max_size=25).map("".join)


def test_it_works() -> None:
    text = "<h2>Why</h2><p>Nobody <em>knows</em>.</p><ul><li>Stretch</li></ul>"
    assert markup.sanitise(text) == text


@given(HTML)
@example("<table><thead><tr><th>a</table>")
@example("<pre>\n\nx</pre>")
@example("<h2><em>a<h2>b</h2></em></h2>")
@example("<h3>a</h3><h2>b</h2><h4>c</h4>")
def test_sanitising_twice_changes_nothing(text: str) -> None:
    once = markup.sanitise(text)
    assert markup.sanitise(once) == once


@given(HTML)
def test_nothing_that_runs_survives(text: str) -> None:
    cleaned = markup.sanitise(text).lower()
    for word in ("<script", "<style", "<iframe", "<svg", "onclick=", "javascript:", "\x00"):
        assert word not in cleaned


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a<script>alert(1)</script>b", "ab"),
        ("a<style>p{}</style>b", "ab"),
        ("<p onclick='x()'>a</p>", "<p>a</p>"),
        ("<p style='color:red' class='big'>a</p>", "<p>a</p>"),
        ("<a href='javascript:alert(1)'>a</a>", "<a>a</a>"),
        ("<a href='java\nscript:alert(1)'>a</a>", "<a>a</a>"),
        ("<a href='data:text/html,x'>a</a>", "<a>a</a>"),
        ("<iframe src='https://x.example'></iframe>", ""),
        ("<object data='x'>a</object>", ""),
        ("<svg><script>alert(1)</script></svg>", ""),
        ("<div>a</div>", "a"),
        ("<form action='/x'><input></form>", ""),
        ("<aside class='tip wide'>a</aside>", '<aside class="tip">a</aside>'),
        ("<ol start='4'><li>a</li></ol>", '<ol start="4"><li>a</li></ol>'),
        ("<ol start='four'><li>a</li></ol>", "<ol><li>a</li></ol>"),
        (
            "<table><tbody><tr><td colspan='x'>a</td></tr></tbody></table>",
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
        ),
        ("a\x00b", "ab"),
    ],
)
def test_what_is_left(text: str, left: str) -> None:
    assert markup.sanitise(text) == left


@pytest.mark.parametrize(
    "source",
    [
        "https://x.example/a.png",
        "//x.example/a.png",
        "/\\x.example/a.png",
        "/\t/x.example/a",
        "data:image/png;base64,AA",
        "",
    ],
)
def test_a_picture_of_another_host_goes(source: str) -> None:
    """Readers load nothing from another host: promise 6."""
    assert markup.sanitise(f'<p>a<img src="{source}" alt="A leg"></p>') == "<p>a</p>"


def test_a_picture_of_ours_stays() -> None:
    picture = '<img src="/media/a.png" alt="A leg" width="80" height="40">'
    assert markup.sanitise(picture) == picture


def test_markup_in_an_attribute_stays_text() -> None:
    text = markup.sanitise('<abbr title="<h2>x</h2><img src=x onerror=alert(1)>">Mg</abbr>')
    assert "<h2" not in text
    assert "<img" not in text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<h1>a</h1>", "<h2>a</h2>"),
        ("<h3>a</h3><h3>b</h3>", "<h2>a</h2><h2>b</h2>"),
        ("<h2>a</h2><h4>b</h4>", "<h2>a</h2><h3>b</h3>"),
        ("<h4>a</h4><h3>b</h3><h2>c</h2>", "<h2>a</h2><h2>b</h2><h2>c</h2>"),
        ("<h2>a</h2><h3>b</h3><h4>c</h4><h6>d</h6>", "<h2>a</h2><h3>b</h3><h4>c</h4><h4>d</h4>"),
        ("<h2>a</h2><h4>b</h4><h3>c</h3><h4>d</h4>", "<h2>a</h2><h3>b</h3><h3>c</h3><h4>d</h4>"),
        ("<h2> </h2><p>a</p>", " <p>a</p>"),
        ("<h2>a <em>b<h3>c</h3></em></h2>", "<h2>a <em>bc</em></h2>"),
    ],
)
def test_headings_leave_out_no_level(text: str, left: str) -> None:
    assert markup.sanitise(text) == left


def test_a_header_cell_in_a_table_head_heads_its_column() -> None:
    head, rest = "<tr><th>Salt</th><th>Share</th></tr>", "<tr><th>Oxide</th><td>60</td></tr>"
    assert markup.sanitise(f"<table><thead>{head}</thead><tbody>{rest}</tbody></table>") == (
        '<table><thead><tr><th scope="col">Salt</th><th scope="col">Share</th></tr></thead>'
        '<tbody><tr><th scope="row">Oxide</th><td>60</td></tr></tbody></table>'
    )


def test_a_row_of_header_cells_heads_columns_without_a_table_head() -> None:
    text = "<table><tr><th>Salt</th><th>Share</th></tr><tr><td>Oxide</td><td>60</td></tr></table>"
    assert '<th scope="col">Salt</th><th scope="col">Share</th>' in markup.sanitise(text)


def test_a_scope_that_is_one_stays() -> None:
    assert '<th scope="rowgroup">' in markup.sanitise('<table><tr><th scope="rowgroup">a</th><td>b</td></tr></table>')


def test_a_scope_that_is_none_goes() -> None:
    assert '<th scope="row">' in markup.sanitise('<table><tr><th scope="everything">a</th><td>b</td></tr></table>')


def test_a_million_characters_are_the_limit() -> None:
    assert len(markup.sanitise("a" * 1_000_000)) == 1_000_000
    with pytest.raises(ValueError, match=r"1,000,001 characters; 1,000,000 are the limit: split it\."):
        markup.sanitise("a" * 1_000_001)


def test_anchors_are_the_headings_words() -> None:
    text = "<h2>Why at night?</h2><h3>¿Qué más?</h3>"
    assert markup.with_anchors(text) == '<h2 id="s-why-at-night">Why at night?</h2><h3 id="s-qué-más">¿Qué más?</h3>'


def test_no_anchor_stands_twice() -> None:
    text = "<h2>Why</h2><h2>Why</h2><h2>Why 2</h2><h2>!</h2><h2>?</h2>"
    assert [item.anchor for item in markup.headings(text)] == [
        "s-why",
        "s-why-2",
        "s-why-2-2",
        "s-section",
        "s-section-2",
    ]


def test_contents_hold_level_and_plain_text() -> None:
    found = markup.headings("<h2>One &amp; <em>two</em></h2><h3>Three</h3>")
    assert [(item.level, item.text) for item in found] == [(2, "One & two"), (3, "Three")]


def test_plain_text_keeps_blocks_apart_and_words_together() -> None:
    assert markup.plain("<p>One.</p><p>mag<b>nes</b>ium<br>a &lt; b</p>") == "One. magnesium a < b"


def test_links_in_order_with_their_attributes() -> None:
    found = markup.links(
        '<p><a href="/a?x=1&amp;y=2">One <b>b</b></a> <abbr title="t">Mg</abbr> <a data-offer="12">Two</a></p>'
    )
    assert [(item.href, item.inner, item.attributes.get("data-offer")) for item in found] == [
        ("/a?x=1&y=2", "One <b>b</b>", None),
        ("", "Two", "12"),
    ]


def test_a_link_is_replaced_or_left() -> None:
    text = '<a href="/a">One</a> <a href="/b">Two</a>'
    assert markup.replace_links(text, lambda link: "X" if link.href == "/a" else None) == 'X <a href="/b">Two</a>'
