"""Facets: values of one facet are alternatives, facets narrow each other, counts say what a value would show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crampinfo.lib import facets

TABLET, SALTY = {"form": {"tablet"}, "vegan": {"yes"}}, {"form": {"powder"}, "compound": {"citrate", "oxide"}}
THINGS = [TABLET, SALTY, {"form": {"tablet"}}]


def test_it_works() -> None:
    assert [facets.matches(thing, {"form": ["tablet"], "vegan": ["yes"]}) for thing in THINGS] == [True, False, False]


def test_values_of_one_facet_are_alternatives() -> None:
    assert all(facets.matches(thing, {"form": ["tablet", "powder"]}) for thing in THINGS)
    assert facets.matches(SALTY, {"compound": ["oxide"]})


def test_nothing_chosen_asks_for_nothing() -> None:
    assert all(facets.matches(thing, {"form": [], "dose": []}) for thing in THINGS)
    assert not facets.matches(TABLET, {"dose": ["100"]}), "a facet it lacks"


def test_counts_leave_their_own_facet_open() -> None:
    """With tablets chosen, powder still says what it would add."""
    assert facets.counts(THINGS, {"form": ["tablet"]}, "form") == {"tablet": 2, "powder": 1}
    assert facets.counts(THINGS, {"form": ["tablet"]}, "vegan") == {"yes": 1}
    assert facets.counts(THINGS, {"form": ["powder"]}, "vegan") == {}


names = st.sampled_from(["a", "b", "c"])
values = st.frozensets(st.sampled_from(["1", "2", "3"]), max_size=3)
things = st.lists(st.dictionaries(names, values, max_size=3), max_size=8)


@given(things=things, chosen=st.dictionaries(names, values, max_size=3), name=names)
def test_a_count_is_what_choosing_that_value_alone_shows(
    things: list[dict[str, frozenset[str]]], chosen: dict[str, frozenset[str]], name: str
) -> None:
    found = facets.counts(things, chosen, name)
    for value in ("1", "2", "3"):
        assert found[value] == sum(facets.matches(thing, {**chosen, name: [value]}) for thing in things)
