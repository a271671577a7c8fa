"""Our Markdown to HTML: citations and figures stay as marks, offers and pictures become placeholders for loading."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

from articles.models import Figure
from crampinfo.site.contentfiles import figures
from crampinfo.site.contentfiles.fields import CITATION, SLUG, Desk, Mention, Picture, Wrong, cite
from crampinfo.site.contentfiles.problems import nearest

_OFFER = re.compile(r'data-offer="([^"]+)"')
_PICTURE = re.compile(r'src="picture:(\d+)"')
_LINKS = ("/", "#", "https://", "http://", "mailto:", "offer:")
_LOWEST = 4


@dataclass(frozen=True, slots=True)
class Body:
    """A text as HTML, and what it names: references in the order of their first citation, offers, pictures.

    In html an offer stands as data-offer="product/merchant" and a picture as src="picture:N"; finished() fills both in.
    """

    html: str = ""
    line: int = 1
    citations: tuple[str, ...] = ()
    offers: tuple[Mention, ...] = ()
    pictures: tuple[Picture, ...] = ()

    def finished(self, offer: Callable[[str], int], picture: Callable[[int], str]) -> str:
        """The HTML with the number of each offer and each picture (attributes of a and img) in place."""
        with_offers = _OFFER.sub(lambda match: f'data-offer="{offer(match[1])}"', self.html)
        return _PICTURE.sub(lambda match: picture(int(match[1])), with_offers)


class _Markdown(MarkdownIt):
    """Every address is let through the parser, so that a bad one is reported instead of printed as text."""

    def validateLink(self, url: str) -> bool:
        """True: _Text.link() judges."""
        return True


def _tip(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return '<aside class="tip">\n' if tokens[index].nesting == 1 else "</aside>\n"


def _parser() -> MarkdownIt:
    # Raw HTML is recognised, to be refused: with html off, a script would be printed as text and nobody would notice.
    parser = _Markdown("commonmark", {"html": True}).enable(["table", "strikethrough"])
    container_plugin(parser, "tip", render=_tip)
    return parser


_PARSER = _parser()


class _Text:
    """One body on its way to HTML."""

    def __init__(self, text: str, first_line: int, desk: Desk) -> None:
        self.lines = text.split("\n")
        self.first = first_line
        self.desk = desk
        self.citations: dict[str, None] = {}
        self.offers: list[Mention] = []
        self.pictures: list[Picture] = []
        self.range = (0, len(self.lines))

    def line(self, literal: str = "") -> int:
        """The line of the file on which a piece of the current block stands, or on which the block begins."""
        start, end = self.range
        found = next(
            (at for at in range(start, min(end, len(self.lines))) if literal and literal in self.lines[at]), start
        )
        return self.first + found

    def wrong(self, sentence: str, literal: str = "") -> None:
        """Note a problem in the current block."""
        self.desk.wrong(self.line(literal), sentence)

    def blocks(self, tokens: list[Token]) -> list[Token]:
        """The tokens as they are printed; problems are noted."""
        made: list[Token] = []
        for token in tokens:
            if token.map:
                self.range = (token.map[0], max(token.map[1], token.map[0] + 1))
            if token.type == "html_block":
                self._raw_html(token.content)
            elif token.type == "container_tip_open":
                self._closed(token)
            elif token.type == "inline":
                self.inline(token)
            made.append(token)
        return figures.apart(self._pictures_apart(made))

    def _closed(self, token: Token) -> None:
        end = (token.map or [0, 0])[1]
        if end >= len(self.lines) or not self.lines[end].lstrip(" >").startswith(":::"):
            self.wrong("This tip is not closed: write ::: on a line of its own after it.")

    def _raw_html(self, content: str) -> None:
        first = content.strip().split("\n")[0]
        self.wrong(f"Raw HTML is not accepted: use Markdown instead of “{first[:40]}”.", first)

    def inline(self, token: Token) -> None:
        """Look through a paragraph, heading, cell or list line."""
        if token.content.startswith(":::"):
            self.wrong("There is no such call-out: only “::: tip” … “:::” exists, with an empty line before it.", ":::")
        text = ""
        for child in token.children or []:
            if child.type == "text":
                text += child.content
                continue
            self._marks(text)
            text = ""
            if child.type == "html_inline":
                self._raw_html(child.content)
            elif child.type == "link_open":
                self._link(child)
            elif child.type == "image":
                self._image(child)
        self._marks(text)

    def _marks(self, text: str) -> None:
        for match in CITATION.finditer(text):
            slug = cite(match[1], self.line(match[0]), self.desk)
            if slug:
                self.citations.setdefault(slug)
        for match in figures.MARK.finditer(text):
            if match[1] not in Figure.values:
                self.wrong(f"There is no figure {match[1]}.{nearest(match[1], Figure.values)}", match[0])

    def _link(self, token: Token) -> None:
        target = unquote(str(token.attrs.get("href", "")))
        if not target.lower().startswith(_LINKS) or target.startswith("//"):
            self.wrong(
                f"A link can't lead to “{target}”: write /a/path/ of this site, https://…, or offer:product/merchant.",
                target,
            )
        if not target.startswith("offer:"):
            return
        pair = target.removeprefix("offer:")
        parts = pair.split("/")
        if len(parts) != 2 or not all(SLUG.fullmatch(part) for part in parts):
            self.wrong(f"“{target}” names no offer: write offer:product-slug/merchant-slug.", target)
            return
        line = self.line(target)
        self.desk.mentions += (Mention("product", parts[0], line), Mention("merchant", parts[1], line))
        self.offers.append(Mention("offer", pair, line))
        token.attrs = {"data-offer": pair}

    def _image(self, token: Token) -> None:
        name = unquote(str(token.attrs.get("src", "")))
        alt = token.content.strip()
        line = self.line(f"]({name}")
        if not alt:
            self.wrong(
                f"The picture {name} has no description: write what it shows between the brackets, ![…]({name}).", name
            )
            return
        try:
            picture = self.desk.picture(name, line, alt, str(token.attrs.get("title", "")))
        except Wrong as wrong:
            self.desk.wrong(wrong.line, wrong.text)
            return
        token.meta["number"] = len(self.pictures)
        self.pictures.append(picture)

    def _pictures_apart(self, tokens: list[Token]) -> list[Token]:
        """Paragraphs that are one picture become figures; a picture among words is a problem."""
        made: list[Token] = []
        rest = iter(tokens)
        for token in rest:
            images = [child for child in token.children or [] if child.type == "image"]
            if not images:
                made.append(token)
            elif len(token.children or []) == 1 and made[-1].type == "paragraph_open":
                made[-1] = Token("html_block", "", 0, content=self._figure(images[0]))
                next(rest)  # the paragraph's end
            else:
                self.range = (token.map[0], token.map[1]) if token.map else self.range
                self.wrong("A picture needs a paragraph of its own: put an empty line before and after it.", "![")
        return made

    def _figure(self, image: Token) -> str:
        number = image.meta.get("number")
        if number is None:
            return ""
        picture = self.pictures[number]
        caption = f"<figcaption>{escape(picture.caption)}</figcaption>" if picture.caption else ""
        return f'<figure><img src="picture:{number}" alt="{escape(picture.alt)}">{caption}</figure>\n'


def _level(tokens: list[Token]) -> None:
    """The lowest level used becomes h2, and no heading is more than one level below the one before it."""
    open_levels: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            while open_levels and open_levels[-1] >= level:
                open_levels.pop()
            open_levels.append(level)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(len(open_levels) + 1, _LOWEST)}"


def body(text: str, first_line: int, desk: Desk) -> Body:
    """The body of a Markdown text that begins on first_line of its file; problems and mentions go to the desk."""
    reader = _Text(text, first_line, desk)
    tokens = reader.blocks(_PARSER.parse(text))
    _level(tokens)
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return Body(html.strip(), first_line, tuple(reader.citations), tuple(reader.offers), tuple(reader.pictures))


def plain(text: str, first_line: int, desk: Desk) -> Body:
    """A body for a field of plain paragraphs; anything else in it is a problem."""
    reader = _Text(text, first_line, desk)
    paragraphs = []
    for token in _PARSER.parse(text):
        if token.map:
            reader.range = (token.map[0], max(token.map[1], token.map[0] + 1))
        if token.type == "inline":
            paragraphs.append("".join(_plain_part(child, reader) for child in token.children or []))
        elif token.type not in ("paragraph_open", "paragraph_close"):
            reader.wrong("Only plain paragraphs can stand here: no headings, lists, tables or HTML.")
            break
    return Body("\n\n".join(paragraphs), first_line)


def _plain_part(child: Token, reader: _Text) -> str:
    if child.type in ("softbreak", "hardbreak"):
        return " "
    if child.type != "text" or CITATION.search(child.content) or figures.MARK.search(child.content):
        reader.wrong("Only plain words can stand here: no links, emphasis, pictures, citations or HTML.")
    return child.content
