"""What is out of stock is on record, whoever says so, with the offer that takes over."""

from __future__ import annotations

import pytest

from crampinfo.editorial import ledger
from crampinfo.editorial.models import LedgerEntry
from products.models import Offer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def offers() -> list[Offer]:
    product = factories.product("magno")
    return [factories.offer(product, at=factories.merchant(slug)) for slug in ("northshop", "pharmacy")]


def noted() -> list[dict[str, object]]:
    return [entry.payload for entry in LedgerEntry.objects.filter(kind="offer_stock").order_by("number")]


def test_it_works(offers: list[Offer]) -> None:
    first, second = offers
    first.in_stock = False
    with ledger.because("The shop says so."):
        first.save()
    assert noted() == [{"offer": first.pk, "in_stock": False, "taken_over_by": second.pk}]
    assert LedgerEntry.objects.latest("number").reason == "The shop says so."
    first.in_stock = True
    first.save()
    assert noted()[1:] == [{"offer": first.pk, "in_stock": True, "taken_over_by": None}]


def test_nobody_is_left_to_take_over(offers: list[Offer]) -> None:
    for offer in offers:
        offer.in_stock = False
        offer.save()
    assert [entry["taken_over_by"] for entry in noted()] == [offers[1].pk, None]


@pytest.mark.parametrize("known", [None, True])
def test_what_says_nothing_is_not_noted(known: bool | None, offers: list[Offer]) -> None:
    offers[0].in_stock = known
    offers[0].save()
    offers[0].save()
    assert noted() == []


def test_what_is_undone_is_not_noted(offers: list[Offer]) -> None:
    offers[0].in_stock, offers[0].url = False, "https://elsewhere.example/"
    with pytest.raises(Exception, match="not on"):
        offers[0].save()
    assert noted() == []
