import ast
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.dose import Market
from reviews import scoring
from reviews.scoring import GateFacts, InvalidScore, InvalidWeights, MissingScore, editorial_score, gate_failures

D = Decimal
CRITERIA = ("dose", "label", "price", "safety")
score_values = st.integers(0, 100).map(lambda tenths: D(tenths) / 10)
score_sets = st.fixed_dictionaries(dict.fromkeys(CRITERIA, score_values))
weight_sets = st.fixed_dictionaries(dict.fromkeys(CRITERIA, st.decimals(min_value=0, max_value=100, places=2))).filter(
    lambda weights: any(weights.values())
)
FACTS = GateFacts(
    elemental_mg_per_day=D(100),
    markets=(Market.US, Market.EU),
    label_warns_limit=False,
    label_readable=True,
    recalled=False,
    is_supplement=True,
)


def test_it_works() -> None:
    scores = {"dose": D("8.0"), "label": D("9.5"), "price": D("6.0")}
    assert editorial_score(scores, {"dose": D(3), "label": D(2), "price": D(1)}) == D("8.2")  # 49 / 6 = 8.1666


def test_half_goes_up() -> None:
    assert editorial_score({"a": D("8.0"), "b": D("8.1")}, {"a": D(1), "b": D(1)}) == D("8.1")
    assert editorial_score({"a": D("8.2"), "b": D("8.3")}, {"a": D(1), "b": D(1)}) == D("8.3")


def test_the_arithmetic_adds_up() -> None:
    sum_ = scoring.arithmetic({"a": D("7.5"), "b": D("4.0")}, {"a": D(2), "b": D(1)})
    assert [(line.criterion, line.weight, line.score, line.points) for line in sum_.lines] == [
        ("a", D(2), D("7.5"), D("15.0")),
        ("b", D(1), D("4.0"), D("4.0")),
    ]
    assert (sum_.total, sum_.weight_sum, sum_.rounded) == (D(19), D(3), D("6.3"))
    assert sum_.exact == D(19) / 3


@given(score_sets, weight_sets, st.decimals(min_value="0.01", max_value=1000, places=2))
def test_the_score_is_free_of_the_scale_of_weights(
    scores: dict[str, Decimal], weights: dict[str, Decimal], factor: Decimal
) -> None:
    scaled = {criterion: weight * factor for criterion, weight in weights.items()}
    assert editorial_score(scores, scaled) == editorial_score(scores, weights)


@given(score_sets, weight_sets)
def test_the_score_lies_between_the_counted_scores(scores: dict[str, Decimal], weights: dict[str, Decimal]) -> None:
    counted = [scores[criterion] for criterion, weight in weights.items() if weight]
    assert min(counted) <= editorial_score(scores, weights) <= max(counted)


@given(score_sets, weight_sets)
def test_the_score_is_within_half_a_tenth_of_the_exact_mean(
    scores: dict[str, Decimal], weights: dict[str, Decimal]
) -> None:
    score = editorial_score(scores, weights)
    assert score.as_tuple().exponent == -1
    exact = sum((weights[c] * scores[c] for c in CRITERIA), D(0)) / sum(weights.values(), D(0))
    assert D("-0.05") < score - exact <= D("0.05")


@given(score_sets, weight_sets, st.sampled_from(CRITERIA))
def test_a_missing_score_is_an_error_that_names_it(
    scores: dict[str, Decimal], weights: dict[str, Decimal], criterion: str
) -> None:
    del scores[criterion]
    with pytest.raises(MissingScore, match=criterion):
        editorial_score(scores, weights)


def test_a_criterion_of_weight_zero_counts_nothing_but_must_be_scored() -> None:
    weights = {"a": D(1), "b": D(0)}
    assert editorial_score({"a": D(7), "b": D(1)}, weights) == D("7.0")
    with pytest.raises(MissingScore, match="b"):
        editorial_score({"a": D(7)}, weights)


def test_a_score_of_another_version_is_not_looked_at() -> None:
    assert editorial_score({"a": D(7), "old": D(99)}, {"a": D(1)}) == D("7.0")


@pytest.mark.parametrize("weights", [{}, {"a": D(0)}, {"a": D(-1)}, {"a": D(2), "b": D(-1)}, {"a": D("NaN")}])
def test_useless_weights_are_refused(weights: dict[str, Decimal]) -> None:
    with pytest.raises(InvalidWeights):
        editorial_score({"a": D(5), "b": D(5)}, weights)


