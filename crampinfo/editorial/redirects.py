"""Addresses that moved: the old one leads to the new one, in one step and never in a circle.

Paths are kept decoded, as a slug is typed: percent signs would make a long one too long for its column.
"""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import unquote

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial.models import Publishable
from crampinfo.editorial.signals import page_moved

_LEFT = "_left_addresses"  # where an instance keeps, between the two signals, what its stored row is found under


@transaction.atomic
def leave(old: str, new: str) -> None:
    """Lead old to new. Redirects to old now lead to new too, and none leads away from new, which is a page again."""
    old, new = unquote(old), unquote(new)
    if old == new:
        return
    here = _here()
    here.filter(old_path=new).delete()
    here.filter(new_path=old).update(new_path=new)
    here.update_or_create(site_id=settings.SITE_ID, old_path=old, defaults={"new_path": new})
    page_moved.send(sender=None, old=old, new=new)


def follow_unseen(old: str, new: str) -> None:
    """A page that no reader has seen moved: nothing leads on from its old address, but our own links follow it."""
    if unquote(old) != unquote(new) and target(unquote(old)) is None:
        page_moved.send(sender=None, old=unquote(old), new=unquote(new))


def settle(path: str) -> None:
    """A page stands at this address: whatever led away from it is forgotten."""
    _here().filter(old_path=unquote(path)).delete()


def target(path: str) -> str | None:
    """Where an address leads ('' where it is gone for good), None when nothing is known of it. path is decoded."""
    new: str | None = _here().filter(old_path=path).values_list("new_path", flat=True).first()
    return new


def shorten(old: str, new: str) -> None:
    """What led to old leads to new in one step, and new to where it leads itself."""
    end = target(new) if new else ""
    _here().filter(new_path=old).update(new_path=end or new)
    if end:
        _here().filter(old_path=old).update(new_path=end)


def refuse_circle(old: str, new: str, besides: int | None = None) -> None:
    """Raise ValidationError when leading old to new would lead readers in a circle. besides: the row being changed."""
    seen, path = {old}, new
    others = dict(_here().exclude(pk=besides).values_list("old_path", "new_path"))
    while path:
        if path in seen:
            raise ValidationError({"new_path": _("This leads back to where it began: choose another address.")})
        seen.add(path)
        path = others.get(path, "")


def _here() -> Any:
    return Redirect.objects.filter(site_id=settings.SITE_ID)


# --- pages that move by themselves ---------------------------------------------------------------------------------


def addresses(instance: models.Model) -> tuple[str, ...]:
    """Where an object is found: its own page, and others that are named after it (further_addresses)."""
    page = cast(Any, instance)
    return (page.get_absolute_url(), *getattr(page, "further_addresses", ()))


def paths(instance: models.Model) -> list[str]:
    """Its addresses as paths, decoded."""
    return [unquote(address) for address in addresses(instance)]


def follow(old: models.Model, new: models.Model) -> None:
    """Lead every address of an object as it was to the one it has now."""
    lead = leave if was_seen(old) else follow_unseen
    for before, after in zip(addresses(old), addresses(new), strict=True):
        lead(before, after)


def _has_page(model: type[Any]) -> bool:
    return hasattr(model, "get_absolute_url")


def _names_its_page(model: type[Any]) -> bool:
    return _has_page(model) and any(field.name == "slug" for field in model._meta.concrete_fields)


def was_seen(stored: models.Model) -> bool:
    """Whether anybody can have come by its address: drafts have none yet; topics, authors and brands have no state."""
    if not isinstance(stored, Publishable):
        return True
    return stored.first_published_at is not None and stored.first_published_at <= timezone.now()


@receiver(pre_save)
def remember_the_address(
    sender: type[Any], instance: Any, raw: bool = False, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """Note the stored row when its slug is about to change; it is followed once the change is saved."""
    if raw or instance.pk is None or not _names_its_page(sender) or (update_fields and "slug" not in update_fields):
        return
    stored = sender._base_manager.filter(pk=instance.pk).first()
    moves = stored is not None and stored.slug != instance.slug
    instance.__dict__[_LEFT] = stored if moves else None


@receiver(post_save)
def follow_the_page(sender: type[Any], instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Leave redirects from a changed slug; a page that takes an address wins over what led away from it."""
    if raw or not _has_page(sender):
        return
    stored = instance.__dict__.pop(_LEFT, None)
    if stored is not None:
        follow(stored, instance)
    if stored is not None and was_seen(stored):
        return
    if instance.is_live if isinstance(instance, Publishable) else created:
        for path in addresses(instance):
            settle(path)


@receiver(post_delete)
def forget_the_page(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """What led to a page that is gone leads nowhere."""
    if _has_page(sender) and instance.pk is not None:
        _here().filter(new_path__in=paths(instance)).delete()
