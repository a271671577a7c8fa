"""A page before its time: an object's row is put live, its public view renders, and all of it is undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial import revisions
from crampinfo.editorial.dates import date_publication
from crampinfo.editorial.models import Publishable, State
from crampinfo.editorial.signals import shown_ahead

# What of a request says how this site is reached. Cookies, language and the rest say who asks, and stay out.
_OF_THE_SITE = ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO")
# "Live" is asked by the database's clock, which may be behind ours.
_CLOCKS = timedelta(minutes=1)


class NotShown(Exception):
    """There is no page to show; the message says why."""


# What a view raises while something is missing that its page can't do without. Apps add their own.
_missing: list[type[Exception]] = []


def never_without(*errors: type[Exception]) -> None:
    """Errors that say in their own words why a page can't be shown yet, such as that a score is missing."""
    _missing.extend(errors)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is undone at the end, and what was to follow a commit never happens."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def response(instance: Publishable, site: Mapping[str, Any] | None = None) -> HttpResponse:
    """The public page of a stored object as if it were published now, rendered by its own view for an anonymous reader.

    Call it inside undone(), or inside a transaction that an exception will leave: the object's row is put live without
    gate, ledger, revision or news. site is the META of a request that says how this site is reached. Raises NotShown
    where readers would find no page.
    """
    if not _put_live(instance):
        shown_ahead.send(sender=type(instance), instance=instance)
    address: str = instance.get_absolute_url()  # type: ignore[attr-defined]  # every publishable thing has a page
    try:
        found = public(address, site)
    except Http404 as error:
        raise NotShown(_("Readers would find no page at %(address)s.") % {"address": address}) from error
    except tuple(_missing) as error:
        raise NotShown(str(error)) from error
    return found


def public(address: str, site: Mapping[str, Any] | None = None) -> HttpResponse:
    """What the view at an address of this site answers an anonymous reader, as things stand. Raises Http404."""
    return answer(as_reader(site or {}, address))


def answer(asked: HttpRequest) -> HttpResponse:
    """What the view that a request of as_reader leads to makes of it."""
    match: Any = asked.resolver_match
    found: HttpResponse = match.func(asked, *match.args, **match.kwargs)
    return found


def html(instance: Publishable) -> str:
    """The same page as text, with everything undone. Works before static files are collected, too."""
    dates = {name: getattr(instance, name) for name in ("publish_at", "first_published_at", "content_changed_at")}
    try:
        with undone(), plain_static_names():
            found = response(instance)
            return found.content.decode(found.charset)
    finally:
        for name, value in dates.items():
            setattr(instance, name, value)


@contextmanager
def plain_static_names() -> Iterator[None]:
    """A process that has no list of static files (an import on a new site) names them without their hashes."""
    storage: Any = staticfiles_storage
    if getattr(storage, "hashed_files", None) != {}:
        yield
        return
    storage.url = lambda name, force=False: f"{settings.STATIC_URL}{name}"
    try:
        yield
    finally:
        del storage.url


def _put_live(instance: Publishable) -> bool:
    """The dates, state and hashes that publishing would give it, straight into its row; whether it had them already."""
    now = timezone.now()
    when = instance.publish_at or now
    row: models.QuerySet = models.QuerySet(type(instance)).filter(pk=instance.pk)
    shown = {"publish_at": min(when, now - _CLOCKS), "retire_at": None}  # if scheduled, as it will stand then
    if instance.state == State.PUBLISHED:
        row.update(**shown)
        return True
    fresh = revisions.content_hash(instance)
    date_publication(instance, when, None, changed=instance.gate_hash != fresh)
    row.update(
        **shown,
        state=State.PUBLISHED,
        first_published_at=instance.first_published_at,
        content_changed_at=instance.content_changed_at,
        content_hash=fresh,
        gate_hash=fresh,
        gate_passed_at=now,
    )
    return False


def as_reader(site: Mapping[str, Any], address: str) -> HttpRequest:
    """An address asked for by somebody of whom nothing is known. Raises Http404 where no view stands."""
    asked = HttpRequest()
    asked.method = "GET"
    asked.path = asked.path_info = unquote(address)
    asked.META = {name: site[name] for name in _OF_THE_SITE if name in site}
    asked.user = AnonymousUser()
    asked.resolver_match = resolve(unquote(address))  # an address is quoted, a path as a server hands it on is not
    return asked
