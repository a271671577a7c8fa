"""Versions of a methodology: frozen with what they will move, in force from their day on, and never changed again."""

from __future__ import annotations

import logging
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial.models import State
from crampinfo.editorial.signals import announce
from reviews import impact, overview
from reviews.models import Methodology, MethodologyVersion, Ranking, Review, Score

logger = logging.getLogger(__name__)
NAMED = 5


@transaction.atomic
def put_in_force(version: MethodologyVersion) -> bool:
    """Freeze a version with the table of what it moves; it counts from its day on, at once where that has come.

    Returns whether it counts now. A day that has passed becomes today: nothing has counted before it was frozen.
    Raises ValidationError when a criterion has no weight (a missing weight is an error, never a zero), when the
    weights add up to 0, or when a live review lacks a score for what the version weighs.
    """
    today = timezone.localdate()
    _check_weights(version)
    unscored = lacking(version)
    if unscored:
        raise ValidationError(
            _("Score these first, their pages would fail: %(names)s.") % {"names": ", ".join(unscored[:NAMED])}
        )
    if version.effective_from < today:
        version.effective_from = today
        version.save(update_fields=["effective_from"])
    moved = impact.of(version)
    paying = overview.products_that_pay({row.product for one in moved for row in one.rows})
    version.freeze(impact=impact.as_stored(moved, paying))
    if version.effective_from > today:
        return False
    _count(version)
    return True


def _check_weights(version: MethodologyVersion) -> None:
    weighed = set(version.weights.values_list("criterion_id", flat=True))
    missing = [str(criterion) for criterion in version.methodology.criteria.all() if criterion.pk not in weighed]
    if missing:
        raise ValidationError(_("These criteria have no weight yet: %(names)s.") % {"names": ", ".join(missing)})


def lacking(version: MethodologyVersion) -> list[str]:
    """Live reviews with the criteria that a version weighs and nobody has scored, as "Product (criterion)"."""
    criteria = {weight.criterion_id: weight.criterion.name for weight in version.weights.select_related("criterion")}
    reviews = Review.objects.filter(state=State.PUBLISHED, methodology=version.methodology_id)
    names = dict(reviews.order_by("product__name").values_list("pk", "product__name"))
    scored = set(Score.objects.filter(review__in=names).order_by().values_list("review", "criterion").distinct())
    return [
        f"{names[review]} ({name})"
        for review in names
        for criterion, name in criteria.items()
        if (review, criterion) not in scored
    ]


def take_effect(today: date | None = None) -> list[MethodologyVersion]:
    """Let every frozen version whose day has come count, and return those that do so from now on.

    Run every minute by the worker. Of several that are due the newest counts. One that would leave a live review
    without its score is held back and logged: a page that fails helps nobody.
    """
    day = today or timezone.localdate()
    due = MethodologyVersion.objects.filter(frozen_at__isnull=False, effective_from__lte=day)
    newer = due.filter(number__gt=F("methodology__current_version__number")) | due.filter(
        methodology__current_version=None
    )
    newest: dict[int, MethodologyVersion] = {}
    for version in newer.select_related("methodology__current_version").order_by("number"):
        newest[version.methodology_id] = version
    return [version for version in newest.values() if _counts_now(version)]


@transaction.atomic
def _counts_now(version: MethodologyVersion) -> bool:
    methodology = Methodology.objects.select_for_update(of=("self",)).get(pk=version.methodology_id)
    if methodology.current_version is not None and methodology.current_version.number >= version.number:
        return False  # another worker was faster
    unscored = lacking(version)
    if unscored:
        logger.error("%s can't take effect: %s.", version, ", ".join(unscored[:NAMED]))
        return False
    version.methodology = methodology
    _count(version)
    return True


def _count(version: MethodologyVersion) -> None:
    """Make a frozen version the current one, which puts it on record; its lists are announced."""
    methodology = version.methodology
    methodology.current_version = version
    methodology.save(update_fields=["current_version"])
    for ranking in Ranking.objects.filter(methodology=methodology):
        announce(ranking)
