"""The picture tag: the best format and width a browser can use, and the original for all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from math import inf
from operator import itemgetter
from typing import Any

from django import template

from crampinfo.editorial.models import Picture

register = template.Library()

COLUMN = "(min-width: 48rem) 41rem, calc(100vw - 2rem)"
"""How wide running text is, as HTML's sizes (--measure in tokens.css)."""
FIRST_VIEW = 100_000
"""Bytes that the picture of a text may cost a reader (design.md: a light page on a phone at night)."""
_LIGHT = 640  # pixels: a copy whose weight nobody has put down is light enough up to this width


@dataclass(frozen=True, slots=True)
class Source:
    """One <source>: a format and its addresses by width."""

    mime: str
    srcset: str


@register.inclusion_tag("includes/picture.html")
def picture(
    pic: Picture | None, *, sizes: str = "100vw", alt: str | None = None, loading: str = "lazy", **attributes: str
) -> dict[str, object]:
    """Draw a picture, or nothing for None.

    sizes is the width it takes on the page, as in HTML. alt replaces the picture's own text; alt="" marks decoration.
    loading="eager" is for the one picture at the top. The only further attribute is class. Where a page cuts the
    picture, its focal point stays in it.
    """
    css = attributes.pop("class", "")
    if attributes:
        raise template.TemplateSyntaxError(f"The picture tag knows no {', '.join(sorted(attributes))}.")
    return {
        "picture": pic,
        "sources": _sources(pic) if pic else [],
        "sizes": sizes,
        "alt": pic.alt if pic and alt is None else alt,
        "loading": loading,
        "css": " ".join([css, *_focus(pic)] if css else _focus(pic)) if pic else css,
    }


@register.inclusion_tag("includes/lead_picture.html")
def lead_picture(pic: Picture | None, further_down: object = None) -> dict[str, object]:
    """Draw the picture of a text with its credit; nothing for None.

    It is fetched at once where nothing stands between it and the answer, and lazily where something does
    (further_down). Copies that weigh more than FIRST_VIEW are not offered: a browser takes the next smaller one.
    """
    return {"picture": pic, "sizes": COLUMN, "loading": "lazy" if further_down else "eager"} | (
        {"sources": _sources(pic, FIRST_VIEW), "alt": pic.alt, "css": " ".join(_focus(pic))} if pic else {}
    )


def _focus(pic: Picture) -> list[str]:
    """Classes for a focal point off the centre, to ten per cent (static/css/components/focus.css)."""
    points = (("fx", round(pic.focus_x, -1)), ("fy", round(pic.focus_y, -1)))
    return [f"{axis}{point}" for axis, point in points if point != 50]


def _sources(pic: Picture, at_most: int = 0) -> list[Source]:
    """AVIF before WebP: the browser takes the first format it knows, and the list is sorted that way.

    at_most leaves out what weighs more bytes.
    """
    url = pic.file.storage.url
    wanted = [entry for entry in pic.renditions if not at_most or _weighs(entry) <= at_most]
    return [
        Source(f"image/{form}", ", ".join(f"{url(entry['name'])} {entry['width']}w" for entry in entries))
        for form, entries in groupby(wanted, key=itemgetter("format"))
    ]


def _weighs(entry: Mapping[str, Any]) -> float:
    """Bytes of a copy; one from before they were put down is judged by its width."""
    return float(entry.get("bytes") or (0 if entry["width"] <= _LIGHT else inf))