@pytest.mark.parametrize("score", ["-0.1", "10.1", "7.25", "NaN", "Infinity"])
def test_an_impossible_score_is_refused(score: str) -> None:
    with pytest.raises(InvalidScore, match="price"):
        editorial_score({"price": D(score)}, {"price": D(1)})


@pytest.mark.parametrize("score", ["0", "10", "10.0", "7.50"])
def test_the_ends_of_the_scale_and_idle_zeros_are_scores(score: str) -> None:
    assert editorial_score({"a": D(score)}, {"a": D(1)}) == D(score)


def test_a_good_product_fails_no_gate() -> None:
    assert gate_failures(FACTS) == ()


def test_over_the_limit_without_a_warning_fails_with_figures() -> None:
    (failure,) = gate_failures(replace(FACTS, elemental_mg_per_day=D("400.2")))
    assert failure.code == "over_limit"
    assert failure.sentence == (
        "A daily dose holds 400 mg of elemental magnesium, over the EU upper limit of 250 mg (160 % of it) "
        "and the US upper limit of 350 mg (114 % of it), and the label carries no warning."
    )


def test_only_exceeded_limits_are_named() -> None:
    (failure,) = gate_failures(replace(FACTS, elemental_mg_per_day=D(300)))
    assert "EU upper limit of 250 mg (120 % of it), and the label" in failure.sentence
    assert "US" not in failure.sentence
    (failure,) = gate_failures(replace(FACTS, elemental_mg_per_day=D(500), markets=tuple(Market)))
    assert "(200 % of it), the US upper limit of 350 mg (143 % of it) and the UK guidance" in failure.sentence


@pytest.mark.parametrize(
    "passing",
    [
        replace(FACTS, elemental_mg_per_day=D(400), label_warns_limit=True),
        replace(FACTS, elemental_mg_per_day=D(250)),
        replace(FACTS, elemental_mg_per_day=D("250.245")),
        replace(FACTS, elemental_mg_per_day=D(300), markets=(Market.US,)),
        replace(FACTS, elemental_mg_per_day=None, label_readable=False, is_supplement=False, markets=()),
    ],
)
def test_what_passes_the_gates(passing: GateFacts) -> None:
    assert gate_failures(passing) == ()


def test_a_recall_fails_whatever_the_product() -> None:
    for is_supplement in (True, False):
        (failure,) = gate_failures(replace(FACTS, recalled=True, is_supplement=is_supplement))
        assert (failure.code, failure.sentence) == ("recalled", "This product has been recalled.")


@pytest.mark.parametrize(
    ("readable", "mg", "sentence"),
    [
        *(
            (False, mg, "The label can't be read in full, so nobody can tell what a serving holds.")
            for mg in (D(100), None)
        ),
        (True, None, "The label does not say how much elemental magnesium a daily dose holds."),
    ],
)
def test_a_label_that_hides_the_dose_fails_once(readable: bool, mg: Decimal | None, sentence: str) -> None:
    (failure,) = gate_failures(replace(FACTS, label_readable=readable, elemental_mg_per_day=mg))
    assert (failure.code, failure.sentence) == ("no_label", sentence)


def test_one_limit_is_told_without_an_and() -> None:
    [failure] = gate_failures(replace(FACTS, elemental_mg_per_day=D(260)))
    assert failure.sentence == (
        "A daily dose holds 260 mg of elemental magnesium, over the EU upper limit of 250 mg (104 % of it), "
        "and the label carries no warning."
    )


def test_every_failure_is_told() -> None:
    facts = replace(FACTS, recalled=True, label_readable=False, elemental_mg_per_day=D(260))
    assert [failure.code for failure in gate_failures(facts)] == ["recalled", "over_limit", "no_label"]


def test_a_dose_without_a_market_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="at least one market"):
        gate_failures(replace(FACTS, markets=()))


@pytest.mark.parametrize("module", ["scoring", "ranking"])
def test_nothing_commercial_is_imported(module: str) -> None:
    source = Path(scoring.__file__).with_name(f"{module}.py").read_text("utf-8")
    imported = {
        f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    ours = {name for name in imported if name.split(".")[0] in ("products", "reviews", "crampinfo", "articles")}
    assert ours <= {"products.dose", "reviews.scoring.editorial_score"}
    assert not {name for name in imported if name.split(".")[0] == "django"}
