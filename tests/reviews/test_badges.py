"""Badges: records with a reason, a date and at least three rivals; no path leads to them from a placement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone

from crampinfo.editorial.gate import GateRefused
from products.models import AffiliateProgramme, ClickCount, Merchant, Offer, Placement, Price, Product, Slot
from reviews import comparing, sheets
from reviews.models import Badge, Review
from tests import factories

pytestmark = pytest.mark.django_db

MONEY = {AffiliateProgramme, ClickCount, Merchant, Offer, Placement, Price, Slot}


def badge(of: Review, rivals: int = 3, **fields: Any) -> Badge:
    """Won today."""
    values = {
        "name": "Clearest label",
        "reason": "The highest label score.",
        "awarded_on": timezone.localdate(),
        **fields,
    }
    made: Badge = Badge.objects.create(review=of, **values)
    made.compared.set([factories.product(f"rival-{number}") for number in range(rivals)])
    return made


def printed(review: Review) -> list[str]:
    return [one.label for one in sheets.load(sheets.rows().get(pk=review.pk)).badges]


def test_it_works() -> None:
    review = factories.review()
    made = badge(review)
    assert printed(review) == ["Clearest label"]
    assert made.version == review.methodology.current_version, "under these weights it was won"


@pytest.mark.parametrize("fields", [{"reason": ""}, {"name": ""}])
def test_words_and_a_reason_are_a_constraint(fields: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        badge(factories.review(), **fields)


def test_nothing_is_won_in_the_future() -> None:
    made = badge(factories.review(), awarded_on=timezone.localdate() + timedelta(days=1))
    with pytest.raises(ValidationError, match="in the future"):
        made.full_clean()


def test_the_weights_it_was_won_under_stay() -> None:
    review = factories.review()
    made = badge(review)
    first = made.version
    review.methodology.current_version = None
    review.methodology.save()
    made.name = "Plainest label"
    made.save()
    made.refresh_from_db()
    assert made.version == first


@pytest.mark.parametrize("lose", ["remove", "clear", "itself"])
def test_a_badge_that_lost_its_rivals_is_not_printed(lose: str) -> None:
    """However they were lost: the page asks for three, not only the gate."""
    review = factories.review()
    made = badge(review)
    if lose == "remove":
        made.compared.remove(Product.objects.get(slug="rival-1"))
    elif lose == "clear":
        made.compared.clear()
    else:
        made.compared.set([*Product.objects.filter(slug__in=["rival-1", "rival-2"]), review.product])
    assert printed(review) == []
    (column,) = comparing.load(QueryDict(f"p={review.product.slug}")).columns
    assert column.beside == {}


def test_what_a_gate_keeps_out_wins_nothing() -> None:
    review = factories.review(factories.product("a", label_readable=False), published=False)
    badge(review)
    with pytest.raises(GateRefused, match="keeps this product out"):
        factories.workflow.publish(review)


def test_no_path_leads_from_money_to_a_badge() -> None:
    """Neither a field of a commercial model points at a badge, nor a field of a badge at a commercial model."""
    relations = {
        (model, field.related_model)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.related_model is not None
    }
    touching = {other for model, other in relations if model is Badge} | {
        model for model, other in relations if other is Badge
    }
    assert {Review, Product} <= touching, "the walk sees relations"
    assert touching.isdisjoint(MONEY)
    assert not any("badge" in field.name for model in MONEY for field in model._meta.get_fields())
