"""What a list can be narrowed to: facets with what each value would show, and what an address asks of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crampinfo.lib import facets
from products import dose
from products.models import Form, Ingredient
from reviews import doses, standing
from reviews.standing import Entry

# The names in addresses: groups of alternatives first, then those with one value.
GROUPS = ("form", "compound", "dose", "price")
FLAGS = ("certified", "vegan", "limit")
NAMES = (*GROUPS, *FLAGS)
YES = "yes"
# mg of magnesium a day, the upper end of each range.
DOSES = (100, 200, 300)
OVER = "more"

Labels = Mapping[str, Mapping[str, str]]
"""Of every facet, the values some product of the list has, in reading order, with their words."""


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet: count is how many products it would show beside the other facets' choices."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter: its name in addresses, its words, its options."""

    name: str
    label: str
    options: tuple[Option, ...]


def traits(entry: Entry, ingredients: Sequence[Ingredient], price: str) -> facets.Traits:
    """What a product can be found by; price is its band ('' where none applies)."""
    mg = entry.elemental_per_day
    found = {
        "form": {entry.form},
        "compound": {item.compound.slug for item in ingredients},
        "dose": {_dose_range(dose.round_mg(mg))} if mg is not None else set(),
        "price": {price} if price else set(),
        "certified": {YES} if entry.certified else set(),
        "vegan": {YES} if entry.vegan else set(),
        "limit": {YES} if mg is not None and not dose.exceeds(mg, standing.markets()) else set(),
    }
    return {name: frozenset(values) for name, values in found.items()}


def _dose_range(mg: Decimal) -> str:
    return next((str(bound) for bound in DOSES if mg <= bound), OVER)


def labels(ingredients: Iterable[Ingredient], prices: Mapping[str, str]) -> Labels:
    """The words of every value; prices are the price bands in order with theirs."""
    forms = {value: str(words) for value, words in Form.choices}
    compounds = {item.compound.slug: item.compound.name for item in ingredients}
    strictest = doses.sorted_markets()[0]
    return {
        "form": dict(sorted(((value, _capital(words)) for value, words in forms.items()), key=lambda pair: pair[1])),
        "compound": dict(sorted(compounds.items(), key=lambda pair: pair[1])),
        "dose": _dose_labels(),
        "price": prices,
        "certified": {YES: _("Certified by a third party")},
        "vegan": {YES: _("Vegan, says the label")},
        "limit": {
            YES: _("Within the %(market)s limit, %(mg)s mg a day")
            % {"market": _(strictest.value), "mg": dose.LIMITS[strictest].mg}
        },
    }


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _dose_labels() -> dict[str, str]:
    first, *others = DOSES
    found = {str(first): _("Up to %(mg)s mg") % {"mg": first}}
    for below, bound in zip(DOSES, others, strict=False):
        found[str(bound)] = _("Over %(low)s, up to %(high)s mg") % {"low": below, "high": bound}
    return found | {OVER: _("Over %(mg)s mg") % {"mg": DOSES[-1]}}


def read(
    asked: Mapping[str, Collection[str]], known: Iterable[facets.Traits]
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """What an address asks for, in a fixed order, and a sentence where it asks for what no product here has."""
    everything = list(known)
    chosen: dict[str, tuple[str, ...]] = {}
    left_out = 0
    for name in NAMES:
        values = set(filter(None, asked.get(name, ())))
        had = {value for one in everything for value in one.get(name, ())}
        left_out += len(values - had)
        if values & had:
            chosen[name] = tuple(sorted(values & had))
    if not left_out:
        return chosen, ()
    sentence = ngettext(
        "No product here fits one of the filters in the address: that filter was left out.",
        "No product here fits %(number)s of the filters in the address: those were left out.",
        left_out,
    )
    return chosen, (sentence % {"number": left_out},)


def offered(
    things: Sequence[facets.Traits], chosen: facets.Chosen, words: Labels, *, by_day: bool
) -> tuple[tuple[Facet, ...], tuple[Facet, ...]]:
    """The facets that can narrow this list: groups of alternatives, and those with a single value.

    A facet in which all products agree is left out, unless something is chosen in it.
    """
    heads = _headings(by_day=by_day)
    found = {name: _options(things, chosen, name, words[name]) for name in NAMES}
    useful = {name: Facet(name, heads.get(name, ""), options) for name, options in found.items() if options}
    return (
        tuple(useful[name] for name in GROUPS if name in useful),
        tuple(useful[name] for name in FLAGS if name in useful),
    )


def _options(
    things: Sequence[facets.Traits], chosen: facets.Chosen, name: str, words: Mapping[str, str]
) -> tuple[Option, ...]:
    everywhere, picked = facets.counts(things, {}, name), chosen.get(name, ())
    if not picked and all(number in (0, len(things)) for number in everywhere.values()):
        return ()
    now = facets.counts(things, chosen, name)
    return tuple(
        Option(value, label, now[value], value in picked) for value, label in words.items() if everywhere[value]
    )


def _headings(*, by_day: bool) -> dict[str, str]:
    """The words of the facets that are groups; by_day says whether prices are a day's."""
    return {
        "form": _("Form"),
        "compound": _("Compound"),
        "dose": _("Magnesium a day"),
        "price": _("Price a day") if by_day else _("Price"),
    }
