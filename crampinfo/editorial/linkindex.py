"""What stored texts lead to, indexed whenever a row is saved: links inside the site, cited sources, marks in bodies.

Rows come in by save() and bulk_create(); whatever goes round both (a queryset's update, loaddata) is caught by the
nightly rebuild, or by `manage.py index_links`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from crampinfo.editorial import illustrations, links
from crampinfo.editorial.citations import MARK
from crampinfo.editorial.models import InternalLink, Publishable
from crampinfo.editorial.showing import publishables
from crampinfo.editorial.signals import rows_changed

Reader = Callable[[str], Iterable[str]]

LONGEST = 250  # characters of a target; no address of ours is as long, so a longer one leads nowhere
_BATCH = 200  # rows with their texts in memory at once

_readers: list[Reader] = []


def reads(function: Reader) -> Reader:
    """Register what else a body leads to: a function from its text to targets, such as offer:12."""
    _readers.append(function)
    return function


@reads
def _pictures(text: str) -> Iterable[str]:
    return (f"picture:{number}" for number in illustrations.numbers(text))


@lru_cache(maxsize=1)
def holders() -> Mapping[type[models.Model], tuple[str, ...]]:
    """The models whose rows hold texts that may lead somewhere, with the names of those fields."""
    found: dict[type[models.Model], tuple[str, ...]] = {}
    for model in publishables():
        parts: dict[Any, tuple[str, ...]] = {model: model.content_fields}
        for relation, fields in getattr(model, "content_children", {}).items():
            parts[model._meta.get_field(relation).related_model] = fields
        for part, names in parts.items():
            texts = tuple(name for name in names if _holds_text(part, name))
            if texts:
                found[part] = texts
    return found


def _holds_text(model: type[models.Model], name: str) -> bool:
    return name in links.PATH_FIELDS or isinstance(model._meta.get_field(name), models.TextField)


def targets(model: type[models.Model], name: str, text: str) -> set[str]:
    """Where a text leads: marks of citations in any, links and other marks in bodies."""
    found = {f"@{match[1]}" for match in MARK.finditer(text)}
    body = getattr(model._meta.get_field(name), "settled_by_saving", False)
    if body or name in links.PATH_FIELDS:
        found |= {path for path, _match in links.in_text(text)}
    if body:
        found |= {target for read in _readers for target in read(text)}
    return {target for target in found if len(target) <= LONGEST}


def write(model: type[models.Model], rows: Sequence[models.Model], *, fresh: bool = False) -> None:
    """Bring the index to what these rows of one model say: a query that reads it, and one for each difference.

    fresh: they were just made, so nothing is known of them. Fields that were not loaded stay as they were indexed.
    """
    kind = ContentType.objects.get_for_model(model)
    names = {row.pk: set(holders()[model]) - row.get_deferred_fields() for row in rows}
    wanted = {
        (row.pk, name, target)
        for row in rows
        for name in names[row.pk]
        for target in targets(model, name, getattr(row, name) or "")
    }
    there: dict[tuple[int, str, str], int] = {}
    if not fresh:
        known = InternalLink.objects.filter(content_type=kind, object_id__in=list(names))
        there = {
            (owner, name, target): pk
            for pk, owner, name, target in known.values_list("pk", "object_id", "field", "target")
            if name in names[owner]
        }
    gone = [pk for key, pk in there.items() if key not in wanted]
    if gone:
        InternalLink.objects.filter(pk__in=gone)._raw_delete(DEFAULT_DB_ALIAS)
    new = sorted(wanted - there.keys())
    if new:
        InternalLink.objects.bulk_create(
            (
                InternalLink(content_type=kind, object_id=owner, field=name, target=target)
                for owner, name, target in new
            ),
            ignore_conflicts=True,
        )


def rebuild(step: Callable[[str], None] = lambda name: None) -> int:
    """Index everything that is stored and forget what is gone; how many links there are. step hears of each row."""
    kinds = {model: ContentType.objects.get_for_model(model) for model in holders()}
    InternalLink.objects.exclude(content_type__in=kinds.values()).delete()
    for model, kind in kinds.items():
        every = model._base_manager.order_by("pk").only("pk", *holders()[model])
        mine = InternalLink.objects.filter(content_type=kind)
        mine.exclude(object_id__in=model._base_manager.values("pk")).delete()
        for batch in _batches(every):
            write(model, batch)
            for row in batch:
                step(f"{model._meta.label_lower} {row.pk}")
    return InternalLink.objects.count()


def _batches(rows: models.QuerySet) -> Iterator[list[models.Model]]:
    """By key and not by offset: nothing is left out when rows come or go meanwhile."""
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:_BATCH]):
        yield batch
        last = batch[-1].pk


@receiver(post_save, dispatch_uid="linkindex.saved")
def index_saved(
    sender: type[Any],
    instance: Any,
    created: bool,
    raw: bool = False,
    update_fields: frozenset[str] | None = None,
    **kwargs: Any,
) -> None:
    """With the row, in its transaction."""
    names = holders().get(sender)
    if names is None or raw or (update_fields is not None and update_fields.isdisjoint(names)):
        return
    write(sender, [instance], fresh=created)


@receiver(rows_changed, dispatch_uid="linkindex.in_bulk")
def index_many(sender: type[Any], keys: list[int], **kwargs: Any) -> None:
    """Drafts that were made many at once."""
    if sender in holders() and issubclass(sender, Publishable):
        rows = sender._base_manager.only("pk", *holders()[sender])
        for start in range(0, len(keys), _BATCH):
            write(sender, list(rows.filter(pk__in=keys[start : start + _BATCH])))


@receiver(post_delete, dispatch_uid="linkindex.deleted")
def forget_deleted(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """With the row."""
    if sender in holders():
        kind = ContentType.objects.get_for_model(sender)
        InternalLink.objects.filter(content_type=kind, object_id=instance.pk)._raw_delete(DEFAULT_DB_ALIAS)
