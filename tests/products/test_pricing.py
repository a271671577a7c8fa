from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products import pricing

D = Decimal
NOW = datetime(2026, 2, 9, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
prices = st.decimals(min_value="0.01", max_value=1000, places=2)
counts = st.integers(1, 500)


def test_it_works() -> None:
    assert pricing.days_per_pack(60, 2) == 30
    assert pricing.to_cents(pricing.price_per_day(D("9.60"), 60, 2)) == D("0.32")
    assert pricing.to_cents(pricing.cost_per_100_mg(D("9.60"), 60, D(60))) == D("0.27")


def test_figures_are_not_rounded_on_the_way() -> None:
    assert pricing.price_per_day(D("8.40"), 90, 1) == D("8.40") / 90
    assert pricing.days_per_pack(D(45), D("0.5")) == 90


@given(prices, counts, counts)
def test_a_pack_costs_its_days(price: Decimal, servings: int, per_day: int) -> None:
    days = pricing.days_per_pack(servings, per_day)
    assert abs(pricing.price_per_day(price, servings, per_day) * days - price) < D("1e-20")


@given(prices, counts, st.decimals(min_value="0.1", max_value=500, places=1))
def test_a_pack_costs_its_magnesium(price: Decimal, servings: int, mg: Decimal) -> None:
    assert abs(pricing.cost_per_100_mg(price, servings, mg) * servings * mg / 100 - price) < D("1e-20")


@pytest.mark.parametrize("bad", [D(0), D(-1), D("NaN"), D("Infinity")])
def test_nothing_and_less_are_refused(bad: Decimal) -> None:
    calls: list[Callable[[], Decimal]] = [
        lambda: pricing.days_per_pack(bad, 1),
        lambda: pricing.days_per_pack(1, bad),
        lambda: pricing.price_per_day(bad, 1, 1),
        lambda: pricing.price_per_day(D(1), bad, 1),
        lambda: pricing.price_per_day(D(1), 1, bad),
        lambda: pricing.cost_per_100_mg(bad, 1, D(1)),
        lambda: pricing.cost_per_100_mg(D(1), bad, D(1)),
        lambda: pricing.cost_per_100_mg(D(1), 1, bad),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="must be above 0"):
            call()


@pytest.mark.parametrize(("amount", "cents"), [("0.125", "0.13"), ("0.135", "0.14"), ("0.1249", "0.12"), ("3", "3.00")])
def test_cents_are_half_up(amount: str, cents: str) -> None:
    assert str(pricing.to_cents(D(amount))) == cents


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        (timedelta(0), True),
        (24 * HOUR, True),
        (24 * HOUR + timedelta(microseconds=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-5, microseconds=-1), False),
    ],
)
def test_freshness(age: timedelta, fresh: bool) -> None:
    assert pricing.is_fresh(NOW - age, 24 * HOUR, NOW) is fresh


def test_time_zones_are_compared_as_times() -> None:
    there = timezone(timedelta(hours=9))
    assert pricing.is_fresh(NOW.astimezone(there), HOUR, NOW)
    assert not pricing.is_fresh((NOW - 2 * HOUR).astimezone(there), HOUR, NOW)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = NOW.replace(tzinfo=None)
    for as_of, now in [(naive, NOW), (NOW, naive), (naive, naive)]:
        with pytest.raises(ValueError, match="time zone"):
            pricing.is_fresh(as_of, HOUR, now)


def test_a_negative_age_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        pricing.is_fresh(NOW, -HOUR, NOW)


@pytest.mark.parametrize("amount", ["0.01", "12.5", "12.500", "99999.99", "100000"])
def test_a_true_price_passes(amount: str) -> None:
    pricing.validate_amount(D(amount), "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "sentence"),
    [
        ("0", "EUR", "price of 0"),
        ("-0.01", "EUR", "negative"),
        ("100000.01", "EUR", "above 100000"),
        ("1E+60", "EUR", "above 100000"),
        ("12.501", "EUR", "two decimals"),
        ("NaN", "EUR", "must be a number"),
        ("Infinity", "EUR", "must be a number"),
        ("1", "eur", "three capital letters"),
        ("1", "EU", "three capital letters"),
        ("1", "EURO", "three capital letters"),
        ("1", "EUR\n", "three capital letters"),
        ("1", "ÉUR", "three capital letters"),
        ("1", "€", "three capital letters"),
    ],
)
def test_a_false_price_is_refused_with_a_sentence(amount: str, currency: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refusal:
        pricing.validate_amount(D(amount), currency)
    assert str(refusal.value).endswith(".")
