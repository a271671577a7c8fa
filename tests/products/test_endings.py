"""When a merchant or a programme stops: what is at risk, what takes over, and one confirmation that does it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from crampinfo.editorial.models import LedgerEntry
from products import endings, standins
from products.clicks import Source
from products.models import AffiliateProgramme, ClickCount, Offer, Placement, Price, Product
from tests import factories

pytestmark = pytest.mark.django_db

FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"}


@pytest.fixture
def sold_twice() -> Product:
    """At northshop for 8.40, at a pharmacy for 9.90 and out of stock at a third for 5.00."""
    item = factories.product("twice")
    factories.offer(item)
    factories.offer(item, at=factories.merchant("pharmacy"), price="9.90")
    factories.offer(item, at=factories.merchant("empty"), price="5.00", in_stock=False)
    return item


@pytest.fixture
def sold_once() -> Product:
    item = factories.product("once")
    factories.offer(item)
    return item


def north(item: Product) -> Offer:
    return Offer.objects.get(product=item, merchant__slug="northshop")


def go(offer: Offer) -> int:
    return Client(headers=FIREFOX).get(f"/go/{offer.pk}/{Source('list-a', 'row')}/").status_code


def test_it_works(sold_twice: Product, sold_once: Product) -> None:
    ClickCount.objects.create(offer=north(sold_once), page="list-a", slot="row", day=timezone.localdate(), count=7)
    found = endings.of(factories.merchant())
    assert [(loss.offer.product.slug, loss.clicks, loss.leaves_nothing) for loss in found.losses] == [
        ("once", 7, True),
        ("twice", 0, False),
    ]
    heir = found.losses[1].heir
    assert heir is not None
    assert (heir.offer.merchant.slug, heir.amount) == ("pharmacy", Decimal("9.90"))
    assert (found.clicks, [loss.offer.product for loss in found.without]) == (7, [sold_once])


def test_pausing_a_programme_takes_its_links_at_once(sold_twice: Product) -> None:
    programme = factories.programme()
    assert go(north(sold_twice)) == 302
    found = endings.pause(programme)
    assert [loss.offer for loss in found.losses] == [north(sold_twice)]
    assert go(north(sold_twice)) == 410
    assert north(sold_twice) not in Offer.objects.for_pages()
    endings.resume(programme)
    assert go(north(sold_twice)) == 302


def test_a_programme_s_end_by_date_takes_them_too(sold_twice: Product) -> None:
    factories.programme()
    AffiliateProgramme.objects.filter(slug="north-programme").update(ends_at=timezone.now() - timedelta(seconds=1))
    assert north(sold_twice) not in Offer.objects.active()
    assert not north(sold_twice).is_open


def test_links_may_stay_without_pay(sold_twice: Product) -> None:
    AffiliateProgramme.objects.update(is_paused=True, keeps_plain_links=True)
    offer = Offer.objects.active().get(pk=north(sold_twice).pk)
    assert (offer.is_open, offer.is_paid) == (True, False)


def test_ending_a_merchant_is_one_step_with_a_ledger_entry(sold_twice: Product, sold_once: Product) -> None:
    ad = factories.placement(sold_twice, factories.slot(), offer=north(sold_twice))
    lone = factories.placement(sold_once, factories.slot(slug="second"))
    lost = [north(sold_twice), north(sold_once)]
    endings.end(factories.merchant(), "The shop closes.")
    assert [go(offer) for offer in lost] == [410, 410]
    ad.refresh_from_db()
    assert ad.offer is not None
    assert ad.offer.merchant.slug == "pharmacy"
    lone.refresh_from_db()
    assert lone.ended_reason == "The shop closes."
    entry = LedgerEntry.objects.filter(kind="merchant_end").get()
    assert entry.reason == "The shop closes."
    assert entry.payload["without_offer"] == ["once"]
    assert endings.of(factories.merchant()).losses == ()


def test_it_is_all_or_nothing(sold_once: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.placement(sold_once, factories.slot())

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("full disk")

    monkeypatch.setattr(endings.ledger, "record", fail)
    with pytest.raises(RuntimeError):
        endings.end(factories.merchant(), "The shop closes.")
    assert Placement.objects.get().ended_early_at is None
    assert north(sold_once).is_open


def test_without_a_reason_nothing_ends(sold_once: Product) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        endings.end(factories.merchant(), " ")
    assert north(sold_once).is_open


def test_a_booking_nobody_approved_goes_with_its_offer(sold_once: Product) -> None:
    factories.placement(sold_once, factories.slot(), approved_at=None, approved_by="")
    endings.end(factories.programme(), "It ended.")
    assert not Placement.objects.exists()


def test_it_asks_few_questions(django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        factories.offer(factories.product(f"p{number}"))
    shop = factories.merchant()
    with django_assert_max_num_queries(4):
        endings.of(shop)


class TestStandIns:
    def rows(self, *wanted: int) -> dict[int, Offer]:
        found = standins.with_closed(Offer.objects.for_pages(), wanted).filter(standins.asked_for(wanted))
        return standins.linked(found, wanted)

    def test_an_open_offer_stands_for_itself(self, sold_twice: Product) -> None:
        assert self.rows(north(sold_twice).pk) == {north(sold_twice).pk: north(sold_twice)}

    def test_the_best_of_the_product_takes_over(self, sold_twice: Product) -> None:
        lost = north(sold_twice)
        lost.is_paused = True
        lost.save()
        assert self.rows(lost.pk)[lost.pk].merchant.slug == "pharmacy"

    def test_what_is_in_stock_takes_over_from_what_is_not(self, sold_twice: Product) -> None:
        lost = north(sold_twice)
        Offer.objects.filter(pk=lost.pk).update(in_stock=False)
        assert self.rows(lost.pk)[lost.pk].merchant.slug == "pharmacy"
        Offer.objects.update(in_stock=False)
        assert self.rows(lost.pk) == {lost.pk: lost}

    def test_where_there_is_none_nothing_is_linked(self, sold_once: Product) -> None:
        lost = north(sold_once)
        Offer.objects.filter(pk=lost.pk).update(held_at=timezone.now())
        assert self.rows(lost.pk) == {}

    def test_commission_never_decides(self, sold_twice: Product) -> None:
        """Sorted by price for the reader: the best paid of all offers stays where its price puts it."""
        rich = factories.programme("rich", merchant=factories.merchant("pharmacy"), commission_percent=Decimal(90))
        Offer.objects.filter(merchant__slug="pharmacy").update(programme=rich)
        order = [item.offer.merchant.slug for item in self.priced(sold_twice)]
        AffiliateProgramme.objects.update(commission_percent=0)
        assert order == ["northshop", "pharmacy", "empty"]
        assert [item.offer.merchant.slug for item in self.priced(sold_twice)] == order
        Price.objects.create(
            offer=Offer.objects.get(merchant__slug="pharmacy"), amount=Decimal("1.00"), currency="EUR",
            source="feed", as_of=timezone.now(),
        )  # fmt: skip
        assert [item.offer.merchant.slug for item in self.priced(sold_twice)][0] == "pharmacy"

    def test_amounts_of_two_currencies_are_never_compared(self, sold_twice: Product) -> None:
        """The currency that most prices are in comes first, however small another one's figures are."""
        offer = Offer(
            product=sold_twice, merchant=factories.merchant("albion"), url="https://albion.example/p", currency="GBP"
        )
        offer.save()
        Price.objects.create(offer=offer, amount=Decimal("0.50"), currency="GBP", source="feed", as_of=timezone.now())
        assert [item.offer.merchant.slug for item in self.priced(sold_twice)] == [
            "northshop", "pharmacy", "albion", "empty",
        ]  # fmt: skip

    def priced(self, item: Product) -> Any:
        offers = Offer.objects.for_pages().filter(product=item)
        return standins.by_price(standins.priced(offer, item, None) for offer in offers)
