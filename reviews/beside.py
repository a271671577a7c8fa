"""What stands beside a review: badges with their comparison, tests, certificates, alternatives, topics; one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from crampinfo.editorial.models import Topic
from crampinfo.lib import unions
from crampinfo.lib.prepared import Prepared
from products import pricehistory
from products.models import Certification
from reviews.models import Badge, Review, TestRecord


@dataclass(frozen=True, slots=True)
class Beside:
    """Something small that belongs to the review: a test, a certificate, another review, a topic."""

    kind: str
    key: str
    label: str
    about: str

    @property
    def url(self) -> str:
        """Its address, '' where it has none."""
        return reverse(self.kind, args=[self.key]) if self.kind in ("review", "topic") else ""


@dataclass(frozen=True, slots=True)
class Distinction:
    """A badge as its page prints it: why, since when, under which version of the weights, against which products."""

    label: str
    about: str
    on: date
    version: str
    compared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The small things in the order of their words, the badges, newest first, and rows of products.pricehistory."""

    small: tuple[Beside, ...]
    badges: tuple[Distinction, ...]
    prices: tuple[dict[str, Any], ...]


def load(review: Review, *, priced: bool) -> Found:
    """Everything beside a review; priced says whether its page may speak of prices."""
    rows = _rows.rows(review=review.pk, product=review.product_id, priced=priced)
    found = sorted(rows, key=lambda row: (row["kind"], row["label"]))
    badged = [row for row in found if row["kind"].startswith("badge")]
    read = [row for row in found if row["kind"] == pricehistory.KIND]
    plain = tuple(Beside(**row) for row in found if row not in badged and row["kind"] != pricehistory.KIND)
    return Found(plain, _distinctions(badged), tuple(read))


def _all(review: int, product: int, priced: bool) -> QuerySet[Any, Any]:
    badges = Badge.objects.shown().filter(review=review)
    rivals = Badge.compared.through.objects.filter(badge__review=review).exclude(product=product)
    alternatives = Review.objects.published().filter(
        product__in=Review.alternatives.through.objects.filter(review=review).values("product")
    )
    topics = Topic.objects.filter(products=product)
    prices = [pricehistory.columns(product)] if priced else []
    return unions.columns(badges, "badge", "pk", "name", "reason").union(
        unions.columns(badges, "badge-when", "pk", "awarded_on", "version__number"),
        unions.columns(rivals, "badge-rival", "badge", "product__name", "product__slug"),
        unions.columns(TestRecord.objects.filter(review=review), "test", "tested_on", "method", "result"),
        unions.columns(Certification.objects.filter(product=product), "certification", "link", "name", "issuer"),
        unions.columns(alternatives, "review", "product__slug", "product__name", "verdict"),
        unions.columns(topics, "topic", "slug", "name", "description"),
        *prices,
        all=True,
    )


_rows = Prepared(_all)


def _distinctions(rows: Iterable[dict[str, Any]]) -> tuple[Distinction, ...]:
    names: dict[str, tuple[str, str]] = {}
    when: dict[str, tuple[str, str]] = {}
    rivals: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["kind"] == "badge":
            names[row["key"]] = (row["label"], row["about"])
        elif row["kind"] == "badge-when":
            when[row["key"]] = (row["label"], row["about"] or "")
        else:
            rivals[row["key"]].append(row["label"])
    made = (
        Distinction(*names[key], date.fromisoformat(when[key][0]), when[key][1], tuple(rivals[key])) for key in names
    )
    return tuple(sorted(made, key=lambda badge: (badge.on, badge.label), reverse=True))
