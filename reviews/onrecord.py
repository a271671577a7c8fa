"""What of reviews goes on record: settings, weights, scores, what is live, and what stands in which list.

Drafts leak nothing: a review or list goes on record when it is published, with everything its place rests on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver
from django.utils import timezone

from crampinfo.editorial import ledger, publications
from crampinfo.editorial.models import LedgerEntry, State, Topic
from crampinfo.editorial.roles import Role
from crampinfo.editorial.signals import rows_changed
from products import dose, onrecord
from reviews import recorded
from reviews.models import Methodology, MethodologyVersion, Ranking, RankingEntry, Review, Score

Keys = Iterable[int]


@ledger.opens_with
def settings_facts() -> dict[str, Any]:
    """What decides every list besides rows: the cap, whether lists may be influenced, the limits of the markets."""
    limits = {market: dose.LIMITS[dose.Market(market)].mg for market in sorted(settings.MARKETS)}
    return {
        "site": settings.SITE_URL,
        "zone": settings.TIME_ZONE,
        "cap": settings.SCORE_ADJUSTMENT_CAP,
        "influenced_lists": settings.ALLOW_INFLUENCED_LISTS,
        "limits": limits,
    }


# --- methodologies ---------------------------------------------------------------------------------------------


def version_facts(version: MethodologyVersion) -> dict[str, Any]:
    """The weights of a version and the rules that go with them."""
    return {
        "slug": version.methodology.slug,
        "version": version.number,
        "margin": version.margin,
        "tie_breaker": version.tie_breaker.slug,
        "weights": dict(version.weights.order_by().values_list("criterion__slug", "value")),
    }


def methodology_facts(key: int) -> dict[str, Any] | None:
    """The version that counts now; None before the first is in force."""
    rows = MethodologyVersion.objects.filter(methodology=key, pk__in=Methodology.objects.values("current_version"))
    version = rows.select_related("methodology", "tie_breaker").first()
    return version_facts(version) if version is not None else None


def note_methodology(key: int) -> None:
    """Note the version that counts now."""
    version = Methodology.objects.values_list("current_version__changes", "current_version__effective_from").get(pk=key)
    changes, since = version
    ledger.note(
        "methodology",
        f"methodology:{key}",
        lambda: methodology_facts(key),
        role=Role.REVIEWER,
        reason=changes or "",
        since=_morning(since) if since is not None else None,
    )


@receiver(post_save, sender=Methodology, dispatch_uid="onrecord.methodology")
def methodology_saved(instance: Methodology, raw: bool = False, **kwargs: Any) -> None:
    """Another version counts."""
    if not raw and instance.current_version_id is not None:
        note_methodology(instance.pk)


# --- reviews and scores ------------------------------------------------------------------------------------------


def note_score(score: Score) -> None:
    """Note one score of a public review."""
    ledger.note(
        "score",
        f"product:{score.review.product_id}",
        lambda: score_facts(score),
        key="score",
        role=Role.REVIEWER,
        reason=score.changed_because or score.reason,
        since=score.scored_at,
    )


def score_facts(score: Score) -> dict[str, Any]:
    """A score with what it rests on."""
    price = score.reference_facts()
    return {
        "score": score.pk,
        "criterion": score.criterion.slug,
        "value": score.value,
        "scored_at": score.scored_at,
        "evidence": score.evidence,
        "evidence_note": score.evidence_note,
        **({"reference_price": price} if price is not None else {}),
    }


def note_review(review: Review) -> None:
    """Note that a review is live, with its product's facts and its scores before it; or that it no longer is."""
    if review.state == State.PUBLISHED:
        onrecord.note_product(review.product_id, begin=True)
        subject = f"product:{review.product_id}"
        known = [facts["score"] for facts in _payloads("score", subject)]
        rows = review.scores.exclude(pk__in=known).select_related("criterion", "review")
        for score in rows.order_by("scored_at", "pk"):
            note_score(score)
    publications.note(review, subject=f"product:{review.product_id}", role=Role.PUBLISHER)


@receiver(post_save, sender=Score, dispatch_uid="onrecord.score")
def score_saved(instance: Score, raw: bool = False, **kwargs: Any) -> None:
    """A new score of a live review counts at once; those of a draft are noted when it is published."""
    if not raw and instance.review.state == State.PUBLISHED:
        note_score(instance)


@receiver(post_save, sender=Review, dispatch_uid="onrecord.review")
def review_saved(instance: Review, raw: bool = False, **kwargs: Any) -> None:
    """Published, dated anew, or withdrawn."""
    if not raw:
        note_review(instance)


# --- lists -----------------------------------------------------------------------------------------------------


def ranking_facts(key: int) -> dict[str, Any] | None:
    """How a list stands besides its products."""
    ranking = Ranking.objects.filter(pk=key).select_related("topic").first()
    if ranking is None:
        return None
    return {
        "slug": ranking.slug,
        "title": ranking.title,
        "compensation": ranking.compensation,
        "methodology": f"methodology:{ranking.methodology_id}",
        "slots": sorted(ranking.slots.values_list("pk", flat=True)) if not ranking.topic.sensitive else [],
        **publications.dates(ranking),
    }


