"""Our Markdown: what comes out, and what is refused with its line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from articles.models import Article
from crampinfo.editorial.models import Picture
from crampinfo.site.contentfiles import markdown
from crampinfo.site.contentfiles.fields import Desk

ARTICLE = "articles/stretching.md"


def read(text: str, folder: Path = Path()) -> tuple[markdown.Body, list[str]]:
    desk = Desk("a.md", folder, datetime(2026, 2, 9, 12, tzinfo=UTC))
    body = markdown.body(text, 10, desk)
    return body, [str(problem) for problem in desk.problems]


def html(text: str) -> str:
    body, problems = read(text)
    assert problems == []
    return body.html


def problem(text: str) -> str:
    (found,) = read(text)[1]
    return found


def test_it_works() -> None:
    assert html("## A\n\nOne *two* **three**.\n") == "<h2>A</h2>\n<p>One <em>two</em> <strong>three</strong>.</p>"


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# A\n\n## B", "23"),
        ("### A\n\n### B\n\n#### C", "223"),
        ("## A\n\n#### B\n\n### C", "233"),
        ("### A\n\n## B", "22"),
        ("A\n=\n\nB\n-", "23"),
        ("# A\n## B\n### C\n#### D\n##### E\n## F", "234443"),
    ],
)
def test_headings_begin_at_two_and_never_jump(text: str, levels: str) -> None:
    made = html(text)
    assert "".join(part[0] for part in made.split("<h")[1:]) == levels
    assert made.count("</h") == len(levels)


def test_quotes_dashes_and_emoji_come_through() -> None:
    text = "“Cramp” – ‘night’ — 95 % … « calambre » 🦵🏽 👩‍⚕️ −0.18 & 3 < 4"
    assert html(text) == f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>"


def test_nested_lists() -> None:
    made = html("- a\n  - b\n    1. c\n       - d\n- e\n")
    assert (
        made.replace("\n", "")
        == "<ul><li>a<ul><li>b<ol><li>c<ul><li>d</li></ul></li></ol></li></ul></li><li>e</li></ul>"
    )


def test_numbers_go_on_after_a_paragraph() -> None:
    made = html("1. a\n2. b\n3. c\n\nBetween.\n\n4. d\n5. e\n").replace("\n", "")
    assert made == '<ol><li>a</li><li>b</li><li>c</li></ol><p>Between.</p><ol start="4"><li>d</li><li>e</li></ol>'


def test_tables_and_strikethrough() -> None:
    made = html("| Salt | mg |\n|---|--:|\n| oxide [@trial-2001] | ~~1~~ 2 |\n")
    assert "<table>" in made
    assert "<th>Salt</th>" in made
    assert "<s>1</s> 2" in made


def test_tips() -> None:
    made = html("::: tip\nHold **still**.\n\n- and breathe\n:::\n\nAfter.")
    assert made.startswith('<aside class="tip">\n<p>Hold <strong>still</strong>.</p>\n<ul>')
    assert made.endswith("</aside>\n<p>After.</p>")


def test_citations_stay_and_are_listed_in_order() -> None:
    body, problems = read("A.[@b-2] B. [@a-1] [@b-2]\n\n`[@no]`")
    assert problems == []
    assert body.citations == ("b-2", "a-1")
    assert "A.[@b-2] B. [@a-1] [@b-2]" in body.html


def test_figures_get_a_paragraph_of_their_own() -> None:
    assert html("[figure:gait]\n\nA.") == "<p>[figure:gait]</p>\n<p>A.</p>"
    assert html("A.\n[figure:gait]\nB.") == "<p>A.</p>\n<p>[figure:gait]</p>\n<p>B.</p>"
    assert "<li>[figure:gait] Step.</li>" in html("1. [figure:gait] Step.\n2. Rest.")
    loose = html("1. [figure:gait] Step.\n\n   More.\n").replace("\n", "")
    assert loose == "<ol><li><p>[figure:gait]</p><p>Step.</p><p>More.</p></li></ol>"


def test_links_inside_and_outside() -> None:
    made = html("[a](/now/) [b](https://x.example/?a=1&b=2) [c](#part) [d](mailto:us@x.example)")
    assert 'href="/now/"' in made
    assert 'href="https://x.example/?a=1&amp;b=2"' in made


def test_offers_wait_for_their_number() -> None:
    body, problems = read("Buy [at *the* shop](offer:tablet-one/cornershop).")
    assert problems == []
    assert body.html == '<p>Buy <a data-offer="tablet-one/cornershop">at <em>the</em> shop</a>.</p>'
    assert body.finished({"tablet-one/cornershop": 7}.__getitem__, str).count('<a data-offer="7">') == 1


def test_a_text_that_looks_like_a_placeholder_stays_text() -> None:
    body, _ = read('She wrote data-offer="1" and src="picture:0".')
    assert body.finished(lambda slug: 1 // 0, lambda number: str(1 // 0)) == body.html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "A.\n\n<script>alert(1)</script>\n",
            "a.md:12: Raw HTML is not accepted: use Markdown instead of “<script>alert(1)</script>”.",
        ),
        (
            "A\nB <img src=x onerror=alert(1)>",
            "a.md:11: Raw HTML is not accepted: use Markdown instead of “<img src=x onerror=alert(1)>”.",
        ),
        ("A <!-- b --> c", "a.md:10: Raw HTML is not accepted: use Markdown instead of “<!-- b -->”."),
        ("| a |\n|---|\n| <br> |", "a.md:12: Raw HTML is not accepted: use Markdown instead of “<br>”."),
        (
            "A\n\n[x](javascript:alert(1))",
            "a.md:12: A link can't lead to “javascript:alert(1)”: write /a/path/ of this site",
        ),
        ("[x](guide.md)", "a.md:10: A link can't lead to “guide.md”"),
        ("[x](//evil.example)", "a.md:10: A link can't lead to “//evil.example”"),
        ("<data:text/html,x>", "a.md:10: A link can't lead to “data:text/html,x”"),
        ("[x](offer:tablet)", "a.md:10: “offer:tablet” names no offer: write offer:product-slug/merchant-slug."),
        ("A.\nB. [figure:jump]", "a.md:11: There is no figure jump. Use one of: "),
        ("[figure:strech-wall]", "a.md:10: There is no figure strech-wall. Did you mean stretch-wall?"),
        ("A. [@a; @b]", "a.md:10: “[@a; @b]” is no citation: write one slug a bracket, such as [@garrison-2020]."),
        ("::: tip\nA.\n", "a.md:10: This tip is not closed: write ::: on a line of its own after it."),
        ("A.\n\n::: warning\nB.\n:::\n", "a.md:12: There is no such call-out: only “::: tip” … “:::” exists"),
        (
            "![](a.png)",
            "a.md:10: The picture a.png has no description: write what it shows between the brackets, ![…](a.png).",
        ),
        ("![A leg](a.png)", "a.md:10: There is no picture a.png beside this file: add it or correct the name."),
        ("![A leg](/media/a.png)", "a.md:10: The picture “/media/a.png” must lie beside this file"),
    ],
)
def test_refusals(text: str, expected: str) -> None:
    assert problem(text).startswith(expected)


def test_a_picture_among_words(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    _, problems = read("Look:\n![A leg](a.png)\n", tmp_path)
    assert problems == ["a.md:11: A picture needs a paragraph of its own: put an empty line before and after it."]


@pytest.mark.django_db
class TestLoading:
    def test_unknown_citations_offers_and_figures(self, content: Any) -> None:
        content.whole().edit(
            ARTICLE, "Stretch. [@trial-2001]", "Stretch. [@trial-2002]\n\n[a](offer:tablet-one/corner)\n\n[figure:x]"
        )
        unknown = "it stands neither in these files nor on the site."
        reference, merchant, figure = content.refusals()
        assert reference == f"{ARTICLE}:27: Unknown reference “trial-2002”: {unknown} Did you mean trial-2001?"
        assert merchant == f"{ARTICLE}:29: Unknown merchant “corner”: {unknown} Did you mean cornershop?"
        assert figure.startswith(f"{ARTICLE}:31: There is no figure x.")

    def test_an_offer_that_does_not_exist(self, content: Any) -> None:
        content.whole().edit(ARTICLE, "Stretch. [@", "Stretch [here](offer:tablet-two/sideshop). [@")
        assert content.refusal() == (
            f"{ARTICLE}:27: There is no offer tablet-two/sideshop: the product has none at this merchant. Add one."
        )

    def test_a_citation_in_the_key_answer(self, content: Any) -> None:
        content.whole().edit(ARTICLE, "Slowly. [@review-2020]", "Slowly. [@review-2021]")
        assert content.refusal().startswith(f"{ARTICLE}:11: Unknown reference “review-2021”")

    def test_a_page_cites_nothing(self, content: Any) -> None:
        content.whole().edit("pages/now.md", "Ask a pharmacist.", "Ask. [@trial-2001]")
        assert content.refusal().startswith(
            "pages/now.md:15: A page has no reference list, so it can't cite trial-2001"
        )

    def test_pictures_are_taken_in(self, content: Any) -> None:
        content.whole().add("articles/leg.png", (content.root / "authors/portraits/ana.png").read_bytes())
        content.edit(ARTICLE, "Stretch. [@", '![A "leg" & foot](leg.png "From <behind>")\n\nStretch. [@').load()
        body = Article.objects.get(slug="stretching").body
        stored = Picture.objects.get(alt='A "leg" & foot')
        assert (stored.width, stored.height) == (48, 64)
        figure = (
            f'<figure><img data-picture="{stored.pk}" alt="A &quot;leg&quot; &amp; foot">'
            "<figcaption>From &lt;behind&gt;</figcaption></figure>"
        )
        assert figure in body
        assert "<p><figure>" not in body

    def test_what_is_stored_has_passed_the_sanitiser_unharmed(self, content: Any) -> None:
        blocks = ("# One", "::: tip\nRest.\n:::", "4. d\n5. e", "[figure:gait]", "[go](/now/)", "| a |\n|---|\n| b |")
        text = "\n\n".join((*blocks, "Stretch. [@"))
        content.whole().edit(ARTICLE, "Stretch. [@", text).load()
        article = Article.objects.get(slug="stretching")
        for piece in (
            "<h2>One</h2>",
            '<aside class="tip">',
            '<ol start="4">',
            "<p>[figure:gait]</p>",
            '<a href="/now/">go</a>',
            '<th scope="col">a</th>',
            "[@trial-2001]",
        ):
            assert piece in article.body
        assert article.contents[0][0] == 2
        assert article.contents[0][2] == "One"

    def test_authors_and_products_are_plain_words(self, content: Any) -> None:
        content.whole().edit("authors/ana-example.md", "She writes, too.", "She *writes*, too.")
        content.edit("products/tablet-two.md", "A tablet in a blister.", "- A tablet")
        author, product = content.refusals()
        assert author.startswith("authors/ana-example.md:17: Only plain words can stand here: no links, emphasis,")
        assert product.startswith(
            "products/tablet-two.md:18: Only plain paragraphs can stand here: no headings, lists,"
        )
