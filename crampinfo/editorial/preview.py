"""How a page will look to readers, before it does: changes are applied, the public view renders, all is undone."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.translation import gettext as _

from crampinfo.editorial import ahead
from crampinfo.editorial.ahead import NotShown, never_without, undone
from crampinfo.editorial.models import Publishable

__all__ = ["NotShown", "never_without", "page", "undone"]

_OPENING = re.compile(r"<a\b([^>]*)>")
_HREF = re.compile(r'\shref="([^"]*)"')
_PAID = re.compile(r'\sdata-aff\b|\srel="[^"]*\bsponsored\b|\shref="/+go/')


def page(instance: Publishable, request: HttpRequest) -> HttpResponse:
    """The public page of a stored object as if it were published now: see crampinfo.editorial.ahead.response.

    Links open in new tabs, and paid ones lead nowhere, so that no click is counted.
    """
    found = ahead.response(instance, request.META)
    found.content = _harmless(found.content.decode(found.charset)).encode(found.charset)
    return found


def _harmless(html: str) -> str:
    """The same page, whose links leave it standing: paid ones lead nowhere, others open in a tab of their own."""
    why = escape(_("A paid link leads nowhere in a preview."))

    def opened(match: re.Match[str]) -> str:
        attributes = match[1]
        href = _HREF.search(attributes)
        if href is None or href[1].startswith("#"):
            return match[0]
        if _PAID.search(attributes):
            return f'<a{_HREF.sub("", attributes, count=1)} href="#no-shop" title="{why}">'
        return f'<a{attributes} target="_blank">'

    return _OPENING.sub(opened, html)
