"""Loading judgement: methodologies with frozen versions, reviews with append-only scores, rankings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from crampinfo.site.contentfiles.items import judgement
from crampinfo.site.contentfiles.load import saving, texts
from crampinfo.site.contentfiles.load.desk import Desk
from crampinfo.site.contentfiles.problems import Rejected, nearest
from crampinfo.site.contentfiles.reading import Item
from reviews.models import Criterion, Methodology, MethodologyVersion, Ranking, Review, Score, Weight


def methodology(desk: Desk, item: judgement.Methodology, obj: Methodology) -> None:
    """A methodology; criteria are added and reworded, never taken away, because scores stand on them."""
    desk.fill(obj, item)
    kept = {one.slug for one in item.criteria}
    left = [criterion for criterion in obj.criteria.all() if criterion.slug not in kept]
    if left:
        names = ", ".join(criterion.slug for criterion in left)
        raise Rejected(
            [
                item.where.problem(
                    f"The criteria {names} are scored by: keep them, with weight 0 in a new version.", "criteria"
                )
            ]
        )
    desk.children(obj, "criteria", item.criteria, "slug")
    saving.all_of(partial(_version, desk, one, obj) for one in item.versions)
    frozen = obj.versions.filter(frozen_at__isnull=False, effective_from__lte=timezone.localdate(desk.now))
    if obj.current_version is not None:
        frozen = frozen.filter(number__gt=obj.current_version.number)
    for version in frozen.order_by("number"):  # each in its turn, so that the ledger knows since when it counted
        obj.current_version = version
        obj.save()


def _version(desk: Desk, item: judgement.Version, parent: Methodology) -> None:
    """Add a version and freeze it, or see that a stored one still says the same."""
    criteria = {slug: _criterion(desk, item, parent, slug, "weights") for slug in item.weights}
    tie_breaker = _criterion(desk, item, parent, item.tie_breaker, "tie_breaker")
    stored = parent.versions.filter(number=item.number).first()
    if stored is not None:
        _refuse_rewriting(item, stored)
        return
    version = MethodologyVersion(methodology=parent)
    desk.fill(version, item, tie_breaker=tie_breaker)
    for slug, value in item.weights.items():
        weight = Weight(version=version, criterion=criteria[slug], value=value)
        try:
            weight.full_clean()
        except ValidationError as error:
            messages = "; ".join(error.messages)
            raise Rejected([item.where.problem(f"{slug}: {messages}", "weights")]) from error
        weight.save()
    try:
        version.freeze(at=min(item.effective_from.at, desk.now))
    except ValidationError as error:
        raise Rejected(saving.explain(error, item, "weights")) from error


def _criterion(desk: Desk, item: Item, parent: Methodology, slug: str, field: str) -> Criterion:
    found = desk.lookup.criterion(parent, slug)
    if found is None:
        known = parent.criteria.values_list("slug", flat=True)
        sentence = f"{field}: {parent.slug} has no criterion “{slug}”.{nearest(slug, known)}"
        raise Rejected([item.where.problem(sentence, field)])
    return found


def _refuse_rewriting(item: judgement.Version, stored: MethodologyVersion) -> None:
    weights: dict[str, Decimal] = {
        weight.criterion.slug: weight.value for weight in stored.weights.select_related("criterion")
    }
    same_day = item.effective_from.relative or item.effective_from.day == stored.effective_from
    same_rest = (item.margin, item.tie_breaker, item.changes) == (
        stored.margin,
        stored.tie_breaker.slug,
        stored.changes,
    )
    if not (same_day and same_rest and weights == item.weights):
        sentence = f"Version {item.number} is frozen, and scores rest on it: write the change as a new version."
        raise Rejected([item.where.problem(sentence, "number")])


def review(desk: Desk, item: judgement.Review, obj: Review) -> None:
    """A review with its scores, tests, badges and reference list."""
    _filed_under(desk, item)
    desk.fill(obj, item, body=texts.html(item, item.body, desk.lookup, desk.album))
    desk.many(obj, item)
    texts.cite(obj, item, desk.lookup)
    saving.all_of(partial(_score, desk, one, obj) for one in _new_scores(item, obj))
    desk.children(obj, "tests", item.tests, "method")
    for badge, part in desk.children(obj, "badges", item.badges, "name"):
        desk.many(badge, part)


def _filed_under(desk: Desk, item: judgement.Review) -> None:
    """A review has no topics of its own: those it names must be its product's."""
    product = desk.lookup.get("product", item.product)
    missing = set(item.topics) - set(product.topics.values_list("slug", flat=True))
    if missing:
        names = ", ".join(sorted(missing))
        sentence = f"topics: a review has its product's topics; add {names} to {item.product}, or leave it out."
        raise Rejected([item.where.problem(sentence, "topics")])


def _new_scores(item: judgement.Review, obj: Review) -> Iterator[judgement.Score]:
    """The scores not stored yet, by date. A relative day changes with each load: there the value decides."""
    stored = [(slug, value, at) for slug, value, at in obj.scores.values_list("criterion__slug", "value", "scored_at")]
    days = {(slug, value, timezone.localdate(at)) for slug, value, at in stored}
    values = Counter((slug, value) for slug, value, _ in stored)
    for score in sorted(item.scores, key=lambda one: one.on.at):
        pair = (score.criterion, score.value)
        if not score.on.relative:
            if (*pair, score.on.day) not in days:
                yield score
        elif values[pair] > 0:
            values[pair] -= 1
        else:
            yield score


def _score(desk: Desk, item: judgement.Score, obj: Review) -> None:
    criterion = _criterion(desk, item, obj.methodology, item.criterion, "criterion")
    price = item.reference_price
    more: dict[str, Any] = {}
    if price is not None:
        more = {
            "reference_price": price.amount,
            "reference_currency": price.currency,
            "reference_taken_on": price.taken_on.day,
            "reference_sources": [
                {"seller": one.seller, "amount": str(one.amount), "programme": one.programme} for one in price.sources
            ],
        }
    desk.fill(Score(review=obj), item, criterion=criterion, **more)


def ranking(desk: Desk, item: judgement.Ranking, obj: Ranking) -> None:
    """A list with its slots, entries and what was left out."""
    desk.fill(obj, item)
    desk.many(obj, item)
    desk.children(obj, "entries", item.entries, "product")
    desk.children(obj, "rejections", item.rejected, "name")
