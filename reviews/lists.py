"""A list as a page: rows with dose, price, and what payment did to each; at most eight queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict

from crampinfo.lib.facets import matches
from crampinfo.lib.prepared import Prepared
from products.affiliate import PricedOffer
from products.models import Offer, Placement, PlacementKind
from products.shopping import Shopping
from reviews import choices, listing, ownweights, standing, stock
from reviews.choices import Choice
from reviews.doses import DoseFacts
from reviews.filters import Facet
from reviews.models import Ranking, Review
from reviews.ownweights import OwnPlace
from reviews.standing import Entry, Standing
from reviews.stock import Stock

PAGE_SIZE = 20


class UnknownRow(LookupError):
    """A page of a list was asked for that goes on after a product which is not in it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One product of a list, ready to print; own is where the reader's weights put it, None without such."""

    place: listing.RankedRow
    review: Review
    entry: Entry
    dose: DoseFacts | None
    offers: tuple[PricedOffer, ...]
    own: OwnPlace | None = None

    @property
    def offer(self) -> PricedOffer | None:
        """The offer of the button: the lowest fresh price first, whoever pays (never ordered by commission)."""
        return self.offers[0] if self.offers else None

    @property
    def keeps_percent(self) -> int | None:
        """In what share of weightings it keeps its place, in percent."""
        share = self.entry.keeps_place
        return None if share is None else int((share * 100).to_integral_value())


@dataclass(frozen=True, slots=True)
class ListPage:
    """Everything a list's page prints.

    order is the whole list as shown; rows are this page's part of what the reader chose of it, and matching is the
    number of rows on all its pages. after is the last row's key where more follow; groups and flags are the filters.
    placed are the products that have a placement here, shown in this view or not.
    """

    standing: Standing
    stock: Stock
    choice: Choice
    placed: frozenset[int]
    rows: tuple[Row, ...]
    bands: tuple[Placement, ...]
    effects: tuple[Placement, ...]
    order: tuple[listing.RankedRow, ...]
    groups: tuple[Facet, ...]
    flags: tuple[Facet, ...]
    editorial: bool
    matching: int
    after: str
    after_given: bool

    @property
    def total(self) -> int:
        """How many products are ranked."""
        return len(self.order)

    @property
    def failed(self) -> tuple[tuple[Entry, DoseFacts | None], ...]:
        """What a gate keeps out, with its dose."""
        return tuple((entry, self.stock.dose(entry)) for entry in self.standing.failed)

    @property
    def is_influenced(self) -> bool:
        """Whether payment changes this very page."""
        return bool(self.effects) and not self.editorial

    @property
    def buttons(self) -> tuple[PricedOffer | None, ...]:
        """The offers of the buttons, one a row of the whole list."""
        return tuple(self.stock.button(self.standing.entries[row.key]) for row in self.order)

    @property
    def offers(self) -> list[Offer]:
        """Every offer the page links: of the rows' buttons and of the bands."""
        rows = [row.offer.offer for row in self.rows if row.offer is not None]
        return [*rows, *(placement.offer for placement in self.bands if placement.offer is not None)]

    @property
    def paid_rows(self) -> tuple[bool, ...]:
        """Row by row of the whole list, whether its button is a paid link."""
        return tuple(offer is not None and offer.is_paid for offer in self.buttons)

    @property
    def paid_count(self) -> int:
        """Rows whose button is a paid link."""
        return sum(self.paid_rows)

    @property
    def unsold(self) -> int:
        """Rows without any shop, for where the reader shops."""
        return sum(offer is None for offer in self.buttons)

    @property
    def unpaid(self) -> int:
        """How many of the ranked products bring us nothing: no paid link anywhere, and no placement here."""
        entries = [self.standing.entries[row.key] for row in self.order]
        return sum(entry.product_id not in self.placed and not self.stock.pays(entry) for entry in entries)

    @property
    def has_doses(self) -> bool:
        """Whether the rows hold doses, as supplements do."""
        return self.stock.by_day

    @property
    def cap(self) -> Decimal:
        """The most that payment may add to a shown score."""
        return settings.SCORE_ADJUSTMENT_CAP

    @property
    def moved(self) -> int:
        """How many rows stand where they would not without payment."""
        return sum(row.shown_place != row.editorial_place for row in self.order)

    @property
    def without_filters(self) -> str:
        """The query string of the same view without its filters, '' where it has none."""
        kept = [*self.choice.weight_pairs, *self.choice.shopping.pairs]
        return f"?{urlencode(kept)}" if self.choice.filters else ""

    @property
    def without_payment(self) -> str:
        """The query string of the same list without any effect of payment."""
        return urlencode([("order", "editorial"), *self.choice.shopping.pairs])

    @property
    def more(self) -> str:
        """The query string of the next page, '' on the last."""
        if not self.after:
            return ""
        view = [("order", "editorial")] if self.editorial and not self.choice.is_made else []
        return urlencode([*view, *self.choice.pairs, ("after", self.after)])


