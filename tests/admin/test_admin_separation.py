"""Sellers and scorers on each other's side: nothing opens, and every attempt is kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import DatabaseError
from django.test import Client
from django.urls import URLPattern, reverse

from crampinfo.editorial.roles import Role
from crampinfo.site import separation
from crampinfo.site.affiliates.urls import urlpatterns
from crampinfo.site.models import Attempt, Target
from products.models import (
    AffiliateProgramme,
    ClickCount,
    Conversion,
    Feed,
    FeedItem,
    FeedRun,
    LinkCheck,
    Merchant,
    Offer,
    Placement,
    Price,
    Slot,
)
from reviews.models import Score
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db

COMMERCIAL = (
    *(AffiliateProgramme, ClickCount, Conversion, Feed, FeedItem, FeedRun),
    *(LinkCheck, Merchant, Offer, Placement, Price, Slot),
)


def kept() -> list[tuple[str, str, str, str, int]]:
    rows = Attempt.objects.order_by("pk")
    return [(row.name, row.target, row.method, row.path, row.times) for row in rows if row.name != "somebody"]


def test_it_works(one_of_each: dict[str, Any]) -> None:
    reviewer = signed_in(Role.REVIEWER)
    assert reviewer.get("/admin/products/affiliateprogramme/").status_code == 403
    assert kept() == [("reviewer", "money", "GET", "/admin/products/affiliateprogramme/", 1)]


def addresses(one_of_each: dict[str, Any]) -> Iterator[str]:
    """Every address that the admin has for a commercial model, whoever added it: lists, forms, history, exports."""
    for model in COMMERCIAL:
        owner, instance = admin.site._registry[model], one_of_each[model._meta.label_lower]
        for pattern in owner.get_urls():
            if isinstance(pattern, URLPattern) and pattern.name:
                wants = list(pattern.pattern.converters)
                yield reverse(f"admin:{pattern.name}", kwargs=dict.fromkeys(wants, instance.pk))


def test_no_commercial_address_opens_for_who_scores(one_of_each: dict[str, Any]) -> None:
    reviewer, seller = signed_in(Role.REVIEWER), signed_in(Role.AFFILIATE_MANAGER)
    found = list(addresses(one_of_each))
    assert len(found) > 30
    assert {path for path in found if reviewer.get(path).status_code == 200} == set()
    assert {path for path in found if reviewer.post(path, {"x": 1}).status_code == 200} == set()
    assert sum(seller.get(path).status_code == 200 for path in found) > 20, "the walk finds real pages"
    refused = {path for path in found if reviewer.get(path).status_code in separation.REFUSED}
    assert len(refused) > 30
    assert refused - {row[3] for row in kept()} == set(), "each is kept"


@pytest.mark.parametrize("pattern", urlpatterns, ids=str)
def test_no_page_of_the_desk_opens_for_who_scores(pattern: URLPattern, one_of_each: dict[str, Any]) -> None:
    path = reverse(str(pattern.name), kwargs=dict.fromkeys(pattern.pattern.converters, 1))
    assert signed_in(Role.REVIEWER).get(path).status_code == 403
    assert kept() == [("reviewer", "money", "GET", path, 1)]


@pytest.mark.parametrize(
    "path",
    [
        "/admin/products/product/?offers__programme__commission_percent__gte=5",
        "/admin/products/product/?o=1&offers__clicks__count__gt=10",
        "/admin/products/brand/?products__offers__price__gt=1",
        "/admin/products/product/?feed_items__title=x",
        "/admin/products/product/?offers__conversions__commission__gt=1",
        "/admin/autocomplete/?term=n&app_label=products&model_name=offer&field_name=programme",
        "/admin/autocomplete/?term=n&app_label=products&model_name=placement&field_name=slot",
    ],
)
def test_side_doors_are_closed_and_kept(path: str, one_of_each: dict[str, Any]) -> None:
    reviewer = signed_in(Role.REVIEWER)
    assert reviewer.get(path).status_code in (400, 403)
    assert [row[:3] for row in kept()] == [("reviewer", "money", "GET")]


def test_who_sells_changes_no_score_weight_or_verdict(one_of_each: dict[str, Any]) -> None:
    seller = signed_in(Role.AFFILIATE_MANAGER)
    scores = Score.objects.count()
    for label in ("reviews.review", "reviews.ranking", "reviews.methodology", "reviews.methodologyversion"):
        app, name = label.split(".")
        path = f"/admin/{app}/{name}/{one_of_each[label].pk}/change/"
        assert seller.get(path).status_code == 200, "what is public may be read"
        assert seller.post(path, {"verdict": "Great"}).status_code == 403
    assert seller.post("/admin/reviews/score/add/", {"value": "10"}).status_code == 403
    assert Score.objects.count() == scores
    assert [row[1:4] for row in kept()] == [
        *(("scores", "POST", f"/admin/{label.replace('.', '/')}/{one_of_each[label].pk}/change/")
          for label in ("reviews.review", "reviews.ranking", "reviews.methodology", "reviews.methodologyversion")),
        ("scores", "POST", "/admin/reviews/score/add/"),
    ]  # fmt: skip


def test_trying_again_counts_and_fills_nothing(one_of_each: dict[str, Any]) -> None:
    reviewer = signed_in(Role.REVIEWER)
    for _ in range(5):
        reviewer.get("/admin/products/offer/")
    assert kept() == [("reviewer", "money", "GET", "/admin/products/offer/", 5)]


def test_it_is_in_the_log_too(one_of_each: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="crampinfo.site.separation"):
        signed_in(Role.REVIEWER).get("/admin/products/offer/")
    assert "reviewer (money, by a reviewer) was refused at GET /admin/products/offer/." in caplog.text


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.COMPLIANCE, Role.MEDICAL_REVIEWER])
def test_other_refusals_are_nobodys_case(role: Role, one_of_each: dict[str, Any]) -> None:
    signed_in(role).get("/admin/products/affiliateprogramme/add/")
    assert kept() == []


def test_a_reviewer_refused_elsewhere_is_no_attempt(one_of_each: dict[str, Any]) -> None:
    signed_in(Role.REVIEWER).get("/admin/auth/user/")
    assert kept() == []


def test_one_person_who_may_do_both_tries_nothing(one_of_each: dict[str, Any], settings: Any) -> None:
    settings.SINGLE_OPERATOR = True
    signed_in(*Role).get("/admin/products/clickcount/add/")
    assert kept() == []


def test_nothing_is_read_of_who_is_not_signed_in() -> None:
    client = Client()
    client.get("/admin/products/offer/")
    client.get("/lists/nothing/")
    assert kept() == []


def test_a_database_that_cannot_keep_it_changes_no_answer(
    one_of_each: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(separation, "keep", broken)
    assert signed_in(Role.REVIEWER).get("/admin/products/offer/").status_code == 403
    assert "could not be kept" in caplog.text


def test_who_answers_for_it_can_read_it(one_of_each: dict[str, Any]) -> None:
    signed_in(Role.REVIEWER).get("/admin/products/offer/")
    for role in (Role.COMPLIANCE, Role.PUBLISHER):
        assert "/admin/products/offer/" in signed_in(role).get("/admin/site/attempt/").content.decode()
    assert signed_in(Role.EDITOR).get("/admin/site/attempt/").status_code == 403


def test_the_record_outlives_the_account() -> None:
    user = account(Role.REVIEWER, name="gone")
    separation.keep(user, Target.MONEY, "GET", "/admin/products/offer/")
    user.delete()
    assert kept() == [("gone", "money", "GET", "/admin/products/offer/", 1)]
