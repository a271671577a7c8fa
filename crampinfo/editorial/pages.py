"""A page's head: title, address, path, languages, robots and structured data, built once for every public view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as django_render
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crampinfo.lib import jsonld

Trail = Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class PageHead:
    """What base.html prints of a page.

    canonical, alternates and og_image are absolute; breadcrumbs are (label, path or None).
    """

    title: str
    heading: str
    description: str
    canonical: str
    language: str = settings.LANGUAGE_CODE
    section: str = ""
    breadcrumbs: Trail = ()
    alternates: Sequence[tuple[str, str]] = ()
    indexable: bool = True
    demo: bool = False
    jsonld: SafeString = field(default_factory=lambda: jsonld.script([]))
    kind: str = "website"
    og_image: str = ""

    @property
    def robots(self) -> str:
        """noindex for demo rows and for views of a page that has a canonical one."""
        return "" if self.indexable else "noindex, follow"


def shown_as_demo(is_demo: bool) -> bool:
    """Whether an invented thing is marked as such: always, except in the showcase (never in production)."""
    return is_demo and not settings.SHOWCASE


def absolute(path: str) -> str:
    """The address of a path of this site."""
    return f"{settings.SITE_URL}{path}"


def head(
    *,
    title: str,
    description: str,
    path: str,
    heading: str = "",
    language: str = settings.LANGUAGE_CODE,
    section: str = "",
    trail: Trail = (),
    alternates: Sequence[tuple[str, str]] = (),
    demo: bool = False,
    indexable: bool = True,
    nodes: Sequence[jsonld.Node] = (),
    kind: str = "website",
    image: str = "",
) -> PageHead:
    """The head of a page at path; trail lists what lies between home and this page, this page last, without a path.

    Demo rows are not indexed and carry no structured data (rules.md DEMO-01); breadcrumbs are structure, not content,
    and follow the same rule because they would point at pages that are not indexed. image is the absolute address of a
    picture on the page.
    """
    marked = shown_as_demo(demo)
    with translation.override(language):
        crumbs: Trail = [(_("Home"), "/"), *trail] if trail else ()
    searchable = indexable and not marked
    graph = [*nodes, jsonld.breadcrumbs(crumbs, settings.SITE_URL)] if crumbs else list(nodes)
    return PageHead(
        title=title,
        heading=heading or title,
        description=description,
        canonical=absolute(path),
        language=language,
        section=section,
        breadcrumbs=crumbs,
        alternates=[(code, absolute(address)) for code, address in alternates],
        indexable=searchable,
        demo=marked,
        jsonld=jsonld.script(graph if searchable else []),
        kind=kind,
        og_image=image,
    )


def render(
    request: HttpRequest, template: str, page: PageHead, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a public page in its own language, chrome, dates and all; nothing in it depends on who asks."""
    with translation.override(page.language):
        response = django_render(request, template, {"page": page, **context}, status=status)
    response["Content-Language"] = page.language
    if not page.indexable:
        response["X-Robots-Tag"] = page.robots
    return response
