"""What else a reader of this page may want: by shared products and topics, not by date; one query."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.db.models.functions import Cast
from django.urls import reverse

from articles.models import Article, Question, Written
from crampinfo.lib import shown, unions
from crampinfo.lib.prepared import Prepared
from reviews.models import Review

LIMIT = 6
CANDIDATES = 3 * LIMIT  # a page that is near in two ways counts twice
# How near a page is: it speaks of the same product, has the same main topic, or shares one of the others.
SAME_PRODUCT, SAME_TOPIC, OTHER = 3, 2, 1


@dataclass(frozen=True, slots=True)
class Related:
    """A page that has to do with this one."""

    kind: str
    slug: str
    title: str
    summary: str

    @property
    def url(self) -> str:
        """Its address."""
        return reverse(self.kind, args=[self.slug])


def to(text: Written) -> list[Related]:
    """Guides, questions and reviews near a text, in its language, nearest first.

    Of each kind and each way of being near the newest count, so that a page costs the same among few and among many.
    A page that takes no money leads to no review.
    """
    shown.note(shown.row("near", text.topic_id))
    rows = _near.rows(
        model=type(text), pk=text.pk, topic=text.topic_id, language=text.language, reviewed=text.takes_money
    )
    return [Related(row["kind"], row["key"], row["label"], row["about"]) for row in rows]


def _rows(model: type[Written], pk: int, topic: int, language: str, reviewed: bool) -> QuerySet[Any, dict[str, Any]]:
    text = _Here(model, pk, topic, language)
    queries = [_texts(Article, "article", text), _texts(Question, "question", text)]
    if reviewed:
        queries.append(_reviews(text))
    return queries[0].union(*queries[1:], all=True).order_by("-nearness", "label")[:LIMIT]


_near = Prepared(_rows)


@dataclass(frozen=True, slots=True)
class _Here:
    """The text whose neighbours are looked for."""

    model: type[Written]
    pk: int
    topic: int
    language: str

    def linked(self, relation: str, column: str) -> QuerySet[Any, Any]:
        """The ids on the other side of one of its many-to-many relations, as a subquery."""
        link = getattr(self.model, relation).through
        ids: QuerySet[Any, Any] = link.objects.filter(**{f"{self.model._meta.model_name}_id": self.pk}).values(column)
        return ids


def _newest(found: QuerySet[Any]) -> QuerySet[Any, Any]:
    """The ids of the newest of these."""
    return found.order_by("-pk").values("pk")[:CANDIDATES]


def _texts(model: Any, kind: str, text: _Here) -> QuerySet[Any, dict[str, Any]]:
    live = model.objects.published().filter(language=text.language)
    if model is text.model:
        live = live.exclude(pk=text.pk)
    more = text.linked("topics", "topic_id")
    same_product = Q(pk__in=_newest(live.filter(products__in=text.linked("products", "product_id"))))
    same_topic = Q(pk__in=_newest(live.filter(topic=text.topic)))
    others = (live.filter(topic__in=more), live.filter(topics=text.topic), live.filter(topics__in=more))
    shared = [Q(pk__in=_newest(found)) for found in others]
    found = model.objects.filter(same_product | same_topic | reduce(or_, shared))
    nearness = Case(When(same_product, then=SAME_PRODUCT), When(topic=text.topic, then=SAME_TOPIC), default=OTHER)
    return _columns(found, kind, ("slug", "title", "summary"), nearness)


def _reviews(text: _Here) -> QuerySet[Any, dict[str, Any]]:
    live = Review.objects.published().filter(language=text.language)
    same_product = Q(pk__in=_newest(live.filter(product__in=text.linked("products", "product_id"))))
    same_topic = Q(pk__in=_newest(live.filter(product__topics=text.topic)))
    nearness = Case(When(same_product, then=SAME_PRODUCT), default=OTHER)
    found: QuerySet[Any] = Review.objects.filter(same_product | same_topic)
    return _columns(found, "review", ("product__slug", "product__name", "verdict"), nearness)


def _columns(
    found: QuerySet[Any], kind: str, fields: tuple[str, str, str], nearness: Case
) -> QuerySet[Any, dict[str, Any]]:
    """The common columns and how near each row is."""
    rows = unions.columns(found, kind, *fields).annotate(nearness=Cast(nearness, IntegerField()))
    found_rows: QuerySet[Any, dict[str, Any]] = rows.values(*unions.COLUMNS, "nearness")
    return found_rows
