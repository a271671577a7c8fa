"""HTML that may be stored and shown: the sanitiser, headings and links in it, and the only home of mark_safe."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

import nh3
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

MAX_BODY = 1_000_000
MAX_ROUNDS = 4

_TAGS = {
    *(
        "h2",
        "h3",
        "h4",
        "p",
        "br",
        "hr",
        "ul",
        "ol",
        "li",
        "strong",
        "em",
        "b",
        "i",
        "s",
        "del",
        "sub",
        "sup",
        "code",
        "pre",
    ),
    *(
        "a",
        "blockquote",
        "cite",
        "q",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "img",
    ),
    *("aside", "abbr", "dl", "dt", "dd"),
}
_ATTRIBUTES = {
    "a": {"href", "hreflang", "data-offer"},
    "ol": {"start"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "img": {"data-picture", "src", "alt", "width", "height", "loading"},
    "abbr": {"title"},
    "blockquote": {"cite"},
}
_BLOCKS = "h2|h3|h4|p|br|hr|ul|ol|li|pre|blockquote|table|caption|thead|tbody|tr|th|td|figure|figcaption|aside|dl|dt|dd"
_SCOPES = {"col", "row", "colgroup", "rowgroup"}
_HEADING = re.compile(r"<h([2-4])>(.*?)</h\1>", re.DOTALL)
_LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
_IMAGE = re.compile(r"<img\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Heading:
    """One line of a contents table: level 2-4, the element's id, its plain text."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """An a element as stored: its attributes and its inner markup."""

    attributes: dict[str, str]
    inner: str

    @property
    def href(self) -> str:
        """Where it leads, '' if nowhere."""
        return self.attributes.get("href", "")


@dataclass(frozen=True, slots=True)
class Image:
    """An img element as stored: its attributes."""

    attributes: dict[str, str]


def trusted(markup: str) -> SafeString:
    """Mark as safe what this project's own code has built from escaped parts or sanitised."""
    return mark_safe(markup)  # noqa: S308  (this function is the one place where that is decided)


def sanitise(markup: str) -> str:
    """Reduce any HTML to what a body may hold; scripts, styles, event handlers and unknown addresses are gone.

    Headings 1, 5 and 6 become 2 and 4 so that their text stays a heading; pictures stay if they are this site's own
    (readers load nothing from another host). Raises ValueError beyond a million characters.
    The result is canonical: sanitising it again changes nothing.
    """
    if len(markup) > MAX_BODY:
        raise ValueError(f"The text has {len(markup):,} characters; {MAX_BODY:,} are the limit: split it.")
    levelled = re.sub(r"<(/?)h1\b", r"<\1h2", re.sub(r"<(/?)h[56]\b", r"<\1h4", markup, flags=re.I), flags=re.I)
    cleaned = _clean(levelled.replace("\x00", ""))
    # Mending a heading can leave a tag that the next parse reads otherwise; a second round settles nearly everything.
    for _ in range(MAX_ROUNDS):
        again = _clean(cleaned)
        if again == cleaned:
            break
        cleaned = again
    return cleaned


def _clean(markup: str) -> str:
    cleaned = nh3.clean(
        markup,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_fit,
        allowed_classes={"aside": {"tip"}},
        clean_content_tags={"script", "style", "iframe", "object", "template", "noscript"},
        url_schemes={"http", "https", "mailto"},
        generic_attribute_prefixes=set(),
        link_rel=None,
    )
    # A picture of another host has lost its address.
    cleaned = re.sub(r"<img(?![^>]*\s(?:src|data-picture)=)[^>]*>", "", cleaned)
    cleaned = re.sub(r"<pre>\n+", "<pre>", cleaned)  # every parser drops one line break there: drop all at once
    return _close_heading_jumps(_scope_header_cells(cleaned))


