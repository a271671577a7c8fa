"""Pictures in running text: stored as references to the library (`<img data-picture="12" alt="…">`), never as files.

So a picture whose file is replaced changes wherever it stands, and what a page prints has always its size and its
renditions. The words for those who can't see it belong to the text: they may say here what matters here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _

from crampinfo.editorial.models import Picture
from crampinfo.editorial.templatetags import pictures
from crampinfo.lib import markup

logger = logging.getLogger(__name__)


def settle(body: str) -> str:
    """Turn every picture of a sanitised body into its reference.

    Addresses of our own files become references too. Raises ValidationError naming pictures that the library lacks.
    """
    found = markup.images(body)
    if not found:
        return body
    known = _of_images(found)
    lost = [_name(image) for image in found if _name(image) not in known]
    if lost:
        raise ValidationError(
            _("These pictures are not in the library: %(names)s. Upload them there, then insert them from it.")
            % {"names": ", ".join(dict.fromkeys(lost))}
        )
    # Cleaned again, because the sanitiser writes quotation marks in attributes in its own way.
    return markup.sanitise(markup.replace_images(body, lambda image: _reference(known[_name(image)], image)))


def numbers(body: str) -> list[int]:
    """The pictures that a settled body refers to, in order of appearance."""
    named = (image.attributes.get("data-picture", "") for image in markup.images(body))
    return list(dict.fromkeys(int(number) for number in named if number))


def show(body: str) -> str:
    """A settled body with its pictures as readers load them; one query, and none for a body without pictures."""
    found = markup.images(body)
    known = _of_images(found) if found else {}
    return markup.replace_images(body, lambda image: _shown(known.get(_name(image)), image))


def snippet(picture: Picture) -> str:
    """The reference as it is typed where no editor inserts it."""
    return format_html('<figure><img data-picture="{}" alt="{}"></figure>', picture.pk, picture.alt)


def _name(image: markup.Image) -> str:
    """What a picture is asked for by: its number, or its file where it came with an address."""
    return image.attributes.get("data-picture") or _file(image.attributes.get("src", ""))


def _file(address: str) -> str:
    return unquote(address.partition("?")[0]).removeprefix(settings.MEDIA_URL)


def _of_images(found: Iterable[markup.Image]) -> Mapping[str, Picture]:
    """Pictures by the names that these use."""
    names = {_name(image) for image in found}
    keys = [int(name) for name in names if name.isdecimal()]
    known = {str(picture.pk): picture for picture in Picture.objects.filter(pk__in=keys)} if keys else {}
    files = [name for name in names if not name.isdecimal()]
    if files:
        known |= {str(picture.file.name): picture for picture in Picture.objects.filter(file__in=files)}
    return known


def _reference(picture: Picture, image: markup.Image) -> str:
    alt = image.attributes.get("alt", "").strip() or picture.alt  # a picture in a text says something
    return format_html('<img data-picture="{}" alt="{}">', picture.pk, alt)


def _shown(picture: Picture | None, image: markup.Image) -> str:
    alt = image.attributes.get("alt")
    if picture is None:
        logger.error("A text shows picture %r, which the library lacks.", _name(image))
        return escape(alt or "")
    return render_to_string("includes/picture.html", pictures.picture(picture, sizes=pictures.COLUMN, alt=alt)).strip()
