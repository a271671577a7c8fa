from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products import dose
from products.dose import LIMITS, Market

D = Decimal
mg_amounts = st.decimals(min_value=0, max_value=5000, places=3)
fractions = st.decimals(min_value="0.001", max_value=1, places=3)
served = st.sets(st.sampled_from(Market), min_size=1)


def test_it_works() -> None:
    assert dose.elemental_mg(D(617), D("0.162")) == D("99.954")
    assert dose.round_mg(dose.elemental_mg(D(617), D("0.162"))) == D(100)


def test_the_limits_are_those_of_the_rules() -> None:
    assert {market: limit.mg for market, limit in LIMITS.items()} == {"US": 350, "EU": 250, "GB": 400}
    assert all(limit.name and limit.source for limit in LIMITS.values())


def test_the_limits_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        LIMITS[Market.EU] = LIMITS[Market.GB]  # type: ignore[index]


@pytest.mark.parametrize("mg", [D("-0.1"), D("NaN"), D("Infinity")])
def test_an_impossible_amount_is_refused(mg: Decimal) -> None:
    with pytest.raises(ValueError, match="must be 0 mg or more"):
        dose.elemental_mg(mg, D("0.6"))
    with pytest.raises(ValueError, match="must be 0 mg or more"):
        dose.round_mg(mg)


@pytest.mark.parametrize("fraction", [D(0), D("-0.1"), D("1.001"), D("NaN")])
def test_an_impossible_fraction_is_refused(fraction: Decimal) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        dose.elemental_mg(D(100), fraction)


def test_a_pure_element_and_an_empty_serving_are_possible() -> None:
    assert dose.elemental_mg(D(100), D(1)) == 100
    assert dose.elemental_mg(D(0), D("0.5")) == 0


@given(mg_amounts, fractions)
def test_elemental_is_never_more_than_the_compound(mg: Decimal, fraction: Decimal) -> None:
    assert 0 <= dose.elemental_mg(mg, fraction) <= mg


def test_a_day_adds_compounds_and_multiplies_servings() -> None:
    parts = [(D(200), D("0.603")), (D(400), D("0.162"))]
    assert dose.daily_elemental_mg(parts, D(2)) == D("370.8")
    assert dose.daily_elemental_mg([], D(2)) == 0


@given(st.lists(st.tuples(mg_amounts, fractions), max_size=4), st.integers(1, 6))
def test_a_day_of_many_servings_is_many_single_servings(parts: list[tuple[Decimal, Decimal]], servings: int) -> None:
    assert dose.daily_elemental_mg(parts, D(servings)) == dose.daily_elemental_mg(parts * servings, D(1))


@pytest.mark.parametrize("servings", [D(0), D(-1), D("NaN")])
def test_a_day_without_servings_is_refused(servings: Decimal) -> None:
    with pytest.raises(ValueError, match="Servings a day"):
        dose.daily_elemental_mg([(D(1), D(1))], servings)


def test_the_strictest_market_decides() -> None:
    assert dose.strictest([Market.US, Market.GB]).market == Market.US
    assert dose.strictest(Market).market == Market.EU


def test_no_market_has_no_limit() -> None:
    with pytest.raises(ValueError, match="at least one market"):
        dose.strictest([])


@pytest.mark.parametrize(
    ("mg", "market", "percent"),
    [
        ("100", Market.EU, 40),
        ("100", Market.US, 29),
        ("400", Market.US, 114),
        ("400", Market.GB, 100),
        ("1.25", Market.EU, 1),  # 0.5 %: half goes up
        ("1.24", Market.EU, 0),
        ("3.75", Market.EU, 2),  # 1.5 %
        ("6.25", Market.EU, 3),  # 2.5 %: half-even would give 2
    ],
)
def test_percent_of_a_limit_is_whole_and_half_up(mg: str, market: Market, percent: int) -> None:
    assert dose.percent_of_limit(D(mg), market) == percent


def test_exceeded_limits_come_strictest_first() -> None:
    assert [limit.market for limit in dose.exceeds(D(401), Market)] == ["EU", "US", "GB"]
    assert [limit.market for limit in dose.exceeds(D(351), [Market.GB, Market.US])] == ["US"]


def test_the_printed_figure_is_compared_with_the_limit() -> None:
    assert dose.exceeds(D(250), [Market.EU]) == ()
    assert dose.exceeds(dose.elemental_mg(D(415), D("0.603")), [Market.EU]) == ()
    assert dose.exceeds(D("250.5"), [Market.EU]) == (LIMITS[Market.EU],)


@given(mg_amounts, served)
def test_over_any_limit_means_over_the_strictest(mg: Decimal, markets: set[Market]) -> None:
    over = dose.exceeds(mg, markets)
    assert bool(over) == (dose.round_mg(mg) > dose.strictest(markets).mg)
    assert {limit.market for limit in over} <= markets


@pytest.mark.parametrize(
    ("stated", "computed", "differs"),
    [("100", "115", True), ("100", "85", True), ("100", "114.999", False), ("100", "85.001", False)]
    + [("0", "0", False), ("0", "0.1", True), ("100", "0", True)],
)
def test_a_label_differs_from_fifteen_per_cent_on(stated: str, computed: str, differs: bool) -> None:
    assert dose.label_differs(D(stated), D(computed)) is differs


def test_a_negative_label_is_refused() -> None:
    with pytest.raises(ValueError, match="0 mg or more"):
        dose.label_differs(D(-1), D(1))
    with pytest.raises(ValueError, match="0 mg or more"):
        dose.label_differs(D(1), D(-1))


@pytest.mark.parametrize(
    ("mg", "printed"),
    [("99.954", "100"), ("10.5", "11"), ("12.5", "13"), ("10.49", "10"), ("9.94", "9.9"), ("9.25", "9.3")]
    + [("9.95", "10"), ("9.96", "10"), ("0.05", "0.1"), ("0", "0.0")],
)
def test_printed_mg(mg: str, printed: str) -> None:
    assert str(dose.round_mg(D(mg))) == printed


@given(mg_amounts)
def test_printing_changes_a_dose_by_half_a_digit_at_most(mg: Decimal) -> None:
    printed = dose.round_mg(mg)
    assert abs(printed - mg) <= (D("0.5") if printed >= 10 else D("0.05"))
