"""System checks: invented rows in production, lists whose order is for sale, an empty database."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connection

from crampinfo.site import checks
from tests import factories

pytestmark = pytest.mark.django_db


def found(**options: Any) -> list[CheckMessage]:
    return [message for message in run_checks(**options) if str(message.id).startswith("crampinfo.")]


def test_it_works(settings: Any) -> None:
    settings.PRODUCTION = True
    settings.ALLOW_INFLUENCED_LISTS = False
    settings.REQUIRE_SECOND_FACTOR = True
    factories.article()
    assert found(databases=["default"], include_deployment_checks=True) == []


def test_a_demo_row_fails_the_production_check(settings: Any) -> None:
    settings.PRODUCTION = True
    factories.brand("invented", is_demo=True)
    factories.author("nobody", is_demo=True)
    error = found(databases=["default"])[0]
    assert error.id == "crampinfo.E001"
    assert error.is_serious()
    assert error.msg == "This production site holds demo rows: authors, brands."
    assert error.hint == "Start production with an empty database, or delete the rows marked demo."


def test_a_retired_demo_row_fails_it_too(settings: Any) -> None:
    settings.PRODUCTION = True
    factories.article(published=False, is_demo=True)
    assert [message.id for message in found(databases=["default"])] == ["crampinfo.E001"]


def test_demo_rows_are_fine_elsewhere() -> None:
    factories.brand("invented", is_demo=True)
    assert found(databases=["default"]) == []


def test_no_database_is_asked_without_leave(settings: Any, django_assert_num_queries: Any) -> None:
    settings.PRODUCTION = True
    with django_assert_num_queries(0):
        assert checks.no_demo_in_production(None, databases=None) == []


def test_an_empty_database_can_be_migrated(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`manage.py migrate` asks the checks before it has made a single table."""
    settings.PRODUCTION = True
    monkeypatch.setattr(connection.introspection, "table_names", list)
    assert checks.no_demo_in_production(None, databases=["default"]) == []


def test_every_model_that_can_be_invented_is_looked_at() -> None:
    assert sorted(model._meta.label for model in checks.demo_models()) == [
        *("articles.Article", "articles.Page", "articles.Question", "editorial.Author", "editorial.Picture"),
        *("products.AffiliateProgramme", "products.Brand", "products.ConflictDeclaration", "products.Merchant"),
        *("products.Placement", "products.Product", "reviews.Ranking", "reviews.Review"),
    ]


def test_influenced_lists_are_warned_about_at_deployment(settings: Any) -> None:
    settings.ALLOW_INFLUENCED_LISTS = True
    warning = found(include_deployment_checks=True)[0]
    assert warning.id == "crampinfo.W001"
    assert warning.msg == "ALLOW_INFLUENCED_LISTS is on: payment may change the order of lists."
    assert "16 CFR 255.4(b)(3) Example 3" in str(warning.hint)


def test_a_password_alone_is_warned_about_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    settings.REQUIRE_SECOND_FACTOR = False
    settings.ALLOW_INFLUENCED_LISTS = False
    assert [message.id for message in found(include_deployment_checks=True)] == ["crampinfo.W002"]


def test_a_site_without_them_is_not_warned(settings: Any) -> None:
    settings.ALLOW_INFLUENCED_LISTS = False
    assert found(include_deployment_checks=True) == []
