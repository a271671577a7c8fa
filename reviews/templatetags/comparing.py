"""A comparison line by line: what is said of each product, and whether it differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from products.templatetags.money import delivery, money
from reviews import comparing, doses
from reviews.comparing import Column, Comparison
from reviews.models import Ranking

register = template.Library()


@dataclass(frozen=True, slots=True)
class Cell:
    """What one product (of) says: text ('' for nothing to say), a bar in per cent, whether it is the score."""

    text: str
    bar: float | None = None
    is_score: bool = False
    of: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is compared, with a cell a product."""

    label: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Whether the products don't all say the same."""
        return len({cell.text for cell in self.cells}) > 1


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together."""

    label: str
    lines: tuple[Line, ...]


@register.simple_tag
def compared(comparison: Comparison) -> list[Group]:
    """The groups of lines; a line about which no product says anything is left out."""
    groups = (
        (_("Judgement"), _judgement(comparison)),
        (_("Score, criterion by criterion"), _criteria(comparison)),
        (_("What it is and holds"), _facts(comparison)),
        (_("Price"), _prices(comparison)),
        (_("How we know"), _proof(comparison)),
    )
    said = [(label, tuple(line for line in lines if any(cell.text for cell in line.cells))) for label, lines in groups]
    return [Group(label, lines) for label, lines in said if lines]


def _line(label: str, columns: Iterable[Column], say: Callable[[Column], str | Cell]) -> Line:
    said = [(column.review.title, say(column)) for column in columns]
    cells = [(title, cell if isinstance(cell, Cell) else Cell(cell)) for title, cell in said]
    return Line(label, tuple(replace(cell, of=title) for title, cell in cells))


def _judgement(comparison: Comparison) -> Iterator[Line]:
    columns = comparison.columns
    yield _line(_("Editorial score, of 10"), columns, _score)
    yield _line(_("Verdict"), columns, lambda column: column.review.verdict)
    yield _line(_("Not recommended"), columns, lambda column: " ".join(one.told(_) for one in column.failures))
    for ranking in comparison.rankings:
        label = _("Editorial place in: %(list)s") % {"list": ranking.short_title}
        yield _line(label, columns, _place_in(ranking))
    yield _line(_("Badge"), columns, lambda column: ", ".join(column.beside.get("badge", ())))


def _score(column: Column) -> Cell:
    score = column.arithmetic.rounded
    return Cell(number_format(score, 1), float(score) * 10, is_score=True)


def _place_in(ranking: Ranking) -> Callable[[Column], str]:
    def place(column: Column) -> str:
        if ranking.pk not in column.places:
            return _("not on this list")
        return column.places[ranking.pk] or _("no place: a gate keeps it out")

    return place


def _criteria(comparison: Comparison) -> Iterator[Line]:
    """Only where one methodology scored them all: 7 for a price and 7 for a strap's price are not the same 7."""
    if not comparison.same_methodology or not comparison.columns:
        return
    for slug, score in comparison.columns[0].scores.items():
        yield _line(score.criterion.name, comparison.columns, _criterion(slug))


def _criterion(slug: str) -> Callable[[Column], Cell]:
    def cell(column: Column) -> Cell:
        score = column.scores.get(slug)
        return Cell("") if score is None else Cell(number_format(score.value, 1), float(score.value) * 10)

    return cell


def _facts(comparison: Comparison) -> Iterator[Line]:
    columns = comparison.columns
    yield _line(_("Form"), columns, lambda column: str(column.review.product.get_form_display()))
    yield _line(_("Compound"), columns, lambda column: ", ".join(name for name, _mg in _compounds(column)))
    yield _line(_("Magnesium a day"), columns, _a_day)
    for number, market in enumerate(doses.sorted_markets()):
        label = _("%(market)s limit, supplements") % {"market": _(market.value)}
        yield _line(label, columns, _share(number))
    yield _line(_("Measures"), columns, lambda column: column.review.product.short_facts)
    yield _line(_("Vegan"), columns, _vegan)


def _compounds(column: Column) -> tuple[tuple[str, Any], ...]:
    return column.dose.compounds if column.dose is not None else ()


def _a_day(column: Column) -> str:
    if column.dose is not None:
        return f"{number_format(column.dose.mg)} mg"
    return _("Unknown: the label does not say.") if column.review.product.is_supplement else ""


def _share(number: int) -> Callable[[Column], Cell]:
    def cell(column: Column) -> Cell:
        if column.dose is None:
            return Cell("")
        share = column.dose.shares[number]
        said = _("%(percent)s %% of %(limit)s mg a day") % {"percent": share.percent, "limit": share.limit_mg}
        return Cell(said, min(100.0, float(share.percent)))

    return cell


def _vegan(column: Column) -> str:
    vegan = column.review.product.vegan
    if vegan is None:
        return _("The label does not say.") if column.review.product.is_supplement else ""
    return _("yes") if vegan else _("no")


def _prices(comparison: Comparison) -> Iterator[Line]:
    columns = comparison.columns
    if all(column.offer is None for column in columns):
        return
    yield _line(_("Price a day"), columns, lambda column: _money(column, "per_day"))
    yield _line(_("Cost per 100 mg"), columns, lambda column: _money(column, "per_100_mg"))
    yield _line(_("Price"), columns, _price)
    if any(column.price is not None and column.price.shipping is not None for column in columns):
        yield _line(_("Delivery"), columns, lambda column: delivery(column.price) if column.price is not None else "")


def _money(column: Column, name: str) -> str:
    return money(getattr(column.price, name), column.price.currency) if column.price is not None else ""


def _price(column: Column) -> str:
    price = column.price
    if price is None:
        return _("No current price")
    said = money(price.amount, price.currency)
    return _("%(price)s for %(days)s days") % {"price": said, "days": price.days} if price.days else said


def _proof(comparison: Comparison) -> Iterator[Line]:
    columns = comparison.columns
    yield _line(_("Certificate"), columns, lambda column: ", ".join(column.beside.get("certificate", ())))
    yield _line(_("How we came by it"), columns, lambda column: str(column.review.get_acquisition_display()))
    yield _line(_("Tried by us"), columns, lambda column: _("yes") if column.beside.get("test") else _("no"))
    yield _line(_("Who it is not for"), columns, lambda column: "; ".join(column.review.not_for_list))


@register.simple_tag
def without(comparison: Comparison, column: Column) -> str:
    """The address of the same comparison without one product."""
    rest = [(comparing.PARAMETER, slug) for slug in comparison.slugs if slug != column.review.product.slug]
    rest += comparison.shopping.pairs
    return f"?{urlencode(rest)}"
