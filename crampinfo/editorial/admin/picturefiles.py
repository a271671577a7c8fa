"""How the admin draws pictures: the smallest file that is sharp enough, whole, or cut around the focal point."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crampinfo.editorial.models import Picture

_KINDS = {"jpg": "JPEG", "png": "PNG"}


@dataclass(frozen=True, slots=True)
class Files:
    """What is stored of a picture, in words: its own file, and its renditions or why there are none."""

    own: str
    copies: tuple[str, ...]
    missing: bool


def address(picture: Picture, width: int) -> str:
    """The address of the narrowest WebP rendition at least that wide, or of the picture's own file."""
    wide = sorted(entry["width"] for entry in picture.renditions if entry["format"] == "webp")
    best = next((found for found in wide if found >= width), wide[-1] if wide else None)
    names = [entry["name"] for entry in picture.renditions if (entry["format"], entry["width"]) == ("webp", best)]
    url: str = picture.file.storage.url(names[0]) if names else picture.file.url
    return url


def look(picture: Picture, across: int, down: int, alt: str = "") -> SafeString:
    """The whole picture, within so many pixels."""
    scale = min(1, across / max(picture.width, 1), down / max(picture.height, 1))
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    markup = '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy">'
    return format_html(markup, address(picture, min(2 * width, picture.width)), alt, width, height)


def crop(picture: Picture, across: int, down: int) -> SafeString:
    """The picture cut to a shape, its focal point kept. An SVG, because its window is an attribute and no style."""
    width, height = picture.width, picture.height
    inner = min(width, height * across / down), min(height, width * down / across)
    left, top = (width - inner[0]) * picture.focus_x / 100, (height - inner[1]) * picture.focus_y / 100
    box = " ".join(f"{number:.1f}" for number in (left, top, *inner))
    return format_html(
        '<figure class="crop"><svg data-crop="{0}/{1}" viewBox="{2}" width="{3}" height="96" aria-hidden="true">'
        '<image href="{4}" width="{5}" height="{6}"/></svg><figcaption>{0}:{1}</figcaption></figure>',
        across,
        down,
        box,
        round(96 * across / down),
        address(picture, 640),
        width,
        height,
    )


def files(picture: Picture) -> Files:
    """What the storage holds of it."""
    storage, name = picture.file.storage, str(picture.file.name)
    kind = _KINDS.get(name.rpartition(".")[2], name.rpartition(".")[2].upper())
    if not storage.exists(name):
        return Files(_("The file is missing: upload it again below."), (), True)
    own = _("%(kind)s, %(width)s × %(height)s pixels, %(weight)s") % {
        "kind": kind,
        "width": picture.width,
        "height": picture.height,
        "weight": filesizeformat(storage.size(name)),
    }
    by_format: dict[str, list[str]] = {}
    for entry in picture.renditions:
        by_format.setdefault(entry["format"], []).append(str(entry["width"]))
    labels = {"avif": "AVIF", "webp": "WebP"}
    copies = (f"{labels.get(form, form)}: {', '.join(widths)}" for form, widths in by_format.items())
    return Files(own, tuple(copies), False)
