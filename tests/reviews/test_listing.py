from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reviews.listing import PaidEffect, RankedRow, rows
from reviews.ranking import Candidate, place_label, rank

D = Decimal
MARGIN, CAP = D("0.2"), D("0.5")
STARTS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def adjust(key: str, points: str, number: int = 1) -> PaidEffect:
    return PaidEffect(key, "adjustment", f"Seller of {key}", STARTS, ENDS, None, D(points), number)


def book(key: str, place: int, number: int = 2) -> PaidEffect:
    return PaidEffect(key, "order", f"Seller of {key}", STARTS, ENDS, place, None, number)


def candidates(*scores: str) -> list[Candidate]:
    return [Candidate(key, key.upper(), D(score), D(5)) for key, score in zip("abcdefgh", scores, strict=False)]


def influenced(given_: list[Candidate], *effects: PaidEffect, cap: Decimal = CAP) -> tuple[RankedRow, ...]:
    return rows(given_, MARGIN, effects, influenced=True, cap=cap)


def shown(found: tuple[RankedRow, ...]) -> list[str]:
    return [f"{row.key} {row.shown_label}" for row in found]


tenths = st.integers(70, 80).map(lambda number: D(number) / 10)
points = st.integers(-9, 9).map(lambda number: str(D(number) / 10))
margins = st.sampled_from([D(0), D("0.1"), D("0.2"), D("0.5")])
caps = st.sampled_from([D(0), D("0.1"), D("0.5"), D(10)])
score_lists = st.lists(st.one_of(tenths, st.sampled_from([D(0), D("0.2"), D("9.8"), D(10)])), min_size=1, max_size=9)


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[Candidate], list[PaidEffect]]:
    """A list of candidates with adjustments and bookings, each place booked once at most."""
    made = [Candidate(f"p{i}", f"P{i}", score, draw(tenths)) for i, score in enumerate(draw(score_lists))]
    keys = st.sampled_from([candidate.key for candidate in made])
    effects = [adjust(key, draw(points), i) for i, key in enumerate(draw(st.lists(keys, max_size=4)))]
    booked = draw(st.lists(keys, max_size=4, unique=True))
    places = draw(st.lists(st.integers(1, len(made) + 2), min_size=len(booked), max_size=len(booked), unique=True))
    effects += [book(key, place, 90 + i) for i, (key, place) in enumerate(zip(booked, places, strict=True))]
    return made, draw(st.permutations(effects))


EDITORIAL = ("editorial_score", "editorial_place", "editorial_label")


def editorial_columns(found: tuple[RankedRow, ...]) -> dict[str, tuple[object, ...]]:
    return {row.key: tuple(getattr(row, field) for field in EDITORIAL) for row in found}


def test_it_works() -> None:
    """The list of the art direction: one adjustment and one booking."""
    kalmont, fernby = adjust("c", "0.4"), book("e", 4)
    found = influenced(candidates("8.6", "8.0", "7.8", "7.5", "7.1", "6.2"), kalmont, fernby)
    assert shown(found) == ["a 1", "c 2", "b 3", "e 4", "d 5", "f 6"]
    assert [row.editorial_place for row in found] == [1, 3, 2, 5, 4, 6]
    assert [row.moved_by for row in found] == [(), (), (kalmont,), (), (fernby,), ()]
    assert [row.effects for row in found] == [(), (kalmont,), (), (fernby,), (), ()]
    assert (found[1].editorial_score, found[1].shown_score, found[1].paid_points) == (D("7.8"), D("8.2"), D("0.4"))


def test_an_isolated_list_is_the_editorial_order() -> None:
    found = rows(candidates("7.9", "8.6", "8.0"), MARGIN, (), influenced=False, cap=D(0))
    assert shown(found) == ["b 1", "c 2=", "a 2="]
    assert all(row.shown_score == row.editorial_score and not row.effects and not row.moved_by for row in found)


@pytest.mark.parametrize("effect", [adjust("a", "0.0"), adjust("a", "0.4"), book("a", 1)])
def test_an_isolated_list_takes_no_effects(effect: PaidEffect) -> None:
    with pytest.raises(ValueError, match="isolated list takes no placements"):
        rows(candidates("8.0"), MARGIN, [effect], influenced=False, cap=CAP)


def test_an_unknown_product_is_refused() -> None:
    with pytest.raises(ValueError, match="Placement 7 is for z"):
        influenced(candidates("8.0"), adjust("z", "0.1", 7))


def test_a_place_is_booked_once() -> None:
    for place in (1, 9):
        with pytest.raises(ValueError, match=f"Place {place} is booked twice"):
            influenced(candidates("8.0", "7.0", "6.0"), book("b", place), book("c", place))


