"""Words that live pages show without owning them pass the gate when they are saved, in the form as everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from crampinfo.editorial import showing
from crampinfo.editorial.gate import GateRefused
from crampinfo.editorial.roles import Role
from products.models import Product
from tests import factories
from tests.admin.forms import errors_of, filled
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db


def save(role: Role, obj: Any, **fields: Any) -> Any:
    client = signed_in(role)
    address = f"/admin/{obj._meta.app_label}/{obj._meta.model_name}/{obj.pk}/change/"
    return client.post(address, filled(client.get(address), **fields))


def test_it_works() -> None:
    item = factories.review(factories.product("magno")).product
    answer = save(Role.EDITOR, item, description="TODO: say what it is")
    (words,) = errors_of(answer)["description"]
    assert words.startswith("What it is: Readers see it on “Magno”. ")
    assert "“TODO”" in words
    assert Product.objects.get().description == item.description


def test_a_fair_change_is_saved() -> None:
    item = factories.review(factories.product("magno")).product
    rounder = f"A round tablet. {item.description}"
    assert save(Role.EDITOR, item, description=rounder).status_code == 302
    assert Product.objects.get().description == rounder


def test_a_brand_too() -> None:
    brand = factories.review(factories.product("magno")).product.brand
    assert "Readers see it on" in errors_of(save(Role.PUBLISHER, brand, name="TBD"))["name"][0]


def test_what_no_live_page_shows_is_nobody_s_business_yet() -> None:
    item = factories.review(factories.product("magno"), published=False).product
    assert save(Role.EDITOR, item, description="TODO").status_code == 302


def test_a_field_that_no_page_prints_asks_nothing(django_assert_num_queries: Any) -> None:
    item = factories.review(factories.product("magno")).product
    with django_assert_num_queries(0):
        showing.check(item, {"gtin", "silhouette"})


def test_one_page_answers_for_all() -> None:
    brand = factories.product("zero").brand
    for slug in ("one", "two"):
        factories.review(factories.product(slug, brand=brand))
    type(brand).objects.update(name="TODO")
    with pytest.raises(GateRefused) as refused:
        showing.check(brand, {"name"})
    assert len(refused.value.findings) == 1
