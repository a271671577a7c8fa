"""Whatever row changes: every page whose bytes it changes is rendered again, and guides of other subjects are not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from articles.models import Article, Question
from crampinfo.lib import shown
from crampinfo.site import money, search
from crampinfo.site.pagecache import changes, listeners, news
from products.models import Offer, Price, Product
from reviews.models import Review
from tests.pages import demo, reading

ASKED = {name: path for name, path in demo.TYPES.items() if not path.startswith(("/search/", "/demo-shop/", "/go/"))}
SOLD = ("vintermark-bisglycinate-50", "tovemark-cork-ball")
MODELS = [
    model
    for model in apps.get_models()
    if model._meta.app_label in changes.OURS and model._meta.label_lower not in changes.SILENT
]


def render(path: str) -> tuple[bytes, shown.Shown]:
    """A page's bytes and what it showed."""
    with shown.recording() as seen, connection.execute_wrapper(seen.statement):
        page = reading.get(path)
    return page.content, seen


@pytest.fixture(scope="module", autouse=True)
def _one_moment() -> Iterator[None]:
    """The page of the money says when it was made; nothing else there may differ by the minute."""
    now = timezone.now()
    with patch.object(money, "timezone", SimpleNamespace(now=lambda: now)):
        yield


@pytest.fixture(scope="module")
def before(site: None, _one_moment: None) -> dict[str, tuple[bytes, shown.Shown]]:
    search._vocabulary.cache_clear()
    return {name: render(path) for name, path in ASKED.items()}


class _RolledBackError(Exception):
    """Ends a trial."""


@contextmanager
def trial() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            raise _RolledBackError
    except _RolledBackError:
        pass


def other(field: Any, value: Any) -> Any:
    """Another value for a field, or the same where there is none that means anything."""
    if (
        isinstance(field, models.FileField)
        or field.choices
        or field.primary_key
        or field.is_relation
        or field.name in ("state", "language", "slug", "host")
    ):
        return value
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return f"{value} Anders"[-(field.max_length or 9999) :]
    if isinstance(value, int):
        return value + 1
    if isinstance(value, Decimal):
        return value + Decimal("0.1")
    if isinstance(value, (dt.datetime, dt.date)):
        return value + dt.timedelta(days=40)
    return value


def rows(model: type[models.Model]) -> list[models.Model]:
    found = list(model._base_manager.order_by("pk"))
    return [found[0], found[len(found) // 2]] if len(found) > 1 else found


def change(instance: models.Model) -> None:
    """Give every field another value that the database takes, one after the other."""
    for field in instance._meta.concrete_fields:
        value = other(field, getattr(instance, field.attname))
        if value == getattr(instance, field.attname):
            continue
        try:
            with transaction.atomic():
                models.QuerySet(type(instance)).filter(pk=instance.pk).update(**{field.attname: value})
            setattr(instance, field.attname, value)
        except DatabaseError:
            continue


def tags_of(instance: models.Model, *, beside: bool) -> set[str]:
    told = changes.Changes()
    told.add(instance, beside=beside)
    return told.tags | changes.concerned(told.rows, told.beside)


def missed(before: dict[str, tuple[bytes, shown.Shown]], tags: set[str]) -> list[str]:
    """Pages that are other than before and that nobody would render again."""
    if news.EVERYTHING in tags:
        return []
    return [
        name
        for name, path in ASKED.items()
        if not tags & before[name][1].tags and reading.get(path).content != before[name][0]
    ]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_a_changed_row(before: dict[str, tuple[bytes, shown.Shown]], model: type[models.Model]) -> None:
    for instance in rows(model):
        with trial():
            asked = type(instance)._base_manager.get(pk=instance.pk)
            for field in asked._meta.concrete_fields:
                if not isinstance(field, models.FileField):
                    setattr(asked, field.attname, other(field, getattr(asked, field.attname)))
            changes.remember(asked)
            change(instance)
            tags = tags_of(instance, beside=changes.is_changed_beside(asked))
            assert missed(before, tags) == [], instance


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_a_row_that_is_gone(before: dict[str, tuple[bytes, shown.Shown]], model: type[models.Model]) -> None:
    for instance in rows(model)[:1]:
        with trial():
            tags = tags_of(instance, beside=True)
            try:
                with transaction.atomic():
                    models.QuerySet(model).filter(pk=instance.pk)._raw_delete(using="default")
                    connection.check_constraints()
            except DatabaseError:
                continue
            assert missed(before, tags) == [], instance


@pytest.mark.parametrize("model", [Article, Question, Review])
def test_a_page_that_is_withdrawn_and_comes_again(
    before: dict[str, tuple[bytes, shown.Shown]], model: type[models.Model]
) -> None:
    for instance in rows(model):
        with trial():
            stored = model._base_manager.get(pk=instance.pk)
            stored.state = "retired"  # type: ignore[attr-defined]
            changes.remember(stored)
            tags = tags_of(stored, beside=changes.is_changed_beside(stored))
            models.QuerySet(model).filter(pk=instance.pk).update(state="retired")
            assert missed(before, tags) == [], instance


def test_a_paused_offer(before: dict[str, tuple[bytes, shown.Shown]]) -> None:
    for offer in Offer.objects.filter(product__review__product__slug__in=SOLD):
        with trial():
            models.QuerySet(Offer).filter(pk=offer.pk).update(is_paused=True)
            assert missed(before, tags_of(offer, beside=True)) == [], offer


def test_a_recall(before: dict[str, tuple[bytes, shown.Shown]]) -> None:
    for product in Product.objects.filter(slug__in=SOLD):
        with trial():
            models.QuerySet(Product).filter(pk=product.pk).update(
                recalled_on=timezone.localdate(), recall_notice="https://recalls.example/1"
            )
            assert missed(before, tags_of(product, beside=False)) == [], product


def test_a_new_price_leaves_everything_else_alone(before: dict[str, tuple[bytes, shown.Shown]]) -> None:
    price = Price.objects.select_related("offer").first()
    assert price is not None
    tags = tags_of(price, beside=True)
    shows = {name for name in ASKED if tags & before[name][1].tags}
    assert "a guide with a table" not in shows
    assert "now" not in shows
    assert shows, tags


def test_a_changed_text_leaves_other_guides_alone(before: dict[str, tuple[bytes, shown.Shown]]) -> None:
    guide = Article.objects.get(slug="when-to-see-a-doctor")
    guide.body += "<p>More.</p>"
    changes.remember(guide)
    tags = tags_of(guide, beside=changes.is_changed_beside(guide))
    shows = {name for name in ASKED if tags & before[name][1].tags}
    assert "an urgent guide" in shows
    assert "guides" in shows
    assert shows.isdisjoint({"a review", "a guide", "a question", "an isolated list", "transparency"})


def test_pages_know_when_they_end(before: dict[str, tuple[bytes, shown.Shown]]) -> None:
    assert before["a review"][1].priced_until is not None
    assert before["an influenced list"][1].priced_until is not None
    assert before["now"][1].until is None


def test_loaded_rows_are_noted_once_only_while_a_page_is_made() -> None:
    assert shown.current() is None
    assert listeners._facts(Offer)[1] == ("ends_at",)
