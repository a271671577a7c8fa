"""Where something is used: one registry of relations, filled by each app, and the index of links and marks.

What is used is not deleted, on any path: fields that point at it protect it by themselves, texts and lists of related
objects would lose it silently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Case, CharField, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Now
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial import linkindex, redirects
from crampinfo.editorial.models import (
    Author,
    Evidence,
    InternalLink,
    MedicalReview,
    Picture,
    Publishable,
    Reference,
    ReferenceOutcome,
    State,
    Topic,
)
from crampinfo.editorial.showing import publishables

SHOWN = 50
"""How many uses are listed; all are counted."""

Where = Callable[[Any], Q]
Targets = Callable[[Any], Iterable[str]]

LINKS = _("links to it")
CITES = _("cites it")
SHOWS = _("shows it")
_NO_STATE, _HIDDEN, _LIVE = -1, 0, 1


@dataclass(frozen=True, slots=True)
class Used:
    """One object that uses another: which, how, and whether readers see it (None: it has no state)."""

    model: type[models.Model]
    pk: int
    title: str
    how: str
    live: bool | None

    @property
    def kind(self) -> str:
        """What it is."""
        return capfirst(str(self.model._meta.verbose_name))


@dataclass(frozen=True, slots=True)
class Uses:
    """Where something is used. rows are the first of them; total and holding count all.

    holding: those for whose sake it is not deleted. linking: the pages whose texts lead to it.
    """

    rows: tuple[Used, ...] = ()
    total: int = 0
    holding: int = 0
    linking: int = 0


@dataclass(frozen=True, slots=True)
class _Look:
    by: type[models.Model]
    how: Any  # a lazy text
    where: Where
    holds: bool


_looks: dict[type[models.Model], list[_Look]] = {}
_marks: dict[type[models.Model], tuple[Any, Targets]] = {}
_titles: dict[type[models.Model], str] = {}


def found_in(used: type[models.Model], how: Any, by: type[models.Model], *paths: str, holds: bool = True) -> None:
    """Register that objects of one model use another: by which fields, as paths of look-ups from by to used.

    how is lazy and reads after the title ("cites it"). Without holds a use is shown and keeps nobody from deleting.
    """

    def where(instance: models.Model) -> Q:
        return Q(*(Q((path, instance.pk)) for path in paths), _connector=Q.OR)

    _looks.setdefault(used, []).append(_Look(by, how, where, holds))


def found_by(used: type[models.Model], how: Any, by: type[models.Model], where: Where, *, holds: bool = True) -> None:
    """As found_in, with a condition of one's own."""
    _looks.setdefault(used, []).append(_Look(by, how, where, holds))


def led_to(used: type[models.Model], how: Any, targets: Targets) -> None:
    """Register what texts that lead to an object hold, as the index of links calls it (offer:12, a path)."""
    _marks[used] = how, targets


def titled(model: type[models.Model], path: str) -> None:
    """Register which field, also of a related object, says what an object is; otherwise title or name does."""
    _titles[model] = path


def knows(model: type[models.Model]) -> bool:
    """Whether anything is registered that could use objects of this model."""
    return model in _looks or model in _marks or hasattr(model, "get_absolute_url")


def is_linked_by_address(model: type[models.Model]) -> bool:
    """Whether texts lead to it by the address of its page, which moves with its slug, and not by a mark."""
    return _marks[model][0] is LINKS if model in _marks else hasattr(model, "get_absolute_url")


def uses(instance: models.Model, visible: Callable[[type[models.Model]], bool] = lambda model: True) -> Uses:
    """Where it is used, by models that are visible to whoever asks; one query, and one more for many uses."""
    looks = [look for look in _all(instance) if visible(look.by)] if instance.pk else []
    if not looks:
        return Uses()
    parts = [_listed(number, look, instance) for number, look in enumerate(looks)]
    found = list(parts[0].union(*parts[1:]).order_by("_number", "_title", "pk")[: SHOWN + 1])
    counts = Counter(number for number, *_rest in found)
    if len(found) > SHOWN:
        tallies = [_counted(number, look, instance) for number, look in enumerate(looks)]
        counts = Counter(dict(tallies[0].union(*tallies[1:])))
    return Uses(
        rows=tuple(
            Used(looks[number].by, pk, title or f"#{pk}", str(looks[number].how), None if live < 0 else bool(live))
            for number, pk, title, live in found[:SHOWN]
        ),
        total=sum(counts.values()),
        holding=sum(count for number, count in counts.items() if looks[number].holds),
        linking=sum(count for number, count in counts.items() if _is_of_links(looks[number], instance)),
    )


def is_held(instance: models.Model) -> bool:
    """Whether it is used in a way that keeps it from being deleted; one query."""
    parts = [_listed(number, look, instance) for number, look in enumerate(_all(instance)) if look.holds]
    return bool(parts and instance.pk and parts[0].union(*parts[1:])[:1])


# --- where to look -------------------------------------------------------------------------------------------------


