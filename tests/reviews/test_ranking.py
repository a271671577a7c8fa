from decimal import Decimal
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews import ranking
from reviews.ranking import Candidate, Placed, place_label, rank, robustness
from reviews.scoring import InvalidScore, InvalidWeights, MissingScore, editorial_score

D = Decimal
MARGIN = D("0.2")
tenths = st.integers(0, 100).map(lambda number: D(number) / 10)
close_scores = st.integers(70, 80).map(lambda number: D(number) / 10)
margins = st.sampled_from([D(0), D("0.1"), D("0.15"), D("0.2"), D("0.25"), D("0.5"), D(1)])
candidate_lists = st.lists(
    st.builds(
        Candidate,
        key=st.text("abc123", min_size=1, max_size=4),
        name=st.text("aAbB", max_size=2),
        score=close_scores,
        tie=close_scores,
    ),
    unique_by=lambda candidate: candidate.key,
    max_size=12,
)


def candidates(*scores: str) -> list[Candidate]:
    """Candidates a, b, c ... with these scores and equal ties."""
    return [Candidate(key, key.upper(), D(score), D(5)) for key, score in zip("abcdefgh", scores, strict=False)]


def labels(placed: tuple[Placed, ...]) -> list[str]:
    return [f"{row.key} {place_label(row)}" for row in placed]


def places_by_the_rule(scores: list[Decimal], margin: Decimal) -> list[int]:
    """The written rule, slowly: the leader, all who are less than the margin below it, then the rest by itself."""
    if not scores:
        return []
    sharers = 1 + sum(1 for score in scores[1:] if scores[0] - score < margin)
    return [1] * sharers + [sharers + place for place in places_by_the_rule(scores[sharers:], margin)]


def test_it_works() -> None:
    assert labels(rank(candidates("8.6", "8.1", "8.0", "7.6"), MARGIN)) == ["a 1", "b 2=", "c 2=", "d 4"]


def test_positions_have_no_gaps() -> None:
    assert [row.position for row in rank(candidates("8.6", "8.1", "8.0", "7.6"), MARGIN)] == [1, 2, 3, 4]


def test_the_margin_is_counted_from_the_leader_and_not_from_neighbour_to_neighbour() -> None:
    assert labels(rank(candidates("8.0", "7.9", "7.8", "7.7"), MARGIN)) == ["a 1=", "b 1=", "c 3=", "d 3="]


def test_exactly_the_margin_below_does_not_share() -> None:
    assert labels(rank(candidates("8.0", "7.8"), MARGIN)) == ["a 1", "b 2"]


def test_a_margin_of_zero_shares_nothing() -> None:
    assert labels(rank(candidates("8.0", "8.0"), D(0))) == ["a 1", "b 2"]


def test_ties_fall_by_the_tie_breaker_then_the_name_then_the_key() -> None:
    placed = rank(
        [
            Candidate("z", "apple", D(8), D(5)),
            Candidate("y", "Banana", D(8), D(5)),
            Candidate("x", "APPLE", D(8), D(5)),
            Candidate("w", "Zebra", D(8), D(6)),
        ],
        MARGIN,
    )
    assert labels(placed) == ["w 1=", "x 1=", "z 1=", "y 1="]


def test_an_empty_list_is_a_list() -> None:
    assert rank([], MARGIN) == ()


def test_a_key_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="a stands twice"):
        rank([*candidates("8", "7"), *candidates("6")], MARGIN)


def test_a_negative_margin_is_refused() -> None:
    with pytest.raises(ValueError, match="margin"):
        rank(candidates("8"), D("-0.1"))


def test_labels() -> None:
    assert place_label(Placed("a", 3, 2, shared=True)) == "2="
    assert place_label(Placed("a", 12, 12, shared=False)) == "12"


@given(candidate_lists, margins)
def test_sharing_is_exactly_the_written_rule(given_: list[Candidate], margin: Decimal) -> None:
    placed = rank(given_, margin)
    scores = {candidate.key: candidate.score for candidate in given_}
    expected = places_by_the_rule([scores[row.key] for row in placed], margin)
    assert [row.place for row in placed] == expected
    assert [row.shared for row in placed] == [expected.count(place) > 1 for place in expected]


@given(candidate_lists, margins)
def test_the_order_is_total_and_every_pair_stands_right(given_: list[Candidate], margin: Decimal) -> None:
    placed = rank(given_, margin)
    assert sorted(row.key for row in placed) == sorted(candidate.key for candidate in given_)
    assert [row.position for row in placed] == list(range(1, len(given_) + 1))
    by_key = {candidate.key: candidate for candidate in given_}
    for above, below in zip(placed, placed[1:], strict=False):
        one, two = by_key[above.key], by_key[below.key]
        assert one.score >= two.score
        if one.score == two.score:
            assert one.tie >= two.tie
        if (one.score, one.tie) == (two.score, two.tie):
            assert (one.name.casefold(), one.key) < (two.name.casefold(), two.key)


