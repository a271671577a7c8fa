"""Sellers can't score, scorers can't sell (promise 5): what one of them was refused on the other's side is logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.db.models import F
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from crampinfo.editorial.roles import Role
from crampinfo.site.models import Attempt, Target
from crampinfo.site.roles import TABLE
from crampinfo.site.signin.door import ADMIN

logger = logging.getLogger(__name__)

REFUSED = (400, 403)

# Said in an address without naming a model: the desk's own pages, and what a programme pays.
_DESK, _RATE = "money", "commission_percent"


@cache
def money() -> frozenset[str]:
    """What a part of an address, or of a look-up in its query, says when it is about money.

    Whatever the table lets an affiliate manager see and a reviewer not, so that a model added there is watched here.
    """
    hidden = TABLE[Role.AFFILIATE_MANAGER].keys() - TABLE[Role.REVIEWER].keys()
    return _names(hidden) | {_DESK, _RATE}


@cache
def scores() -> frozenset[str]:
    """The same for what belongs to who scores: reviews, methodologies and lists, which others may only read."""
    return _names(label for label in TABLE[Role.REVIEWER] if label.startswith("reviews."))


def _names(labels: Iterable[str]) -> frozenset[str]:
    """How admin addresses and look-ups call these models: by the model's name, or by a relation that leads to it."""
    models = {apps.get_model(label) for label in labels}
    relations = {
        field.name
        for other in apps.get_models()
        for field in other._meta.get_fields()
        if field.is_relation and field.related_model in models
    }
    return frozenset({str(model._meta.model_name) for model in models} | relations)


class Watch:
    """Looks at refusals of the admin alone: elsewhere nothing is read of the visitor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code in REFUSED and request.path_info.startswith(ADMIN) and request.user.is_authenticated:
            note(request)
        return response


def note(request: HttpRequest) -> None:
    """Log a refusal when a reviewer was after money, or an affiliate manager after a score; others are nobody's case.

    A database that can't keep it is logged too: the refusal itself stands either way.
    """
    user: Any = request.user
    target = tried(set(user.groups.values_list("name", flat=True)), request)
    if target is None:
        return
    logger.warning("%s (%s) was refused at %s %s.", user, target.label, request.method, request.path)
    try:
        keep(user, target, str(request.method), request.path)
    except DatabaseError:
        logger.exception("That attempt could not be kept.")


def tried(groups: set[str], request: HttpRequest) -> Target | None:
    """What somebody with these roles was after at an address of the admin, None when it was theirs to try."""
    if Role.REVIEWER in groups and Role.AFFILIATE_MANAGER not in groups and _speaks_of(money(), request):
        return Target.MONEY
    if Role.AFFILIATE_MANAGER in groups and Role.REVIEWER not in groups and _speaks_of(scores(), request):
        return Target.SCORES
    return None


def _speaks_of(names: frozenset[str], request: HttpRequest) -> bool:
    """Whether the path, a look-up in the query, or the field of an autocomplete does."""
    said = set(request.path_info.split("/"))
    for name, value in request.GET.items():
        said |= {*name.split("__"), str(value)}
    return not names.isdisjoint(said)


@transaction.atomic
def keep(user: User, target: Target, method: str, path: str) -> None:
    """One row a person, address and day, with how often: nobody can fill the table by trying again."""
    now = timezone.now()
    row, is_new = Attempt.objects.get_or_create(
        name=user.get_username(), method=method[:8], path=path[:200], day=timezone.localdate(now),
        defaults={"user": user, "target": target, "last": now},
    )  # fmt: skip
    if not is_new:
        Attempt.objects.filter(pk=row.pk).update(times=F("times") + 1, last=now)
