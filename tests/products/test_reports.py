"""Reports: clicks and earnings add up however they are cut, and what fell is said with what may explain it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from products import reports, totals, trends
from products.models import ClickCount, Conversion, Offer, Price
from products.reports import By
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
FIRST = TODAY - timedelta(days=13)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)


@pytest.fixture
def offers() -> list[Offer]:
    return [factories.offer(factories.product(f"p-{number}")) for number in range(2)]


def click(offer: Offer, count: int, *, back: int = 0, page: str = "list-a", slot: str = "row-2") -> None:
    ClickCount.objects.create(offer=offer, page=page, slot=slot, day=TODAY - timedelta(days=back), count=count)


def earn(offer: Offer, commission: str, number: str, **fields: Any) -> None:
    Conversion.objects.create(
        programme=offer.programme, reference=number, offer=offer, commission=Decimal(commission),
        **{"happened_on": TODAY, "page": "list-a", "slot": "row-2", "currency": "EUR", **fields},
    )  # fmt: skip


def test_it_works(offers: list[Offer]) -> None:
    click(offers[0], 30)
    click(offers[1], 10, page="review-p-1", slot="offers")
    click(offers[0], 20, back=14)
    earn(offers[0], "4.50", "t1")
    found = reports.lines(By.PRODUCT, FIRST, TODAY)
    assert [(line.label, line.clicks, line.before, line.change) for line in found] == [
        ("P 0", 30, 20, 50), ("P 1", 10, 0, None),
    ]  # fmt: skip
    assert found[0].a_click == {"EUR": Decimal("0.15")}


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("rolled", [False, True])
def test_every_cut_has_the_same_sum(by: By, rolled: bool, offers: list[Offer]) -> None:
    for back in range(12):
        click(offers[back % 2], back + 1, back=back, slot=f"row-{back + 1}" if back % 3 else "offers")
    earn(offers[0], "4", "t1", happened_on=FIRST)
    if rolled:
        assert totals.roll() == 10
    found = reports.lines(by, FIRST, TODAY)
    assert sum(line.clicks for line in found) == sum(range(1, 13))
    assert sum(line.earned.get("EUR", Decimal(0)) for line in found) == 4
    assert sum(number for _day, number in reports.days(FIRST, TODAY)) == 78
    assert sum(number for _week, number in reports.weeks(FIRST, TODAY)) == 78


def test_places_in_lists(offers: list[Offer]) -> None:
    click(offers[0], 5, slot="row-1")
    click(offers[0], 2, slot="row-10")
    click(offers[0], 3, slot="band")
    assert [(line.label, line.clicks) for line in reports.lines(By.POSITION, FIRST, TODAY)] == [
        ("Place 1", 5), ("outside lists", 3), ("Place 10", 2),
    ]  # fmt: skip
    assert {line.key for line in reports.lines(By.SLOT, FIRST, TODAY)} == {"row", "band"}


def test_what_was_reversed_earned_nothing(offers: list[Offer]) -> None:
    earn(offers[0], "4", "t1", status="reversed")
    assert reports.lines(By.OFFER, FIRST, TODAY) == []


def test_currencies_are_not_added_up(offers: list[Offer]) -> None:
    earn(offers[0], "4", "t1")
    earn(offers[0], "3", "t2", currency="USD")
    assert reports.lines(By.PAGE, FIRST, TODAY)[0].earned == {"EUR": Decimal(4), "USD": Decimal(3)}


def test_inside_an_offer_and_a_page(offers: list[Offer]) -> None:
    click(offers[0], 5)
    click(offers[0], 2, page="review-p-0", slot="offers")
    assert reports.inside(By.OFFER, str(offers[0].pk), FIRST, TODAY) == [
        ("list-a", "row-2", 5), ("review-p-0", "offers", 2),
    ]  # fmt: skip
    assert reports.inside(By.PAGE, "list-a", FIRST, TODAY) == [("P 0 / Northshop", "row-2", 5)]


def test_days_and_weeks_come_in_their_order(offers: list[Offer]) -> None:
    click(offers[0], 5)
    click(offers[0], 2, back=7)
    earn(offers[0], "4", "t1")
    days = reports.lines(By.DAY, FIRST, TODAY)
    assert [line.key for line in days] == sorted(line.key for line in days)
    assert (len(days), days[-1].clicks, days[-1].earned) == (14, 5, {"EUR": Decimal(4)})
    weeks = reports.lines(By.WEEK, FIRST, TODAY)
    assert [(line.key, line.clicks) for line in weeks] == [("2026-11-09", 2), ("2026-11-16", 5)]


def test_inside_a_programme(offers: list[Offer]) -> None:
    """Commissions by page, the best first."""
    earn(offers[0], "4", "t1")
    earn(offers[1], "3", "t2")
    earn(offers[1], "9", "t3", page="review-p-1", slot="offers", currency="USD")
    earn(offers[1], "9", "t4", page="review-p-1", slot="offers", status="reversed")
    assert reports.earned_inside(str(offers[0].programme_id), FIRST, TODAY) == [
        ("review-p-1", "offers", 1, {"USD": Decimal(9)}), ("list-a", "row-2", 2, {"EUR": Decimal(7)}),
    ]  # fmt: skip
    assert reports.earned_inside("x", FIRST, TODAY) == []


def test_it_asks_few_questions(offers: list[Offer], django_assert_max_num_queries: Any) -> None:
    click(offers[0], 5)
    with django_assert_max_num_queries(8):
        reports.lines(By.PROGRAMME, FIRST, TODAY)


class TestNotes:
    def fallen(self, offer: Offer, now: int = 3) -> list[str]:
        for back in range(7, 35):
            click(offer, 10, back=back)
        click(offer, now)
        return [note.sentence for note in trends.notes(TODAY)]

    def test_a_fall_since_the_price_vanished(self, offers: list[Offer]) -> None:
        Price._base_manager.update(as_of=timezone.now() - timedelta(days=3650))
        (sentence,) = self.fallen(offers[0])
        assert sentence.startswith("P 0 / Northshop: 3 clicks in seven days, where 70 are usual. Its price vanished on")

    def test_a_link_that_does_not_work(self, offers: list[Offer]) -> None:
        Offer.objects.update(held_at=timezone.now())
        assert "has not worked since" in self.fallen(offers[0])[0]

    def test_a_rise_with_a_lower_price(self, offers: list[Offer]) -> None:
        Offer.objects.update(created_at=timezone.now() - timedelta(days=90))
        long_ago = timezone.now() - timedelta(days=40)
        Price.objects.create(offer=offers[0], amount=Decimal("12.00"), currency="EUR", source="feed", as_of=long_ago)
        (sentence,) = self.fallen(offers[0], now=900)
        assert sentence.endswith("900 clicks in seven days, where 70 are usual. Its price fell from 12.00 to 8.40.")

    def test_a_rise_by_a_booking(self, offers: list[Offer]) -> None:
        Offer.objects.update(created_at=timezone.now() - timedelta(days=90))
        began = timezone.now() - timedelta(days=3)
        booked = factories.placement(offers[0].product, factories.slot(), offer=offers[0], starts_at=began)
        (sentence,) = self.fallen(offers[0], now=900)
        assert f"{booked.advertiser}'s placement began on" in sentence

    def test_the_trend_of_four_weeks(self, offers: list[Offer]) -> None:
        assert trends.trend(TODAY) == ""
        click(offers[0], 100, back=40)
        click(offers[0], 118, back=3)
        assert trends.trend(TODAY) == "118 clicks in four weeks, 18 % more than in the four before (100)."

    def test_a_usual_week_is_no_news(self, offers: list[Offer]) -> None:
        assert self.fallen(offers[0], now=60) == []

    def test_few_clicks_are_chance(self, offers: list[Offer]) -> None:
        for back in range(7, 35):
            click(offers[0], 1, back=back)
        assert trends.notes(TODAY) == []