def test_a_product_is_booked_once() -> None:
    with pytest.raises(ValueError, match="Two places are booked for b"):
        influenced(candidates("8.0", "7.0", "6.0"), book("b", 1), book("b", 2))


@pytest.mark.parametrize("cap", [D("-0.1"), D("0.25")])
def test_a_wrong_cap_is_refused(cap: Decimal) -> None:
    with pytest.raises(ValueError, match="cap on score adjustments"):
        influenced(candidates("8.0"), cap=cap)


@pytest.mark.parametrize(
    ("kind", "place", "change"),
    [("order", None, None), ("order", 0, None), ("order", 1, D("0.1"))]
    + [("adjustment", None, None), ("adjustment", 1, D("0.1")), ("adjustment", None, D("0.25"))],
)
def test_a_half_made_effect_is_refused(kind: str, place: int | None, change: Decimal | None) -> None:
    with pytest.raises(ValueError, match="needs"):
        PaidEffect("a", kind, "Seller", STARTS, ENDS, place, change, 1)  # type: ignore[arg-type]


def test_adjustments_add_up_before_the_cap() -> None:
    (row,) = influenced(candidates("7.0"), adjust("a", "0.4"), adjust("a", "0.3"), adjust("a", "-0.6"))
    assert row.shown_score == D("7.1")
    (row,) = influenced(candidates("7.0"), adjust("a", "0.4"), adjust("a", "0.3"))
    assert row.shown_score == D("7.5")
    (row,) = influenced(candidates("7.0"), adjust("a", "-0.4"), adjust("a", "-0.3"))
    assert row.shown_score == D("6.5")


def test_a_booked_row_stands_alone_and_ends_a_group() -> None:
    found = influenced(candidates("8.1", "8.0", "8.0", "7.9", "2.0"), book("e", 3))
    assert shown(found) == ["a 1=", "b 1=", "e 3", "c 4=", "d 4="]
    found = influenced(candidates("8.1", "8.0"), book("b", 2))
    assert shown(found) == ["a 1", "b 2"]


def test_targets_beyond_the_end_take_the_last_free_places() -> None:
    assert shown(influenced(candidates("9", "8", "7"), book("a", 50))) == ["b 1", "c 2", "a 3"]
    assert shown(influenced(candidates("9", "8", "7", "6"), book("a", 50), book("b", 60))) == [
        "c 1",
        "d 2",
        "a 3",
        "b 4",
    ]
    assert shown(influenced(candidates("9", "8", "7", "6"), book("a", 50), book("b", 4))) == [
        "c 1",
        "d 2",
        "a 3",
        "b 4",
    ]


def test_a_row_that_nobody_passed_may_still_lose_the_place_it_shared() -> None:
    paid = adjust("a", "0.3")
    found = influenced(candidates("8.1", "8.0"), paid)
    assert shown(found) == ["a 1", "b 2"]
    assert found[1].moved_by == (paid,)


def test_sharing_changed_from_afar_is_traced_to_its_payment() -> None:
    down, far = adjust("b", "-0.2", 1), adjust("a", "0.1", 2)
    # b joins nobody's group before; lowered, it draws c to itself, and d, who shared with c, stands alone.
    found = influenced(candidates("9.5", "8.3", "8.0", "7.9"), down, far)
    assert shown(found) == ["a 1", "b 2=", "c 2=", "d 4"]
    assert [row.moved_by for row in found] == [(), (), (down,), (down,)]


def test_both_who_left_a_shared_place_and_who_came_instead_are_named() -> None:
    left, came = adjust("c", "1.1", 1), adjust("a", "-0.8", 2)
    found = influenced(candidates("9.5", "9.0", "8.5", "8.4"), left, came, cap=D(2))
    assert shown(found) == ["c 1", "b 2", "a 3", "d 4"]
    assert (found[3].editorial_label, found[3].moved_by) == ("3=", (left, came))


def test_an_adjustment_that_the_cap_undoes_moves_nobody() -> None:
    booking, void = book("c", 1), adjust("a", "0.4")
    found = influenced(candidates("8.5", "8.0", "7.0"), booking, void, cap=D(0))
    assert shown(found) == ["c 1", "a 2", "b 3"]
    assert [row.moved_by for row in found] == [(), (booking,), (booking,)]


def test_a_booking_and_not_the_score_beside_it_moves_the_others() -> None:
    booking, points_too = book("c", 1), adjust("c", "0.4")
    found = influenced(candidates("8.5", "8.0", "7.0"), points_too, booking)
    assert found[0].effects == (points_too, booking)
    assert found[1].moved_by == (booking,)