def _fit(tag: str, attribute: str, value: str) -> str | None:
    """The value of an attribute, or None for one that says nothing a browser could use, or loads from elsewhere."""
    if attribute == "src":
        own = re.match(r"/(?![/\\])", value) and not re.search(r"[\t\r\n]", value)
        return value if own else None
    if attribute == "scope":
        return value if value in _SCOPES else None
    if attribute in ("start", "colspan", "rowspan", "width", "height", "data-offer", "data-picture"):
        return value if re.fullmatch(r"-?[0-9]{1,18}" if attribute == "start" else r"[0-9]{1,18}", value) else None
    return value


def _scope_header_cells(markup: str) -> str:
    """A header cell heads its column in a table's head or in a row of headers, else its row (rules.md A11Y-06)."""

    def scoped(row: str, scope: str) -> str:
        return re.sub(r"<th(?=[ >])(?![^>]*\sscope=)", f'<th scope="{scope}"', row)

    def in_head(match: re.Match[str]) -> str:
        return scoped(match[0], "col")

    def in_row(match: re.Match[str]) -> str:
        return scoped(match[0], "row" if re.search(r"<td[ >]", match[0]) else "col")

    columns = re.sub(r"<thead>.*?</thead>", in_head, markup, flags=re.DOTALL)
    return re.sub(r"<tr>.*?</tr>", in_row, columns, flags=re.DOTALL)


def _close_heading_jumps(markup: str) -> str:
    """Renumber headings so that the first is a 2 and none is more than one level below the heading before it.

    A heading without words goes; one inside another is part of it.
    """
    open_levels: list[int] = []

    def levelled(match: re.Match[str]) -> str:
        inner = re.sub(r"</?h[2-4]>", "", match[2])
        if not plain(inner) and "<img" not in inner:
            return inner
        level = int(match[1])
        while open_levels and open_levels[-1] >= level:
            open_levels.pop()
        open_levels.append(level)
        depth = min(len(open_levels) + 1, 4)
        return f"<h{depth}>{inner}</h{depth}>"

    return _HEADING.sub(levelled, markup)


def headings(markup: str) -> list[Heading]:
    """The headings of a sanitised body with the ids that with_anchors gives them."""
    taken: set[str] = set()
    found = []
    for match in _HEADING.finditer(markup):
        text = plain(match[2])
        base = anchor = f"s-{slugify(text, allow_unicode=True)[:60] or 'section'}"
        number = 1
        while anchor in taken:
            number += 1
            anchor = f"{base}-{number}"
        taken.add(anchor)
        found.append(Heading(int(match[1]), anchor, text))
    return found


def with_anchors(markup: str) -> str:
    """The same body with an id on every heading."""
    anchors = iter(headings(markup))
    return _HEADING.sub(lambda match: f'<h{match[1]} id="{next(anchors).anchor}">{match[2]}</h{match[1]}>', markup)


def plain(markup: str) -> str:
    """The text of some HTML on one line; what stands in two blocks does not run together."""
    spaced = re.sub(rf"</?(?:{_BLOCKS})\b", r" \g<0>", markup)
    return " ".join(html.unescape(strip_tags(spaced)).split())


def links(markup: str) -> list[Link]:
    """Every a element of a sanitised body, in order."""
    return [_link(match) for match in _LINK.finditer(markup)]


def replace_links(markup: str, replacement: Callable[[Link], str | None]) -> str:
    """Replace links of a sanitised body by what the function returns; None leaves one as it is."""

    def replaced(match: re.Match[str]) -> str:
        made = replacement(_link(match))
        return match[0] if made is None else made

    return _LINK.sub(replaced, markup)


def images(markup: str) -> list[Image]:
    """Every img element of a sanitised body, in order."""
    return [Image(_attributes(match[1])) for match in _IMAGE.finditer(markup)]


def replace_images(markup: str, replacement: Callable[[Image], str]) -> str:
    """Replace the img elements of a sanitised body by what the function returns."""
    return _IMAGE.sub(lambda match: replacement(Image(_attributes(match[1]))), markup)


def _link(match: re.Match[str]) -> Link:
    return Link(_attributes(match[1]), match[2])


def _attributes(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(text)}