def _all(instance: models.Model) -> list[_Look]:
    """One look for each model and each way of using it, so that nothing is counted twice."""
    merged: dict[tuple[type[models.Model], str], _Look] = {}
    for look in (*_looks.get(type(instance), ()), *_in_texts(instance)):
        key = look.by, str(look.how)
        merged[key] = _either(merged[key], look) if key in merged else look
    return list(merged.values())


def _either(one: _Look, other: _Look) -> _Look:
    return _Look(one.by, one.how, lambda instance: one.where(instance) | other.where(instance), one.holds)


def _is_of_links(look: _Look, instance: models.Model) -> bool:
    return str(look.how) == str(_marks[type(instance)][0] if type(instance) in _marks else LINKS)


def _in_texts(instance: models.Model) -> Iterator[_Look]:
    """The pages in whose texts, or their rows' texts, something leads to it."""
    how, targets = _marks.get(type(instance), (LINKS, _addresses))
    wanted = [target for target in targets(instance) if len(target) <= linkindex.LONGEST]
    if not wanted:
        return
    kinds = ContentType.objects.get_for_models(*linkindex.holders())
    for model in publishables():
        own = Q(pk__in=_leading(kinds[model], wanted)) if model in kinds else Q()
        for relation in getattr(model, "content_children", {}):
            child = model._meta.get_field(relation).related_model
            if child in kinds:
                own |= Q((f"{relation}__in", _leading(kinds[child], wanted)))
        if own:
            yield _Look(model, how, _always(own), holds=True)


def _always(found: Q) -> Where:
    return lambda instance: found


def _leading(kind: ContentType, targets: list[str]) -> QuerySet[Any, Any]:
    return InternalLink.objects.filter(content_type=kind, target__in=targets).values("object_id")


def _addresses(instance: models.Model) -> Iterable[str]:
    return redirects.paths(instance) if hasattr(instance, "get_absolute_url") else ()


# --- queries -------------------------------------------------------------------------------------------------------


def _found(look: _Look, instance: models.Model) -> QuerySet[Any, Any]:
    rows = look.by._base_manager.filter(look.where(instance)).order_by()
    return rows.exclude(pk=instance.pk) if look.by is type(instance) else rows


def _listed(number: int, look: _Look, instance: models.Model) -> QuerySet[Any, Any]:
    """Number of the look, key, title and whether readers see it: the same columns from each model."""
    rows: QuerySet[Any, Any] = (
        _found(look, instance)
        .annotate(
            _number=Value(number, output_field=IntegerField()),
            _title=Cast(F(_title_of(look.by)), CharField()),
            _live=_live(look.by),
        )
        .values_list("_number", "pk", "_title", "_live")
        .distinct()
    )
    return rows


def _counted(number: int, look: _Look, instance: models.Model) -> QuerySet[Any, Any]:
    counted: QuerySet[Any, Any] = (
        _found(look, instance)
        .annotate(_number=Value(number, output_field=IntegerField()))
        .values("_number")
        .annotate(_count=Count("pk", distinct=True))
        .values_list("_number", "_count")
    )
    return counted


def _title_of(model: type[models.Model]) -> str:
    if model in _titles:
        return _titles[model]
    names = {field.name for field in model._meta.concrete_fields}
    return next((name for name in ("title", "name") if name in names), "pk")


def _live(model: type[models.Model]) -> Any:
    if not issubclass(model, Publishable):
        return Value(_NO_STATE, output_field=IntegerField())
    seen = Q(state=State.PUBLISHED, publish_at__lte=Now()) & (Q(retire_at__isnull=True) | Q(retire_at__gt=Now()))
    return Case(When(seen, then=Value(_LIVE)), default=Value(_HIDDEN), output_field=IntegerField())


# --- nothing that is used is deleted ---------------------------------------------------------------------------------


@receiver(pre_delete, dispatch_uid="whereused.refuse")
def refuse_deleting_what_is_used(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """On every path. The admin says where before it comes to that (crampinfo.editorial.admin.whereused)."""
    if knows(sender) and is_held(instance):
        raise PermissionDenied(f"“{instance}” is used elsewhere: take it out there first.")


# --- what this layer knows -------------------------------------------------------------------------------------------

titled(Evidence, "statement")
titled(MedicalReview, "reviewer__name")
led_to(Reference, CITES, lambda reference: [f"@{reference.slug}"])
led_to(Picture, SHOWS, lambda picture: [f"picture:{picture.pk}"])
found_in(Reference, _("rests on it"), Evidence, "reference")
found_in(Reference, _("is superseded by it"), Reference, "superseded_by")
found_in(ReferenceOutcome, _("draws it"), Evidence, "outcome")
found_in(Topic, _("speaks for it"), Evidence, "topic")
found_in(Picture, _("portrait"), Author, "portrait")
found_in(Author, _("medical review by them"), MedicalReview, "reviewer")
for _model in publishables():
    found_in(MedicalReview, _("was read"), _model, "medical_review")
