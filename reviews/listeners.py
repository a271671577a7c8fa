"""Hears that what places rest on has changed, and stores the places and robustness anew."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from crampinfo.editorial import redirects
from crampinfo.editorial.models import State
from crampinfo.editorial.signals import content_changed, shown_ahead
from products.models import Compound, Ingredient, Product
from reviews import scoring, standing
from reviews.models import Methodology, Ranking, RankingEntry, Review, Score

logger = logging.getLogger(__name__)
_scored = ~Q(methodology__current_version=None)


@receiver(content_changed, dispatch_uid="reviews.refresh")
def refresh_places(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """Refresh the lists that hold the changed review, or the changed list itself."""
    _later(_resting_on(instance))


@receiver(shown_ahead, dispatch_uid="reviews.refresh_ahead")
def refresh_places_ahead(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """In a preview places and robustness are those that publishing would store; a missing score is said by the page."""
    for ranking in _resting_on(instance).filter(_scored).select_related("methodology__current_version").distinct():
        with suppress(scoring.MissingScore):
            standing.refresh(ranking)


def _resting_on(instance: Any) -> QuerySet[Ranking]:
    if isinstance(instance, Review):
        return Ranking.objects.filter(entries__product=instance.product_id)
    return Ranking.objects.filter(pk=instance.pk) if isinstance(instance, Ranking) else Ranking.objects.none()


@receiver((post_save, post_delete), sender=Product, dispatch_uid="reviews.product")
@receiver((post_save, post_delete), sender=Ingredient, dispatch_uid="reviews.ingredient")
@receiver((post_save, post_delete), sender=RankingEntry, dispatch_uid="reviews.entry")
@receiver(post_save, sender=Compound, dispatch_uid="reviews.compound")
@receiver(post_save, sender=Methodology, dispatch_uid="reviews.methodology")
@receiver(post_save, sender=Score, dispatch_uid="reviews.score")
def refresh_what_rests_on_it(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """A recall, a dose, a weight or a score moves places without any review being published."""
    if raw:
        return
    if isinstance(instance, Methodology):
        _later(Ranking.objects.filter(methodology=instance))
    elif isinstance(instance, RankingEntry):
        _later(Ranking.objects.filter(pk=instance.ranking_id, state=State.PUBLISHED))  # a draft's come with publishing
    elif isinstance(instance, Compound):
        _later(Ranking.objects.filter(entries__product__ingredients__compound=instance))
    elif isinstance(instance, Score):
        _later(Ranking.objects.filter(entries__product__review=instance.review_id))
    else:
        _later(Ranking.objects.filter(entries__product=getattr(instance, "product_id", instance.pk)))


@receiver(pre_save, sender=Product, dispatch_uid="reviews.product_moves")
def remember_the_slug(instance: Product, raw: bool = False, **kwargs: Any) -> None:
    """A review lives at its product's slug: note the one it is about to lose."""
    if raw or instance.pk is None:
        return
    stored = Product.objects.filter(pk=instance.pk).values_list("slug", flat=True).first()
    instance.__dict__["_left_slug"] = stored if stored != instance.slug else None


@receiver(post_save, sender=Product, dispatch_uid="reviews.product_moved")
def follow_the_product(instance: Product, raw: bool = False, **kwargs: Any) -> None:
    """Lead the old address of a review that readers have seen to the new one."""
    left = instance.__dict__.pop("_left_slug", None)
    if left:
        seen = Review.objects.filter(product=instance.pk, first_published_at__lte=timezone.now()).exists()
        lead = redirects.leave if seen else redirects.follow_unseen
        lead(reverse("review", args=[left]), reverse("review", args=[instance.slug]))


def _later(rankings: QuerySet[Ranking]) -> None:
    """Refresh each of these once when the transaction has committed."""
    connection = transaction.get_connection()
    waiting = [
        hook.args for _, hook, *_ in connection.run_on_commit if isinstance(hook, partial) and hook.func is _refresh
    ]
    for key in set(rankings.values_list("pk", flat=True)):
        if not connection.in_atomic_block or (key,) not in waiting:
            transaction.on_commit(partial(_refresh, key))


def refresh_by_the_clock(since: datetime, until: datetime) -> int:
    """Store anew the places of lists whose reviews appeared or disappeared by their dates in between; how many lists.

    No save announces that; a list's own page computes its places anyway, those stored are for the other pages.
    """
    came = Q(publish_at__gt=since, publish_at__lte=until)
    went = Q(retire_at__gt=since, retire_at__lte=until)
    products = Review.objects.filter(came | went, state=State.PUBLISHED).values("product")
    keys = set(Ranking.objects.filter(entries__product__in=products).values_list("pk", flat=True))
    for key in keys:
        _refresh(key)
    return len(keys)


def _refresh(key: int) -> None:
    found = Ranking.objects.filter(_scored, pk=key)
    ranking = found.select_related("methodology__current_version").first()
    if ranking is None:
        return
    try:
        standing.refresh(ranking)
    except scoring.MissingScore:
        # Saving must not fail for it: whoever publishes is told by the gate.
        logger.exception("The places of %s could not be stored.", ranking)
