"""What a reader can choose of a list: presets, the form of own weights, what a form carries along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django import template
from django.utils.translation import gettext as _

from crampinfo.lib import pieces
from reviews import filters, ownweights
from reviews.lists import ListPage

register = template.Library()


@dataclass(frozen=True, slots=True)
class Preset:
    """A link to a ready-made view; current where the page is just that view."""

    label: str
    query: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class WeightField:
    """One criterion of the form: its weight as typed, ours, its share of the whole, and its part of the bar."""

    slug: str
    name: str
    weight: str
    ours: str
    share: int
    x: Decimal
    width: Decimal


@register.simple_tag
def presets(page: ListPage) -> list[Preset]:
    """The ready-made views: a criterion that matters most, and what somebody else has certified."""
    found = []
    now = sorted([*page.choice.filter_pairs, *page.choice.weight_pairs])
    where = page.choice.shopping.pairs
    for criterion in page.standing.criteria:
        if criterion.preset:
            weights = ownweights.preset(page.standing.criteria, criterion.slug)
            pairs = [(f"{ownweights.PREFIX}{slug}", ownweights.plain(weight)) for slug, weight in weights.items()]
            found.append(Preset(criterion.preset, urlencode([*pairs, *where]), now == sorted(pairs)))
    certified = [("certified", filters.YES)]
    if any(facet.name == "certified" for facet in page.flags):
        found.append(Preset(_("Certified by a third party"), urlencode([*certified, *where]), now == certified))
    return found


@register.simple_tag
def weights_form(page: ListPage, action: str) -> str:
    """The form of own weights: the reader's where there are some, else ours."""
    criteria = page.standing.criteria
    ours = ownweights.on_scale({criterion.slug: criterion.weight for criterion in criteria})
    weights = page.choice.weights or ours
    values = {
        "fields": _fields({criterion.slug: criterion.name for criterion in criteria}, weights, ours),
        "carried": [*page.choice.filter_pairs, *page.choice.shopping.pairs],
        "own": page.choice.weights is not None,
        "action": action,
    }
    return pieces.render("includes/weights.html", values)


def _fields(names: Mapping[str, str], weights: Mapping[str, Decimal], ours: Mapping[str, Decimal]) -> list[WeightField]:
    total = sum(weights.values(), Decimal(0))
    found, start = [], Decimal(0)
    for slug, name in names.items():
        share = weights[slug] * 100 / total
        found.append(
            WeightField(
                slug, name, ownweights.plain(weights[slug]), ownweights.plain(ours[slug]), round(share),
                round(start, 2), round(share, 2),
            )
        )  # fmt: skip
        start += share
    return found


@register.simple_tag
def filters_carry(page: ListPage) -> list[tuple[str, str]]:
    """What the form of filters sends along: own weights, and where the reader shops."""
    return [*page.choice.weight_pairs, *page.choice.shopping.pairs]


@register.simple_tag
def shopping_carries(page: ListPage) -> list[tuple[str, str]]:
    """What the form of countries sends along: the view as it is."""
    view = [("order", "editorial")] if page.editorial and not page.choice.is_made else []
    return [*view, *page.choice.filter_pairs, *page.choice.weight_pairs]


@register.simple_tag
def chosen_options(page: ListPage) -> list[str]:
    """What the list is narrowed to, in words."""
    return [option.label for facet in (*page.groups, *page.flags) for option in facet.options if option.chosen]
