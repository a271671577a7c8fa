"""Prices of the past, week by week."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crampinfo.lib import charts
from products import pricehistory
from products.models import Offer, Price
from tests import factories

pytestmark = pytest.mark.django_db


def sold(weeks: dict[int, str], currency: str = "EUR", country: str = "", shop: str = "pharmacy") -> Offer:
    """An offer with a price in each of so many weeks ago."""
    item = factories.Product.objects.filter(slug="acme-100").first() or factories.product()
    offer = factories.offer(item, price=None, at=factories.merchant(shop), country=country)
    Offer.objects.filter(pk=offer.pk).update(currency=currency)
    offer.refresh_from_db()
    for back, amount in weeks.items():
        moment = timezone.now() - timedelta(weeks=back, minutes=1)
        Price.objects.create(offer=offer, amount=Decimal(amount), currency=currency, source="feed", as_of=moment)
    return offer


def told(country: str = "", currency: str = "") -> list[str]:
    offer = Offer.objects.first()
    assert offer is not None
    found = pricehistory.read(pricehistory.columns(offer.product_id), country, currency)
    return [f"{week.amount} {found.currency}" for week in found.weeks] if found else []


def test_it_works() -> None:
    """The lowest of each week, oldest first, whoever sells it."""
    sold({0: "9.00", 5: "11.00", 10: "10.00"})
    sold({0: "8.50", 5: "12.00"}, shop="other")
    assert told() == ["10.00 EUR", "11.00 EUR", "8.50 EUR"]


def test_two_weeks_are_no_history() -> None:
    sold({0: "9.00", 5: "11.00"})
    assert told() == []


def test_currencies_are_never_mixed() -> None:
    sold({0: "9.00", 5: "11.00", 10: "10.00"})
    sold({1: "1.00", 2: "1.00", 3: "1.00", 4: "1.00"}, currency="GBP", country="GB", shop="other")
    assert told() == ["1.00 GBP"] * 4
    assert told(currency="EUR") == ["10.00 EUR", "11.00 EUR", "9.00 EUR"]
    assert told(country="IE") == ["10.00 EUR", "11.00 EUR", "9.00 EUR"]


def test_what_is_older_than_a_year_is_left() -> None:
    offer = sold({0: "9.00", 5: "11.00", 10: "10.00", 60: "1.00"})
    assert len(told()) == 3
    history = pricehistory.of_offer(offer)
    assert history is not None
    assert [week.amount for week in history.weeks] == [Decimal("10.00"), Decimal("11.00"), Decimal("9.00")]


def test_one_price_all_year_is_a_level_line() -> None:
    sold({0: "9.00", 1: "9.00", 2: "9.00"})
    found = pricehistory.read(pricehistory.columns(Offer.objects.get().product_id), "", "")
    assert found is not None
    drawn = charts.prices([(week.monday, week.amount) for week in found.weeks], str, str, "level")
    assert len({point.y for point in drawn.points}) == 1
    assert all(0 <= point.y <= 100 for point in drawn.points)
