"""A reader's own weights: read, clamped with a word, and the order they make by the list's own arithmetic."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews import ownweights, ranking, scoring
from reviews.standing import CriterionWeight, Entry, Standing

D = Decimal
CRITERIA = (CriterionWeight("label", "Label", D(30)), CriterionWeight("price", "Price", D(20)))


def read(**asked: str) -> tuple[dict[str, Decimal] | None, tuple[str, ...]]:
    return ownweights.read({f"w-{name}": value for name, value in asked.items()}, CRITERIA)


def test_it_works() -> None:
    assert read(label="2", price="10") == ({"label": D(2), "price": D(10)}, ())


def test_no_weight_in_the_address_is_no_own_weighting() -> None:
    assert ownweights.read({"order": "editorial", "vegan": "yes"}, CRITERIA) == (None, ())


@pytest.mark.parametrize("asked", [{"price": "1"}, {"price": "1", "label": ""}, {"price": "1", "label": "  "}])
def test_what_is_left_out_or_empty_weighs_nothing(asked: dict[str, str]) -> None:
    assert read(**asked) == ({"label": D(0), "price": D(1)}, ())


@pytest.mark.parametrize(
    ("typed", "weight"),
    [
        ("0", "0"), ("10", "10"), ("10.0", "10"), ("3.5", "3.5"), ("3,5", "3.5"), (" 7 ", "7"), ("+4", "4"),
        (".5", "0.5"), ("007", "7"), ("5.", "5"),
    ],
)  # fmt: skip
def test_weights_as_people_type_them(typed: str, weight: str) -> None:
    assert read(label=typed, price="1") == ({"label": D(weight), "price": D(1)}, ())


@pytest.mark.parametrize(
    ("typed", "weight", "word"),
    [
        ("11", "10", "goes up to 10"), ("10.01", "10", "goes up to 10"), ("9" * 400, "10", "goes up to 10"),
        ("-1", "0", "below 0"), ("-0.04", "0", "below 0"), ("-" + "9" * 400, "0", "below 0"),
        ("3.25", "3.3", "one decimal"), ("0.04", "0", "one decimal"), ("9.99", "10", "one decimal"),
        ("0." + "3" * 300, "0.3", "one decimal"),
        *((text, "3", "not a number") for text in ("much", "1e3", "NaN", "Infinity", "0x1", "1/2", "٣", "１", "½")),
        *((text, "3", "not a number") for text in ("--1", "1.2.3", "..", "1 000", "<b>")),
    ],
)  # fmt: skip
def test_what_is_not_taken_as_it_stands_gets_a_word(typed: str, weight: str, word: str) -> None:
    """What is no number weighs what we give it (30 to 20 is 3 to 2 on the form)."""
    weights, (notice,) = read(label=typed, price="1")
    assert weights == {"label": D(weight), "price": D(1)}
    assert word in notice
    assert "“Label”" in notice
    assert typed not in notice, "nothing is repeated that anybody could put into an address"


def test_zeros_alone_leave_the_list_as_it_stands() -> None:
    weights, notices = read(label="0", price="0")
    assert weights is None
    assert "Every weight was 0" in notices[0]
    assert read(label="-5", price="")[0] is None


def test_a_criterion_of_another_list_is_named_once() -> None:
    weights, notices = ownweights.read({"w-build": "3", "w-": "1", "w-label": "1"}, CRITERIA)
    assert weights == {"label": D(1), "price": D(0)}
    assert len(notices) == 1
    assert "does not score" in notices[0]
    assert ownweights.read({"w-build": "3"}, CRITERIA)[0] is None


@pytest.mark.parametrize(
    ("weights", "scale"),
    [
        (("30", "25", "20", "15", "10"), ("6", "5", "4", "3", "2")),
        (("60", "40"), ("3", "2")),
        (("0.5", "0.25", "0"), ("2", "1", "0")),
        (("7", "7"), ("1", "1")),
        (("33", "67"), ("4.9", "10")),
        (("1000", "1"), ("10", "0")),
        (("10", "9"), ("10", "9")),
        (("11", "10"), ("10", "9.1")),
    ],
)
def test_our_weights_on_the_scale_of_the_form(weights: tuple[str, ...], scale: tuple[str, ...]) -> None:
    names = "abcde"[: len(weights)]
    found = ownweights.on_scale(dict(zip(names, map(D, weights), strict=True)))
    assert found == dict(zip(names, map(D, scale), strict=True))


@pytest.mark.parametrize("weights", [{"a": D(0)}, {"a": D(-1), "b": D(1)}, {}])
def test_no_proportions_without_weights(weights: dict[str, Decimal]) -> None:
    with pytest.raises(scoring.InvalidWeights):
        ownweights.on_scale(weights)


def test_a_preset_lets_one_criterion_matter_most() -> None:
    assert ownweights.preset(CRITERIA, "price") == {"label": D(2), "price": D(10)}


@pytest.mark.parametrize(("weight", "text"), [("6", "6"), ("3.50", "3.5"), ("10", "10"), ("0.0", "0"), ("1E+1", "10")])
def test_weights_in_addresses_are_the_same_in_every_language(weight: str, text: str) -> None:
    assert ownweights.plain(D(weight)) == text


def entry(slug: str, **scores: str) -> Entry:
    values = {name: D(value) for name, value in scores.items()}
    weights = {criterion.slug: criterion.weight for criterion in CRITERIA}
    return Entry(
        1,
        slug,
        slug.title(),
        1,
        "tablet",
        None,
        False,
        None,
        None,
        values,
        scoring.editorial_score(values, weights),
        (),
    )


def standing(*entries: Entry, margin: str = "0.2") -> Standing:
    candidates = tuple(ranking.Candidate(one.slug, one.name, one.score, one.scores["label"]) for one in entries)
    return Standing(
        CRITERIA, D(margin), candidates, ranking.rank(candidates, D(margin)), {one.slug: one for one in entries}, (), ()
    )


def test_the_order_follows_the_weights() -> None:
    state = standing(entry("plain", label="9.0", price="4.0"), entry("cheap", label="5.0", price="9.0"))
    assert [placed.key for placed in state.placed] == ["plain", "cheap"]
    found = ownweights.order(state, {"label": D(1), "price": D(9)})
    assert [(one.key, one.score, one.label) for one in found] == [("cheap", D("8.6"), "1"), ("plain", D("4.5"), "2")]


def test_places_are_shared_and_ties_broken_as_on_the_list() -> None:
    state = standing(
        entry("b", label="5.0", price="7.0"), entry("a", label="5.0", price="6.9"), entry("c", label="6.0", price="7.0")
    )
    found = ownweights.order(state, {"label": D(0), "price": D(1)})
    assert [(one.key, one.label) for one in found] == [("c", "1="), ("b", "1="), ("a", "1=")]


def test_what_a_gate_keeps_out_no_weighting_lets_in() -> None:
    state = standing(entry("a", label="5.0", price="5.0"))
    out = entry("out", label="9.0", price="9.0")
    held: Any = {**state.entries, "out": out}
    shut = Standing(state.criteria, state.margin, state.candidates, state.placed, held, (out,), ())
    assert [one.key for one in ownweights.order(shut, {"label": D(1), "price": D(1)})] == ["a"]


tenths = st.integers(0, 100).map(lambda number: D(number) / 10)


@given(scores=st.lists(st.tuples(tenths, tenths), min_size=1, max_size=8), factor=st.integers(1, 10))
def test_our_own_weights_in_any_size_give_our_own_order(scores: list[tuple[Decimal, Decimal]], factor: int) -> None:
    state = standing(*(entry(f"p{number}", label=str(a), price=str(b)) for number, (a, b) in enumerate(scores)))
    weights = {criterion.slug: criterion.weight * factor / 10 for criterion in CRITERIA}
    found = ownweights.order(state, weights)
    assert [(one.key, one.label) for one in found] == [(one.key, ranking.place_label(one)) for one in state.placed]
    assert {one.key: one.score for one in found} == {key: one.score for key, one in state.entries.items()}


@given(typed=st.text(max_size=30))
def test_any_text_is_a_weight_or_gets_a_word(typed: str) -> None:
    weights, notices = read(label=typed, price="5")
    assert weights is not None
    assert 0 <= weights["label"] <= 10
    assert weights["label"] % D("0.1") == 0
    assert len(notices) <= 1
