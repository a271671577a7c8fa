"""Rebuilds lists from the ledger alone: how each stands after some entries, at a moment. Pure; docs/ledger.md says how.

The same arithmetic as on the pages (scoring, ranking, listing), fed with what is on record instead of with rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from reviews import listing, recorded, scoring
from reviews.ranking import Candidate
from reviews.recorded import Booking, List, Payload, Product, Settings, Version, Window


class Irreconcilable(ValueError):
    """The entries contradict each other: no list can follow from them. The message says where."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A list as it stood: its rows in the order shown, what a gate kept out, and what could not be ranked yet.

    failed gives the codes of the failed gates, unscored the criteria without a score, both by product slug; keys
    gives the product's number for each slug, scores its criterion scores. A list that is not live was not shown.
    """

    key: int
    facts: List
    live: bool
    version: Version | None
    cap: Decimal
    rows: tuple[listing.RankedRow, ...] = ()
    failed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unscored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keys: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


class State:
    """What the entries so far say. apply() takes the next; rebuild() makes a list of it."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.methodologies: dict[int, Version] = {}
        self.products: dict[int, Product] = {}
        self.reviews: dict[int, Window] = {}
        self.scores: dict[int, dict[str, Decimal]] = {}
        self.lists: dict[int, List] = {}
        self.listed: dict[int, set[int]] = {}
        self.bookings: dict[int, Booking] = {}

    def apply(self, kind: str, subject: str, payload: Payload) -> set[int]:
        """Take the next entry; returns the lists that it can change. Kinds that move no place are passed over."""
        key = recorded.key_of(subject)
        if kind == "settings":
            self.settings = recorded.read_settings(payload)
            return set(self.lists)
        if kind == "methodology":
            self.methodologies[key] = recorded.read_version(payload)
            return {number for number, found in self.lists.items() if found.methodology == key}
        if kind in ("product", "score", "review"):
            return self._judged(kind, key, payload)
        if kind == "listing":
            self._listed(key, payload)
            return {key}
        if kind == "ranking":
            self.lists[key] = recorded.read_list(payload)
            return {key}
        if kind == "placement":
            booking = recorded.read_booking(key, payload)
            slots = {booking.slot, self.bookings.get(key, booking).slot}
            self.bookings[key] = booking
            return {number for number, found in self.lists.items() if slots & found.slots}
        return set()

    def copy(self) -> State:
        """The same, to be kept while this one goes on."""
        other = State()
        other.settings = self.settings
        other.methodologies, other.products = dict(self.methodologies), dict(self.products)
        other.reviews, other.lists, other.bookings = dict(self.reviews), dict(self.lists), dict(self.bookings)
        other.scores = {key: dict(given) for key, given in self.scores.items()}
        other.listed = {key: set(products) for key, products in self.listed.items()}
        return other

    def touched(self, subject: str) -> set[int]:
        """The lists in which a subject's dates matter."""
        noun, _colon, key = subject.partition(":")
        if noun == "product":
            return self._holding(int(key))
        if noun == "ranking":
            return {int(key)}
        if noun == "placement":
            slot = self.bookings[int(key)].slot
            return {number for number, found in self.lists.items() if slot in found.slots}
        return set()

    def edges(self, kind: str, subject: str) -> tuple[datetime, ...]:
        """The moments at which the last entry of a subject changes lists by itself."""
        key = recorded.key_of(subject)
        if kind == "review":
            return self.reviews[key].edges
        if kind == "ranking":
            return self.lists[key].live.edges
        return self.bookings[key].window.edges if kind == "placement" else ()

    def running(self, key: int, at: datetime) -> list[Booking]:
        """The bookings of every kind that run on a list's slots at a moment, in the order in which they began."""
        found = [booking for booking in self.bookings.values() if self.runs(booking, key, at)]
        return sorted(found, key=lambda booking: (booking.start, booking.key))

    def runs(self, booking: Booking, key: int, at: datetime) -> bool:
        """Whether a booking runs on a list at a moment: in one of its slots, not on hold, its product not recalled."""
        product, facts = self.products.get(booking.product), self.lists.get(key)
        if facts is None or booking.slot not in facts.slots or booking.on_hold:
            return False
        return booking.window.holds(at) and not (product is not None and product.recalled)

    def next_edge(self, key: int, after: datetime) -> datetime | None:
        """When a list changes next by date alone, as far as the entries say; None where nothing is due."""
        facts = self.lists.get(key)
        if facts is None:
            return None
        windows = [facts.live, *(self.reviews[item] for item in self.listed.get(key, ()) if item in self.reviews)]
        windows += [booking.window for booking in self.bookings.values() if booking.slot in facts.slots]
        return min((edge for window in windows for edge in window.edges if edge > after), default=None)

    def rebuild(self, key: int, at: datetime) -> Rebuilt | None:
        """A list at a moment; None where none of that number is on record.

        Raises Irreconcilable where the entries can't all be true, such as two bookings of one place.
        """
        facts = self.lists.get(key)
        if facts is None:
            return None
        version = self.methodologies.get(facts.methodology)
        live = facts.live.holds(at) and (self.settings.influenced_lists or not facts.influenced)
        if version is None:
            return Rebuilt(key, facts, live, None, self.settings.cap)
        keys = {self._product(product).slug: product for product in self._standing_in(key, at)}
        products = {slug: self.products[product] for slug, product in keys.items()}
        scores = {slug: self._scores(product, version) for slug, product in keys.items()}
        failed = {slug: found for slug, item in products.items() if (found := item.failures(self.settings.limit))}
        unscored = {
            slug: missing
            for slug, given in scores.items()
            if (missing := tuple(name for name in version.weights if name not in given))
        }
        return Rebuilt(
            key,
            facts,
            live,
            version,
            self.settings.cap,
            self._rows(key, version, {slug: keys[slug] for slug in keys if slug not in {*failed, *unscored}}, at),
            failed,
            unscored,
            keys,
            {slug: item.name for slug, item in products.items()},
            scores,
        )

    def _rows(
        self, number: int, version: Version, keys: Mapping[str, int], at: datetime
    ) -> tuple[listing.RankedRow, ...]:
        facts, candidates = self.lists[number], []
        for slug, key in keys.items():
            scores = self._scores(key, version)
            score = scoring.editorial_score(scores, version.weights)
            candidates.append(Candidate(slug, self.products[key].name, score, scores[version.tie_breaker]))
        slugs = {key: slug for slug, key in keys.items()}
        try:
            effects = [booking.effect(slugs[booking.product]) for booking in self._bookings(number, slugs, at)]
            return listing.rows(candidates, version.margin, effects, influenced=bool(effects), cap=self.settings.cap)
        except ValueError as error:
            raise Irreconcilable(f"{facts.title}: {error}") from error

    def _bookings(self, key: int, ranked: Mapping[int, str], at: datetime) -> Iterable[Booking]:
        """The placements that count in a list, in the order in which they began."""
        if not self.lists[key].influenced:
            return []
        moving = (booking for booking in self.running(key, at) if booking.kind in ("order", "adjustment"))
        return [booking for booking in moving if booking.product in ranked]

    def _standing_in(self, key: int, at: datetime) -> list[int]:
        nothing = Window(None, None)
        return sorted(item for item in self.listed.get(key, ()) if self.reviews.get(item, nothing).holds(at))

    def _scores(self, product: int, version: Version) -> dict[str, Decimal]:
        given = self.scores.get(product, {})
        return {name: given[name] for name in version.weights if name in given}

    def _product(self, key: int) -> Product:
        if key not in self.products:
            raise Irreconcilable(f"Product {key} stands in a list, but no entry says what it is.")
        return self.products[key]

    def _holding(self, product: int) -> set[int]:
        return {number for number, products in self.listed.items() if product in products}

    def _judged(self, kind: str, key: int, payload: Payload) -> set[int]:
        """What an entry says of a product and its review."""
        if kind == "product":
            self.products[key] = recorded.read_product(payload)
        elif kind == "review":
            self.reviews[key] = recorded.read_window(payload["from"], payload["until"])
        else:
            self.scores.setdefault(key, {})[payload["criterion"]] = Decimal(payload["value"])
        return self._holding(key)

    def _listed(self, key: int, payload: Payload) -> None:
        products = self.listed.setdefault(key, set())
        if payload["listed"]:
            products.add(recorded.key_of(payload["product"]))
        else:
            products.discard(recorded.key_of(payload["product"]))
