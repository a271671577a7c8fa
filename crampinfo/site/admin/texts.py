"""The kinds of texts that the admin's home speaks of, and how each is called."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from articles.models import Article, Page, Question
from reviews.models import Ranking, Review

TEXTS: tuple[Any, ...] = (Article, Question, Review, Ranking, Page)


def title_of(model: Any) -> Cast:
    """The title as a column of one type, so that kinds can stand in one union."""
    return Cast(F("product__name") if model is Review else F("title"), CharField())


def allowed(user: Any, word: str) -> list[Any]:
    """The kinds this person may view, or change."""
    return [model for model in TEXTS if user.has_perm(f"{model._meta.app_label}.{word}_{model._meta.model_name}")]


def named(model: Any, wanted: Q) -> QuerySet[Any]:
    """The rows of a kind with kind, name and who (its author) as columns that stand in a union with other kinds'."""
    text = CharField()
    author = Cast(F("author__name"), text) if model is not Page else Value("", output_field=text)
    rows: QuerySet[Any] = model.objects.order_by().filter(wanted)
    columns: QuerySet[Any] = rows.annotate(
        kind=Value(model._meta.label_lower, output_field=text), name=title_of(model), who=author
    )
    return columns


def model_of(kind: str) -> Any:
    """The model that `named` calls by this name."""
    return next(model for model in TEXTS if model._meta.label_lower == kind)
