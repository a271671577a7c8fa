"""Offers, merchants and programmes: addresses a reader may be sent to, and what a link may carry."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from products.models import AffiliateProgramme, Merchant, Offer
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
DAY = timedelta(days=1)


def offer(**fields: Any) -> Offer:
    """Not stored."""
    item = fields.pop("product", None) or factories.product()
    defaults = {"merchant": factories.merchant(), "url": "https://northshop.example/p/1", "currency": "EUR"}
    return Offer(product=item, **{**defaults, **fields})


def refusals(instance: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        instance.full_clean()
    return caught.value.message_dict


def test_it_works() -> None:
    made = offer(programme=factories.programme())
    made.save()
    assert made.is_paid
    assert str(made) == "Acme 100 / Northshop"
    assert list(Offer.objects.active()) == [made]


class TestAddress:
    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("javascript:alert(1)//northshop.example", "The address starts with javascript: only"),
            ("data:text/html,x", "The address starts with data: only http:// and https:// are allowed."),
            ("https://me:x@northshop.example/", "The address carries a user name or password: remove"),
            ("https://northshop.example/a b", "The address contains white space, a backslash"),
            ("https://nörthshop.example/", "The host has letters outside ASCII, which can imitate another shop"),
        ],
    )
    def test_that_no_reader_is_sent_to(self, url: str, sentence: str) -> None:
        assert refusals(offer(url=url))["url"][0].startswith(sentence)

    @pytest.mark.parametrize(
        "url", ["https://evil.example/", "https://northshop.example.evil.example/", "https://notnorthshop.example/"]
    )
    def test_of_somebody_else(self, url: str) -> None:
        assert refusals(offer(url=url)) == {"url": ["The address is not on northshop.example."]}

    def test_of_a_part_of_the_shop(self) -> None:
        offer(url="https://www.northshop.example/p/1").full_clean()

    def test_saving_asks_too(self) -> None:
        with pytest.raises(ValidationError, match="not on northshop"):
            offer(url="https://evil.example/").save()
        with pytest.raises(ValidationError, match="only http"):
            Offer.objects.create(
                product=factories.product("b"), merchant=factories.merchant(), url="javascript:x", currency="EUR"
            )

    def test_the_database_refuses_a_script(self) -> None:
        made = offer()
        made.save()
        with pytest.raises(IntegrityError, match="products_offer_http_only"), transaction.atomic():
            Offer.objects.update(url="javascript:alert(1)")
        with pytest.raises(ValidationError, match=r"The address must start with https:// or http://\."):
            Offer(url="javascript:x", currency="EUR").validate_constraints()

    def test_a_currency_that_is_none(self) -> None:
        with pytest.raises(ValidationError, match="A currency is three capital letters, such as EUR"):
            Offer(url="https://a.example/", currency="euro").validate_constraints()

    def test_one_offer_a_shop_product_and_country(self) -> None:
        first = offer(country="GB")
        first.save()
        again = offer(product=first.product, country="GB")
        assert refusals(again) == {"__all__": ["This merchant already has an offer for this product and country."]}


class TestParameters:
    """A stored address carries only what its programme allows (rules.md PRIV-02)."""

    def terms(self, *allowed: str, **fields: Any) -> AffiliateProgramme:
        return factories.programme(
            allowed_parameters=list(allowed), partner_parameter="ref", partner_code="us", **fields
        )

    def test_an_allowed_one(self) -> None:
        offer(programme=self.terms("ref", "id"), url="https://northshop.example/p?id=1").save()

    @pytest.mark.parametrize("query", ["subid=7", "id=1&utm_source=x", "id=1&gclid", "ID=1"])
    def test_any_other(self, query: str) -> None:
        said = refusals(offer(programme=self.terms("ref", "id"), url=f"https://northshop.example/p?{query}"))["url"][0]
        assert said.startswith("The programme North-Programme does not allow ")
        assert said.endswith("in a link: take it out of the address. The partner code is added by itself.")

    def test_the_partner_code_is_not_stored(self) -> None:
        said = refusals(offer(programme=self.terms("ref"), url="https://northshop.example/p?ref=us"))["url"][0]
        assert "does not allow ref in a link" in said

    def test_an_offer_that_pays_nothing_carries_what_the_shop_needs(self) -> None:
        offer(url="https://northshop.example/p?sku=7&size=60").save()

    def test_terms_that_an_offer_breaks(self) -> None:
        terms = self.terms("ref", "id")
        offer(programme=terms, url="https://northshop.example/p?id=1").save()
        terms.allowed_parameters = ["ref"]
        assert refusals(terms) == {
            "allowed_parameters": ["An offer needs more than these: https://northshop.example/p?id=1."]
        }

    @pytest.mark.parametrize("names", ["tag", {"tag": 1}, [1], ["a b"], ["a=b"], [""]])
    def test_what_is_no_name(self, names: Any) -> None:
        terms = self.terms()
        terms.allowed_parameters = names
        assert refusals(terms) == {"allowed_parameters": ["Write names of parameters, such as tag and campaign."]}


class TestProgramme:
    def test_of_another_merchant(self) -> None:
        foreign = factories.programme("far", merchant=factories.merchant("far"))
        assert refusals(offer(programme=foreign)) == {"programme": ["This programme belongs to another merchant."]}

    def test_it_ends_before_it_starts(self) -> None:
        terms = factories.programme()
        terms.starts_at = terms.ends_at = NOW
        assert refusals(terms) == {"__all__": ["The programme ends before it starts."]}

    def test_a_code_without_its_parameter(self) -> None:
        terms = factories.programme()
        terms.partner_code = "us"
        assert refusals(terms) == {"__all__": ["A partner code needs the parameter that carries it."]}

    @pytest.mark.parametrize("hours", [0, 24 * 365 + 1])
    def test_an_age_that_is_none(self, hours: int) -> None:
        terms = factories.programme()
        terms.max_price_age_hours = hours
        assert refusals(terms) == {"__all__": ["Prices may be shown for between one hour and a year."]}

    @pytest.mark.parametrize(
        ("fields", "pays"),
        [
            ({}, True),
            ({"is_paused": True}, False),
            ({"starts_at": NOW + DAY}, False),
            ({"ends_at": NOW - DAY}, False),
            ({"starts_at": NOW - DAY, "ends_at": NOW + DAY}, True),
        ],
    )
    def test_only_a_running_one_pays(self, fields: dict[str, Any], pays: bool) -> None:
        made = offer(programme=factories.programme(**fields))
        assert made.is_paid is pays


class TestMerchant:
    @pytest.mark.parametrize(
        "host",
        [
            "https://shop.example",
            "shop.example/",
            "Shop.example",
            "shop",
            "www.shop.example",
            "shop.example:80",
            "shöp.example",
            "",
        ],
    )
    def test_a_host_that_is_none(self, host: str) -> None:
        assert "host" in refusals(Merchant(slug="x", name="X", host=host))

    def test_a_host_once(self) -> None:
        factories.merchant()
        assert "host" in refusals(Merchant(slug="x", name="X", host="northshop.example"))


class TestActive:
    @pytest.mark.parametrize("fields", [{"is_paused": True}, {"ends_at": NOW}])
    def test_paused_or_ended(self, fields: dict[str, Any]) -> None:
        made = offer(**fields)
        made.save()
        assert not made.is_open
        assert not Offer.objects.active().exists()

    def test_recalled(self) -> None:
        item = factories.product(recalled_on=timezone.localdate(), recall_notice="Glass.")
        made = offer(product=item)
        made.save()
        assert not made.is_open
        assert not Offer.objects.active().exists()

    def test_an_end_ahead(self) -> None:
        made = offer(ends_at=NOW + DAY)
        made.save()
        assert made.is_open
        assert Offer.objects.active().exists()

    def test_for_pages_is_one_query(self, django_assert_num_queries: Any) -> None:
        for number in range(3):
            factories.offer(factories.product(f"p{number}"), price=f"{9 - number}.00")
        with django_assert_num_queries(1):
            found = [
                (row.product.name, row.merchant.name, row.is_paid, row.price_amount)
                for row in Offer.objects.for_pages()
            ]
        assert found == [
            ("P2", "Northshop", True, Decimal(7)),
            ("P1", "Northshop", True, Decimal(8)),
            ("P0", "Northshop", True, Decimal(9)),
        ]
