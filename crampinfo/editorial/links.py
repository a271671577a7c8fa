"""Links inside the site: whether there is a page where they lead."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.urls import Resolver404, resolve
from django.utils.encoding import escape_uri_path

from crampinfo.editorial.findings import Finding
from crampinfo.editorial.models import Publishable, State

Rows = Callable[[], QuerySet]

CODE = "SEO-TECH-01"
"""The rule about links inside the site."""

PATH_FIELDS = frozenset({"none_link"})
"""Fields that are nothing but an address inside the site."""

# A link in a body, or a field that is one.
_HREF = re.compile(r'(?<=<a )[^<>]{0,500}?href="([^"]+)"|^/[^\s"<>]*$')


class Leads(StrEnum):
    """Where a link ends up."""

    THERE = "there"
    MOVED = "moved"
    NOT_PUBLIC = "not public"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class _Target:
    rows: Rows
    by: str


_targets: dict[str, _Target] = {}


def leads_to(rows: Rows, by: str, *names: str) -> None:
    """Register which rows the addresses of these names show, and by which field the address finds them."""
    for name in names:
        _targets[name] = _Target(rows, by)


def path_of(href: str) -> str:
    """The path of a link that stays on this site, '' for any other."""
    parts = urlsplit(href)
    own = not parts.netloc or f"{parts.scheme}://{parts.netloc}" == settings.SITE_URL
    return unquote(parts.path) if own and parts.scheme in ("", "http", "https") and parts.path.startswith("/") else ""


def in_text(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The paths that a body, or a field that is an address, leads to inside this site, each with its place."""
    for match in _HREF.finditer(text):
        path = path_of(html.unescape(match[1] or match[0]))
        if path:
            yield path, match


def readdressed(text: str, old: str, new: str) -> str:
    """A text whose links to one path lead to another; what follows the path (query, fragment) stays as it is."""

    def moved(match: re.Match[str]) -> str:
        href = match[1] or match[0]
        if path_of(html.unescape(href)) != old:
            return match[0]
        parts = urlsplit(html.unescape(href))
        made = urlunsplit(parts._replace(path=escape_uri_path(new)))
        start = match.start(1) - match.start() if match[1] else 0
        return match[0][:start] + html.escape(made) + match[0][start + len(href) :]

    return _HREF.sub(moved, text)


def check(paths: Iterable[str]) -> Mapping[str, Leads]:
    """Where each path of this site leads, in one query a kind of page."""
    found: dict[str, Leads] = {}
    wanted: dict[str, dict[str, str]] = defaultdict(dict)
    for path in set(paths):
        try:
            match = resolve(path)
        except Resolver404:
            found[path] = Leads.NOWHERE
            continue
        key = match.kwargs.get("slug", "")
        if match.url_name == "media" and not _is_a_file(match.kwargs["path"]):
            found[path] = Leads.NOWHERE
            continue
        if match.url_name in _targets and key:
            wanted[match.url_name][path] = key
        else:
            found[path] = Leads.THERE
    for name, keys in wanted.items():
        states = _states(_targets[name], set(keys.values()))
        found |= {path: _leads(states.get(key)) for path, key in keys.items()}
    return found | _moved([path for path, leads in found.items() if leads is Leads.NOWHERE])


def still_broken(found: Iterable[Finding]) -> list[Finding]:
    """Findings without links that lead to a page by now: a report is as old as the last save, and pages come and go."""
    found = list(found)
    paths = {path for path in (path_of(one.excerpt) for one in found if one.code == CODE) if path}
    there = {path for path, leads in check(paths).items() if leads is Leads.THERE} if paths else set()
    return [one for one in found if one.code != CODE or path_of(one.excerpt) not in there]


def _is_a_file(name: str) -> bool:
    try:
        return default_storage.exists(name)
    except SuspiciousFileOperation:  # it climbs out of the folder
        return False


def _states(target: _Target, keys: set[str]) -> dict[str, Any]:
    rows = target.rows().filter(**{f"{target.by}__in": keys})
    if issubclass(rows.model, Publishable):
        return dict(rows.values_list(target.by, "state"))
    return dict.fromkeys(rows.values_list(target.by, flat=True), State.PUBLISHED)


def _leads(state: str | None) -> Leads:
    if state is None:
        return Leads.NOWHERE
    return Leads.THERE if state == State.PUBLISHED else Leads.NOT_PUBLIC


def _moved(paths: list[str]) -> dict[str, Leads]:
    """Of paths that lead nowhere, those from which a redirect leads on."""
    if not paths:
        return {}
    known = Redirect.objects.filter(site_id=settings.SITE_ID, old_path__in=paths).values_list("old_path", flat=True)
    return dict.fromkeys(known, Leads.MOVED)
