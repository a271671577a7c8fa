"""A new version's way to the public: what it moves is seen before, who earns by it only after."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crampinfo.editorial.roles import Role
from products.models import Product
from reviews.models import Criterion, MethodologyVersion, Weight
from tests import factories
from tests.admin.forms import told
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db

MONEY = "Earns us money"


@pytest.fixture
def version() -> MethodologyVersion:
    """With 40:60 instead of 60:40, b (which earns) passes a."""
    items = [factories.product(slug) for slug in ("a", "b")]
    factories.review(items[0], scores=("9.0", "5.0"))
    factories.review(items[1], scores=("6.0", "9.0"))
    factories.ranking(products=tuple(items))
    factories.offer(items[1])
    method = factories.methodology()
    made: MethodologyVersion = MethodologyVersion.objects.create(
        methodology=method, number=2, effective_from=date(2026, 1, 1), tie_breaker=method.criteria.all()[0]
    )
    for criterion, value in zip(method.criteria.all(), ("40", "60"), strict=True):
        Weight.objects.create(version=made, criterion=criterion, value=Decimal(value))
    return made


@pytest.fixture
def reviewer() -> Client:
    return signed_in(Role.REVIEWER)


def address(version: MethodologyVersion) -> str:
    return f"/admin/reviews/methodologyversion/{version.pk}/in-force/"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_it_works(reviewer: Client, version: MethodologyVersion) -> None:
    page = text(reviewer.get(address(version)))
    assert "7.2 → <b>7.8</b>" in page
    assert "up 1" in page
    assert "down 1" in page
    assert "2 of 2 products change their place" in page


def test_the_form_leads_there(reviewer: Client, version: MethodologyVersion) -> None:
    assert address(version) in text(reviewer.get(f"/admin/reviews/methodologyversion/{version.pk}/change/"))


def test_who_earns_is_told_only_when_nothing_can_be_changed(reviewer: Client, version: MethodologyVersion) -> None:
    before = text(reviewer.get(address(version)))
    assert MONEY not in before
    assert "A commission" not in before
    answer = reviewer.post(address(version), follow=True)
    assert told(answer) == ["Version 2 is in force."]
    assert MONEY in text(answer)
    assert text(answer).count("A commission") == 1
    assert "Freeze it" not in text(answer), "once"


def test_the_table_is_kept_as_it_was(reviewer: Client, version: MethodologyVersion) -> None:
    reviewer.post(address(version))
    Product.objects.get(slug="b").offers.all().delete()
    factories.score(Product.objects.get(slug="a").review, "label", "1.0", at=timezone.now(), changed_because="Worse.")
    page = text(reviewer.get(address(version)))
    assert "7.4 → <b>6.6</b>" in page
    assert page.count("A commission") == 1


def test_a_later_day(reviewer: Client, version: MethodologyVersion) -> None:
    day = timezone.localdate() + timedelta(days=4)
    MethodologyVersion._base_manager.update(effective_from=day)
    (said,) = told(reviewer.post(address(version), follow=True))
    assert said.startswith("Version 2 is frozen: it counts from")
    version.methodology.refresh_from_db()
    assert version.methodology.current_version.number == 1


def test_a_criterion_that_nobody_scored(reviewer: Client, version: MethodologyVersion) -> None:
    taste = Criterion.objects.create(
        methodology=version.methodology, slug="taste", name="Taste", description="How.", position=9
    )
    Weight.objects.create(version=version, criterion=taste, value=Decimal(1))
    page = text(reviewer.get(address(version)))
    assert "Not scored yet: taste" in page
    assert "Freeze it" not in page
    said = told(reviewer.post(address(version), follow=True))
    assert said == ["Score these first, their pages would fail: A (Taste), B (Taste)."]


def test_an_import_brought_no_table(reviewer: Client, version: MethodologyVersion) -> None:
    first = MethodologyVersion.objects.get(number=1)
    assert "no table was taken" in text(reviewer.get(address(first)))


@pytest.mark.parametrize("role", [Role.AFFILIATE_MANAGER, Role.PUBLISHER, Role.EDITOR, Role.COMPLIANCE])
def test_nobody_else_freezes(role: Role, version: MethodologyVersion) -> None:
    client = signed_in(role)
    assert client.get(address(version)).status_code == 200, "weights and what they move are no secret"
    assert "Freeze it" not in text(client.get(address(version)))
    assert client.post(address(version)).status_code == 403
    version.refresh_from_db()
    assert version.frozen_at is None


def test_who_has_no_role_sees_nothing(version: MethodologyVersion) -> None:
    assert signed_in().get(address(version)).status_code == 403


def test_it_asks_few_questions(
    reviewer: Client, version: MethodologyVersion, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(20):
        reviewer.get(address(version))