def load(ranking: Ranking, *, editorial: bool = False, after: str = "", asked: QueryDict | None = None) -> ListPage:
    """The page of a list; editorial takes every effect of payment away. after is the slug of the last row before it.

    asked is an address that may hold own weights and filters. A view with either carries no placement: nothing that
    was paid for can hide among what a reader chose. Raises UnknownRow for an after that is not in the view.
    """
    state = standing.load(ranking)
    placements = placements_of(ranking)
    said: dict[str, str] = asked.dict() if asked is not None else {}  # type: ignore[assignment]  # the last of each name
    goods = stock.load(state, sold=not ranking.topic.sensitive, asked=said)
    choice = choices.read(asked, state.criteria, goods.traits.values(), goods.shopping)
    placed = frozenset(placement.product_id for placement in placements)
    if choice.is_made:
        placements = []
    effects = _effects(ranking, placements, state)
    order = _order(ranking, state, [] if editorial else effects)
    own = {place.key: place for place in ownweights.order(state, choice.weights)} if choice.weights else {}
    keys = [key for key in own or [row.key for row in order] if matches(goods.traits[key], choice.filters)]
    window, following = _window(keys, after)
    groups, flags = goods.facets(choice.filters)
    places = {row.key: row for row in order}
    return ListPage(
        standing=state,
        stock=goods,
        choice=choice,
        placed=placed,
        rows=_rows([(places[key], state.entries[key], own.get(key)) for key in window], goods),
        bands=tuple(item for item in placements if _is_band(item, goods.shopping)),
        effects=tuple(effects),
        order=order,
        groups=groups,
        flags=flags,
        editorial=editorial,
        matching=len(keys),
        after=following,
        after_given=bool(after),
    )


def _is_band(placement: Placement, shopping: Shopping) -> bool:
    """Whether it stands in the Ad band: its offer is open, and for where the reader shops."""
    offer = placement.offer
    return placement.kind == PlacementKind.BAND and offer is not None and offer.is_open and shopping.fits(offer)


def order_of(ranking: Ranking) -> tuple[Standing, list[Placement], tuple[listing.RankedRow, ...]]:
    """A list without the rest of its page: its standing, the placements that count in it, and the order shown."""
    state = standing.load(ranking)
    effects = _effects(ranking, placements_of(ranking), state)
    return state, effects, _order(ranking, state, effects)


def _window(keys: Sequence[str], after: str) -> tuple[Sequence[str], str]:
    """The keys of one page, and the last of them where more follow."""
    if after and after not in keys:
        raise UnknownRow(after)
    start = keys.index(after) + 1 if after else 0
    window = keys[start : start + PAGE_SIZE]
    return window, window[-1] if start + PAGE_SIZE < len(keys) else ""


def placements_of(ranking: Ranking) -> list[Placement]:
    """What is booked on a list and in effect now; nothing on a sensitive topic."""
    if ranking.topic.sensitive:
        return []
    found = _booked.rows(ranking=ranking.pk)
    for placement in found:
        if placement.offer is not None:
            placement.offer.product = placement.product  # the same row, already here
    return found


_booked = Prepared(lambda ranking: Placement.objects.for_pages().filter(slot__rankings=ranking))


def _effects(ranking: Ranking, placements: Sequence[Placement], state: Standing) -> list[Placement]:
    if not ranking.is_influenced:
        return []
    kinds = (PlacementKind.ORDER, PlacementKind.ADJUSTMENT)
    return [placement for placement in placements if placement.kind in kinds and _ranked(placement, state)]


def _order(ranking: Ranking, state: Standing, effects: Sequence[Placement]) -> tuple[listing.RankedRow, ...]:
    """The order as shown. Without effects an influenced list is handed over as an isolated one: the same rows."""
    return listing.rows(
        state.candidates,
        state.margin,
        [_effect(placement) for placement in effects],
        influenced=ranking.is_influenced and bool(effects),
        cap=settings.SCORE_ADJUSTMENT_CAP,
    )


def _ranked(placement: Placement, state: Standing) -> bool:
    """A product that is not, or no longer, ranked can't be moved: its placement has no effect here."""
    entry = state.entries.get(placement.product.slug)
    return entry is not None and not entry.failures


def _effect(placement: Placement) -> listing.PaidEffect:
    return listing.PaidEffect(
        key=placement.product.slug,
        kind="order" if placement.kind == PlacementKind.ORDER else "adjustment",
        advertiser=placement.advertiser,
        starts=placement.starts_at,
        ends=placement.until,
        target_place=placement.target_place,
        adjustment=placement.adjustment,
        placement_id=placement.pk,
    )


_judged = Prepared(lambda keys: Review.objects.filter(pk__in=keys).select_related("product__brand"))


def _rows(window: Sequence[tuple[listing.RankedRow, Entry, OwnPlace | None]], goods: Stock) -> tuple[Row, ...]:
    """Rows with their reviews, fetched in one query."""
    found = _judged.rows(keys=[entry.review_id for _place, entry, _own in window])
    reviews: Mapping[int, Review] = {review.pk: review for review in found}
    return tuple(
        Row(place, reviews[entry.review_id], entry, goods.dose(entry), goods.of(entry), own)
        for place, entry, own in window
    )
