"""Many times the demonstration, written in SQL: copies of its rows, each generation with ids and slugs of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, models
from django.utils import timezone

from articles.models import Article, FaqEntry, Question
from crampinfo.editorial.models import Author, Citation, Evidence, Reference, Topic
from products.models import (
    AffiliateProgramme,
    Brand,
    Certification,
    ClickCount,
    ConflictDeclaration,
    Ingredient,
    Merchant,
    Offer,
    Placement,
    Price,
    Product,
    Slot,
)
from reviews.models import Badge, Ranking, RankingEntry, RankingRejection, Review, Score, TestRecord

STEP = 1_000_000  # between the ids of two generations
ACTIVE = 2  # so many generations of placements are in effect; the others are past and on record


@dataclass(frozen=True)
class Copy:
    """How one table is copied: columns that lead to the copy's own generation, and columns that get another value."""

    model: type[models.Model]
    own: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    offset: int = 0


TABLES = (
    Copy(Topic),
    Copy(Author, values={"user_id": None}),
    Copy(Reference, values={"doi": "", "pmid": ""}),
    Copy(Evidence),
    Copy(Brand),
    Copy(Merchant),
    Copy(AffiliateProgramme, own=("merchant_id",)),
    Copy(Product, own=("brand_id",), values={"gtin": ""}),
    Copy(Product.topics.through, own=("product_id",)),
    Copy(Certification, own=("product_id",)),
    Copy(Ingredient, own=("product_id",)),
    Copy(Offer, own=("product_id",)),
    Copy(Price, own=("offer_id",)),
    Copy(ClickCount, own=("offer_id",)),
    Copy(ConflictDeclaration, own=("brand_id",)),
    Copy(Article, values={"translation_of_id": None}),
    Copy(Article.topics.through, own=("article_id",)),
    Copy(Article.products.through, own=("article_id",)),
    Copy(FaqEntry, own=("article_id",)),
    Copy(Question, values={"translation_of_id": None}),
    Copy(Question.topics.through, own=("question_id",)),
    Copy(Question.products.through, own=("question_id",)),
    Copy(Citation, own=("object_id",)),
    Copy(Slot),
    Copy(Review, own=("product_id",)),
    Copy(Review.alternatives.through, own=("review_id",)),
    Copy(Score, own=("review_id",)),
    Copy(TestRecord, own=("review_id",)),
    Copy(Badge, own=("review_id",)),
    Copy(Ranking),
    Copy(RankingRejection, own=("ranking_id",)),
    # The lists there are grow by the copied products, and each copied list holds them, too.
    Copy(RankingEntry, own=("product_id",)),
    Copy(RankingEntry, own=("ranking_id", "product_id"), offset=STEP // 2),
    Copy(Placement, own=("product_id", "offer_id")),
)


def grow(first: int, last: int) -> None:
    """Add the generations from first to last (the demonstration itself is generation 0)."""
    for generation in range(first, last + 1):
        for copy in TABLES:
            _insert(copy, generation)


def _insert(copy: Copy, generation: int) -> None:
    table = copy.model._meta.db_table
    columns = [str(column.column) for column in copy.model._meta.local_concrete_fields]
    values = {**copy.values, **(_when(generation) if copy.model is Placement else {})}
    parts, parameters = [], []
    for column in columns:
        expression, given = _expression(copy, column, generation, values)
        parts.append(expression)
        parameters += given
    only = " AND kind <> 'order'" if copy.model is Placement else ""
    names = ", ".join(map(connection.ops.quote_name, columns))
    sql = f"INSERT INTO {table} ({names}) SELECT {', '.join(parts)} FROM {table} WHERE id < {STEP // 2}{only}"
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _expression(copy: Copy, column: str, generation: int, values: dict[str, Any]) -> tuple[str, list[Any]]:
    shift = generation * STEP
    if column == "id":
        return f"id + {shift + copy.offset}", []
    if column in copy.own:
        return f"{column} + {shift}", []
    if column in values:
        return "%s", [values[column]]
    if column in ("slug", "host"):
        return f"{column} || '-x{generation}'", []
    return connection.ops.quote_name(column), []


def _when(generation: int) -> dict[str, Any]:
    """Placements of the first generations run, the others are past."""
    now = timezone.now()
    until = now + timedelta(days=9) if generation <= ACTIVE else now - timedelta(days=generation)
    stored = connection.ops.adapt_datetimefield_value  # SQL of ours: SQLite would keep the zone in the text
    starts = now - timedelta(days=generation + 30)
    return {"starts_at": stored(starts), "ends_at": stored(until), "ended_early_at": None}
