"""The picture tag: the best format and width a browser can use, and the original for all others."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from django import template

from crampinfo.editorial.models import Picture

register = template.Library()


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


def _focus(pic: Picture) -> list[str]:
    """Classes for a focal point off the centre, to ten per cent (static/css/components/focus.css)."""
    points = (("fx", round(pic.focus_x, -1)), ("fy", round(pic.focus_y, -1)))
    return [f"{axis}{point}" for axis, point in points if point != 50]


def _sources(pic: Picture) -> list[Source]:
    """AVIF before WebP: the browser takes the first format it knows, and the list is sorted that way."""
    url = pic.file.storage.url
    return [
        Source(f"image/{form}", ", ".join(f"{url(entry['name'])} {entry['width']}w" for entry in entries))
        for form, entries in groupby(pic.renditions, key=itemgetter("format"))
    ]
