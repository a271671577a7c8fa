"""Filters that combine: within one facet any chosen value will do, between facets all must."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

Traits = Mapping[str, Collection[str]]
"""What a thing has, facet by facet: {"form": {"tablet"}, "vegan": {"yes"}}."""
Chosen = Mapping[str, Collection[str]]
"""What is asked for, facet by facet; a facet without a value asks for nothing."""


def matches(traits: Traits, chosen: Chosen, but: str = "") -> bool:
    """Whether a thing has one of the chosen values in every facet that asks for any, the facet `but` not counted."""
    return all(
        not values or name == but or not set(values).isdisjoint(traits.get(name, ())) for name, values in chosen.items()
    )


def counts(things: Iterable[Traits], chosen: Chosen, name: str) -> Counter[str]:
    """For each value of one facet, how many things it would show beside what is chosen in the other facets."""
    return Counter(value for traits in things if matches(traits, chosen, but=name) for value in traits.get(name, ()))