def note_ranking(ranking: Ranking) -> None:
    """Note that a list is live, with everything its order rests on before it; or that it no longer is."""
    if ranking.state == State.PUBLISHED:
        if ranking.methodology.current_version_id is not None:
            note_methodology(ranking.methodology_id)
        _note_listing(ranking)
    key = ranking.pk
    ledger.note(
        "ranking",
        ledger.subject_of(ranking),
        lambda: ranking_facts(key),
        begin=ranking.state == State.PUBLISHED,
        role=Role.PUBLISHER,
        since=ranking.publish_at,
    )


def _note_listing(ranking: Ranking) -> None:
    """Note what stands in a list and what was dropped since the ledger last spoke of it."""
    subject = ledger.subject_of(ranking)
    stood = {recorded.key_of(said["product"]): said["listed"] for said in _payloads("listing", subject)}
    entries = dict(ranking.entries.order_by("pk").values_list("product", "added_on"))
    for key, day in entries.items():
        if not stood.get(key):
            onrecord.note_product(key, begin=True)
            note_listed(subject, key, listed=True, since=_morning(day))
    for key, listed in stood.items():
        if listed and key not in entries:
            note_listed(subject, key, listed=False)


def note_listed(subject: str, product: int, *, listed: bool, since: datetime | None = None) -> None:
    """Note that a product was added to a list or dropped from it."""
    facts = {"product": f"product:{product}", "listed": listed}
    ledger.note("listing", subject, lambda: facts, key="product", begin=listed, role=Role.EDITOR, since=since)


@receiver(post_save, sender=Ranking, dispatch_uid="onrecord.ranking")
def ranking_saved(instance: Ranking, raw: bool = False, **kwargs: Any) -> None:
    """Published, changed, or withdrawn."""
    if not raw:
        note_ranking(instance)


@receiver(m2m_changed, sender=Ranking.slots.through, dispatch_uid="onrecord.slots")
def slots_changed(action: str, instance: Any, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    """Which bookings can reach a list. Clearing from the slot's side does not say which lists: all are looked at."""
    if not action.startswith("post_"):
        return
    if not reverse:
        _rankings(Ranking.objects.filter(pk=instance.pk))
    else:
        _rankings(Ranking.objects.filter(pk__in=pk_set) if pk_set is not None else Ranking.objects.all())


@receiver(pre_save, sender=RankingEntry, dispatch_uid="onrecord.entry_moves")
def remember_its_list(instance: RankingEntry, raw: bool = False, **kwargs: Any) -> None:
    """A row may be moved to another list."""
    if not raw and instance.pk is not None:
        stored = RankingEntry.objects.filter(pk=instance.pk).values_list("ranking", flat=True).first()
        instance.__dict__["_left_list"] = stored


@receiver((post_save, post_delete), sender=RankingEntry, dispatch_uid="onrecord.entry")
def entry_changed(instance: RankingEntry, raw: bool = False, **kwargs: Any) -> None:
    """A product added to a live list, moved to another, or dropped."""
    if not raw:
        _rankings(Ranking.objects.filter(pk__in={instance.ranking_id, instance.__dict__.pop("_left_list", None)}))


@receiver(post_save, sender=Topic, dispatch_uid="onrecord.list_topic")
def topic_saved(instance: Topic, raw: bool = False, created: bool = False, **kwargs: Any) -> None:
    """On a sensitive topic no placement counts."""
    if not raw and not created:
        _rankings(Ranking.objects.filter(topic=instance))


@receiver(rows_changed, dispatch_uid="onrecord.judgement_in_bulk")
def changed_in_bulk(sender: type[Any], keys: Keys, **kwargs: Any) -> None:
    """The same for many rows at once."""
    keys = list(keys)
    if sender is Methodology:
        for key in Methodology.objects.filter(pk__in=keys, current_version__isnull=False).values_list("pk", flat=True):
            note_methodology(key)
    elif sender is Score:
        rows = Score.objects.filter(pk__in=keys, review__state=State.PUBLISHED).select_related("review")
        for score in rows.order_by("scored_at", "pk"):
            note_score(score)
    elif sender is Review:
        for review in Review.objects.filter(pk__in=keys):
            note_review(review)
    elif sender is Ranking:
        _rankings(Ranking.objects.filter(pk__in=keys))
    elif sender is RankingEntry:  # the list that a row was taken from can no longer be told
        _rankings(Ranking.objects.filter(state=State.PUBLISHED))
    elif sender is Topic:
        _rankings(Ranking.objects.filter(topic__in=keys))


def _rankings(rows: Iterable[Ranking]) -> None:
    """Note lists that are live; one that is not says how it stands when it is published."""
    for ranking in rows:
        if ranking.state == State.PUBLISHED:
            note_ranking(ranking)


def _payloads(kind: str, subject: str) -> list[dict[str, Any]]:
    """What the entries of a kind say about a subject, oldest first, with those that wait to be written."""
    rows = LedgerEntry.objects.filter(kind=kind, subject=subject).order_by("number")
    return [*rows.values_list("payload", flat=True), *(entry.payload for entry in ledger.waiting(kind, subject))]


def _morning(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
