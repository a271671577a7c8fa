"""Prices: what can't be one, who may type one, that they only add up, and how long one is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from products.models import Offer, Price
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR = timedelta(hours=1)


@pytest.fixture
def offer() -> Offer:
    return factories.offer(factories.product(), price=None)


def price(of: Offer, **fields: Any) -> Price:
    defaults = {"amount": Decimal("8.40"), "currency": "EUR", "source": "feed", "as_of": NOW - HOUR}
    return Price(offer=of, **{**defaults, **fields})


def refusals(of: Offer, **fields: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        price(of, **fields).save()
    return caught.value.message_dict


def test_it_works(offer: Offer) -> None:
    price(offer).save()
    shown = Offer.objects.for_pages().get()
    assert (shown.price_amount, shown.price_currency, shown.price_as_of) == (Decimal("8.40"), "EUR", NOW - HOUR)
    assert shown.is_price_fresh(NOW)


@pytest.mark.parametrize("amount", ["0", "-1", "100000.01"])
def test_an_amount_that_is_no_price(offer: Offer, amount: str) -> None:
    assert refusals(offer, amount=Decimal(amount)) == {"__all__": ["A price is above 0 and at most 100,000."]}


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "8.405", "12345678.00", "much"])
def test_an_amount_that_is_no_number_of_cents(offer: Offer, amount: str) -> None:
    value = amount if amount == "much" else Decimal(amount)
    assert "amount" in refusals(offer, amount=value)


def test_the_database_refuses_it_too(offer: Offer) -> None:
    with pytest.raises(IntegrityError, match="products_price_sane"), transaction.atomic():
        Price._base_manager.bulk_create([price(offer, amount=Decimal(0))])


@pytest.mark.parametrize("currency", ["", "eur", "EU", "EURO", "€", "EU\n"])
def test_no_currency(offer: Offer, currency: str) -> None:
    assert "currency" in refusals(offer, currency=currency)


def test_the_constraint_says_what_a_currency_is(offer: Offer) -> None:
    with pytest.raises(ValidationError, match="A price needs its currency: three capital letters, such as EUR"):
        price(offer, currency="eur").validate_constraints()


def test_another_currency_than_the_offer(offer: Offer) -> None:
    assert refusals(offer, currency="USD") == {"currency": ["The offer is in EUR."]}


def test_from_the_future(offer: Offer) -> None:
    assert refusals(offer, as_of=NOW + HOUR) == {"as_of": ["A price can't have been read in the future."]}
    price(offer, as_of=timezone.now() + timedelta(minutes=4)).save()


@pytest.mark.parametrize("hours", [0, 24 * 365 + 1])
def test_an_age_that_is_none(offer: Offer, hours: int) -> None:
    assert refusals(offer, max_age_hours=hours) == {
        "__all__": ["A price may be shown for between one hour and a year."]
    }


@pytest.mark.parametrize("source", ["manual", "site"])
def test_typed_by_hand_where_the_programme_forbids_it(offer: Offer, source: str) -> None:
    offer.programme.manual_prices = False
    offer.programme.save()
    assert refusals(offer, source=source) == {
        "source": ["North-Programme allows only prices from its own interface or feed."]
    }
    price(offer, source="api").save()


def test_typed_by_hand_where_nobody_forbids_it() -> None:
    unpaid = factories.offer(factories.product(), paid=False, price=None)
    price(unpaid, source="manual").save()


def change_and_save(stored: Price) -> None:
    stored.amount = Decimal(1)
    stored.save()


def bulk_create_again(stored: Price) -> None:
    stored.amount = Decimal(1)
    Price.objects.bulk_create([stored])


def upsert(stored: Price) -> None:
    row = price(stored.offer, pk=stored.pk, amount=Decimal(1))
    Price.objects.bulk_create([row], update_conflicts=True, unique_fields=["pk"], update_fields=["amount"])


@pytest.mark.parametrize(
    "way",
    [
        change_and_save,
        bulk_create_again,
        upsert,
        lambda stored: Price.objects.update(amount=Decimal(1)),
        lambda stored: Price.objects.bulk_update([stored], ["amount"]),
        lambda stored: Price.objects.all().delete(),
        lambda stored: stored.delete(),
    ],
)
def test_no_way_changes_a_price(offer: Offer, way: Callable[[Price], object]) -> None:
    stored = price(offer)
    stored.save()
    with pytest.raises(PermissionDenied, match=r"^Prices are append-only: add a new price\.$"):
        way(stored)
    assert Price.objects.get().amount == Decimal("8.40")


def test_prices_in_bulk_are_checked(offer: Offer) -> None:
    Price.objects.bulk_create([price(offer), price(offer, amount=Decimal(9))])
    with pytest.raises(ValidationError, match="in the future"):
        Price.objects.bulk_create([price(offer, as_of=NOW + HOUR)])
    assert Price.objects.count() == 2


class TestShown:
    def at(self, moment: datetime) -> bool:
        fresh: bool = Offer.objects.with_price().select_related("programme").get().is_price_fresh(moment)
        return fresh

    def test_the_newest_counts_whatever_came_last(self, offer: Offer) -> None:
        price(offer, amount=Decimal(9), as_of=NOW - HOUR).save()
        price(offer, amount=Decimal(7), as_of=NOW - 2 * HOUR).save()
        assert Offer.objects.with_price().get().price_amount == Decimal(9)

    def test_until_it_is_too_old(self, offer: Offer) -> None:
        price(offer, as_of=NOW - HOUR, max_age_hours=24).save()
        assert self.at(NOW + 23 * HOUR)
        assert not self.at(NOW + 23 * HOUR + timedelta(seconds=1))

    def test_the_programme_s_limit_is_stricter(self, offer: Offer) -> None:
        offer.programme.max_price_age_hours = 2
        offer.programme.save()
        price(offer, as_of=NOW - HOUR, max_age_hours=500).save()
        assert self.at(NOW + HOUR)
        assert not self.at(NOW + HOUR + timedelta(seconds=1))

    def test_no_price_is_not_fresh(self, offer: Offer) -> None:
        assert not self.at(NOW)
        assert not offer.is_price_fresh(NOW)