@given(candidate_lists, margins, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_input(given_: list[Candidate], margin: Decimal, random: Random) -> None:
    shuffled = given_[:]
    random.shuffle(shuffled)
    assert rank(shuffled, margin) == rank(given_, margin)


def robust(
    products: dict[str, dict[str, Decimal]], weights: dict[str, Decimal], margin: Decimal = MARGIN
) -> dict[str, Decimal]:
    return robustness(products, weights, dict.fromkeys(products, D(5)), {key: key for key in products}, margin)


def slow_robustness(
    products: dict[str, dict[str, Decimal]], weights: dict[str, Decimal], margin: Decimal
) -> dict[str, Decimal]:
    """The full grid through editorial_score() and rank() themselves."""

    def places(weighting: dict[str, Decimal]) -> dict[str, int]:
        scored = [Candidate(key, key, editorial_score(scores, weighting), D(5)) for key, scores in products.items()]
        return {row.key: row.place for row in rank(scored, margin)}

    grid = [
        {criterion: weight * factor for (criterion, weight), factor in zip(weights.items(), factors, strict=True)}
        for factors in product((D("0.75"), D(1), D("1.25")), repeat=len(weights))
    ]
    home, found = places(weights), [places(weighting) for weighting in grid]
    return {key: D(sum(there[key] == home[key] for there in found)) / len(grid) for key in products}


def test_one_criterion_never_moves_anyone() -> None:
    assert robust({"a": {"x": D(8)}, "b": {"x": D(5)}}, {"x": D(3)}) == {"a": D(1), "b": D(1)}


def test_opposite_products_change_places_with_the_weights() -> None:
    products = {"a": {"x": D(9), "y": D(5)}, "b": {"x": D(5), "y": D(9)}}
    shares = robust(products, {"x": D("1.1"), "y": D(1)}, D("0.1"))
    # a leads with x at least as heavy as y, which 6 of the 9 combinations leave so.
    assert shares == {"a": D(6) / 9, "b": D(6) / 9}


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(tenths, min_size=3, max_size=3), min_size=1, max_size=5),
    st.lists(st.decimals(min_value="0.1", max_value=9, places=2), min_size=3, max_size=3),
    margins,
)
def test_the_fast_way_is_the_slow_way(rows: list[list[Decimal]], weights: list[Decimal], margin: Decimal) -> None:
    products = {f"p{i}": dict(zip("xyz", row, strict=True)) for i, row in enumerate(rows)}
    weighted = dict(zip("xyz", weights, strict=True))
    assert robust(products, weighted, margin) == slow_robustness(products, weighted, margin)


def many(criteria: int) -> tuple[dict[str, dict[str, Decimal]], dict[str, Decimal]]:
    random = Random(7)
    names = [f"c{i:02}" for i in range(criteria)]
    products = {f"p{i}": {name: D(random.randint(60, 90)) / 10 for name in names} for i in range(10)}
    return products, {name: D(random.randint(1, 5)) for name in names}


def test_many_criteria_are_drawn_with_a_fixed_seed() -> None:
    products, weights = many(8)
    shares = robust(products, weights)
    assert shares == robust(products, weights)
    counts = [share * 243 for share in shares.values()]
    assert all(1 <= count <= 243 and abs(count - round(count)) < D("1e-9") for count in counts)
    assert len(set(shares.values())) > 1
    assert shares != robustness(products, weights, dict.fromkeys(products, D(5)), {k: k for k in products}, MARGIN, "x")


def test_the_draw_does_not_depend_on_the_order_of_products_or_weights() -> None:
    products, weights = many(8)
    turned = {key: dict(reversed(scores.items())) for key, scores in reversed(products.items())}
    assert robust(turned, dict(reversed(weights.items()))) == robust(products, weights)


@pytest.mark.parametrize(("criteria", "count"), [(1, 3), (4, 81), (5, 243), (6, 243), (9, 243)])
def test_the_grid_is_never_larger_than_243_and_holds_the_unchanged_weighting(criteria: int, count: int) -> None:
    weights = list(range(1, criteria + 1))
    grid = list(ranking._weightings(weights, "seed"))
    assert len(grid) == count
    assert [weight * 4 for weight in weights] in grid
    assert len({tuple(row) for row in grid}) == count or criteria > 5, "every combination, where they are not drawn"
    assert {new / weight for new, weight in ((row[-1], weights[-1]) for row in grid)} == {3, 4, 5}


def test_a_criterion_of_weight_zero_leaves_the_grid_whole() -> None:
    products, weights = many(5)
    idle = {key: {**scores, "idle": D(0)} for key, scores in products.items()}
    assert robust(idle, {**weights, "idle": D(0)}) == robust(products, weights)


def test_robustness_refuses_what_scoring_and_ranking_refuse() -> None:
    with pytest.raises(MissingScore):
        robust({"a": {}}, {"x": D(1)})
    with pytest.raises(InvalidScore):
        robust({"a": {"x": D("7.25")}}, {"x": D(1)})
    with pytest.raises(InvalidWeights):
        robust({"a": {"x": D(7)}}, {"x": D(0)})
    with pytest.raises(ValueError, match="margin"):
        robust({"a": {"x": D(7)}}, {"x": D(1)}, D(-1))
    assert robust({}, {"x": D(1)}) == {}