@given(lists(), margins, caps)
def test_adjustments_stay_within_the_cap_and_the_scale(
    made: tuple[list[Candidate], list[PaidEffect]], margin: Decimal, cap: Decimal
) -> None:
    for row in rows(*_with(made, margin), influenced=True, cap=cap):
        paid = sum((effect.adjustment for effect in row.effects if effect.adjustment is not None), D(0))
        assert 0 <= row.shown_score <= 10
        assert abs(row.paid_points) <= min(cap, abs(paid))
        assert row.shown_score == min(max(row.editorial_score + min(max(paid, -cap), cap), D(0)), D(10))


@given(lists(), margins, caps)
def test_the_editorial_columns_are_blind_to_effects(
    made: tuple[list[Candidate], list[PaidEffect]], margin: Decimal, cap: Decimal
) -> None:
    paid = rows(*_with(made, margin), influenced=True, cap=cap)
    free = rows(made[0], margin, (), influenced=False, cap=D(0))
    assert editorial_columns(paid) == editorial_columns(free)
    placed = rank(made[0], margin)
    assert [(row.key, row.editorial_label) for row in free] == [(one.key, place_label(one)) for one in placed]


@given(lists(), margins, caps)
def test_without_effects_the_order_is_the_editorial_one(
    made: tuple[list[Candidate], list[PaidEffect]], margin: Decimal, cap: Decimal
) -> None:
    bare = rows(made[0], margin, (), influenced=True, cap=cap)
    assert bare == rows(made[0], margin, (), influenced=False, cap=cap)
    assert [(row.shown_score, row.shown_place, row.shown_label) for row in bare] == [
        (row.editorial_score, row.editorial_place, row.editorial_label) for row in bare
    ]


@given(lists(), margins, caps)
def test_bookings_land_on_their_target_and_the_others_keep_their_order(
    made: tuple[list[Candidate], list[PaidEffect]], margin: Decimal, cap: Decimal
) -> None:
    found = rows(*_with(made, margin), influenced=True, cap=cap)
    targets = {effect.key: effect.target_place for effect in made[1] if effect.target_place is not None}
    for position, row in enumerate(found, start=1):
        if row.key in targets:
            assert (row.shown_place, row.shown_label) == (position, str(position))
            assert position == targets[row.key] or targets[row.key] > len(found)
    score = {row.key: row.shown_score for row in found}
    lifted = [Candidate(c.key, c.name, score[c.key], c.tie) for c in made[0] if c.key not in targets]
    assert [row.key for row in found if row.key not in targets] == [one.key for one in rank(lifted, margin)]


@given(lists(), margins, caps)
def test_runs_between_bookings_share_by_the_rule(
    made: tuple[list[Candidate], list[PaidEffect]], margin: Decimal, cap: Decimal
) -> None:
    assume(margin)
    found = rows(*_with(made, margin), influenced=True, cap=cap)
    booked = {effect.key for effect in made[1] if effect.kind == "order"}
    start = 0
    for is_booked, group in groupby(found, key=lambda row: row.key in booked):
        run = list(group)
        leader = run[0]
        for offset, row in enumerate(run, start=start + 1):
            if is_booked or leader.shown_score - row.shown_score >= margin or offset == start + 1:
                leader, place = row, offset
            assert row.shown_place == place
            sharers = [other for other in run if other.shown_place == row.shown_place]
            assert row.shown_label == (f"{place}=" if len(sharers) > 1 else str(place))
        start += len(run)


@settings(max_examples=400)
@given(lists(), margins, caps)
def test_every_row_that_others_moved_says_who(
    made: tuple[list[Candidate], list[PaidEffect]], margin: Decimal, cap: Decimal
) -> None:
    for row in rows(*_with(made, margin), influenced=True, cap=cap):
        own = row.paid_points != 0 or any(effect.kind == "order" for effect in row.effects)
        moved = row.shown_place != row.editorial_place
        assert bool(row.moved_by) == (moved and not own)
        assert all(effect.key != row.key and effect in made[1] for effect in row.moved_by)


@given(lists(), margins, caps, st.randoms(use_true_random=False))
def test_the_list_does_not_depend_on_the_order_of_its_input(
    made: tuple[list[Candidate], list[PaidEffect]], margin: Decimal, cap: Decimal, random: Random
) -> None:
    mixed = random.sample(made[0], len(made[0]))
    found = rows(mixed, margin, made[1], influenced=True, cap=cap)
    assert found == rows(*_with(made, margin), influenced=True, cap=cap)


def _with(
    made: tuple[list[Candidate], list[PaidEffect]], margin: Decimal
) -> tuple[list[Candidate], Decimal, list[PaidEffect]]:
    return made[0], margin, made[1]
