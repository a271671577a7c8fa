"""What entries of the ledger say, as values: the parts that lists are rebuilt from (docs/ledger.md). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, cast

from reviews import listing

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """The site's settings: the cap on adjustments, whether influenced lists are shown, the lowest limit (mg a day)."""

    cap: Decimal = Decimal(0)
    influenced_lists: bool = False
    limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a methodology that counts."""

    number: int
    margin: Decimal
    tie_breaker: str
    weights: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Product:
    """The facts that gates and the order of equals rest on. mg_per_day is the printed figure, which gates look at."""

    slug: str
    name: str
    supplement: bool
    mg_per_day: Decimal | None
    label_readable: bool
    label_warns_limit: bool
    recalled: bool

    def failures(self, limit: Decimal | None) -> tuple[str, ...]:
        """The codes of the gates it fails, as scoring.gate_failures finds them."""
        found = ["recalled"] if self.recalled else []
        if self.supplement:
            mg = self.mg_per_day
            if mg is not None and limit is not None and mg > limit and not self.label_warns_limit:
                found.append("over_limit")
            if not self.label_readable or mg is None:
                found.append("no_label")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Window:
    """A time during which something holds: from its start to before its end."""

    start: datetime | None
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.start is not None and self.start <= at and (self.end is None or at < self.end)

    @property
    def edges(self) -> tuple[datetime, ...]:
        """The moments at which that changes by itself."""
        return tuple(edge for edge in (self.start, self.end) if edge is not None)


@dataclass(frozen=True, slots=True)
class List:
    """A list besides its products."""

    slug: str
    title: str
    influenced: bool
    methodology: int
    slots: frozenset[int]
    live: Window


@dataclass(frozen=True, slots=True)
class Booking:
    """An approved placement. window is what is left of its dates after an early end, its own or its offer's."""

    key: int
    slot: int
    kind: str
    product: int
    advertiser: str
    start: datetime
    window: Window
    place: int | None
    points: Decimal | None
    on_hold: bool

    def effect(self, slug: str) -> listing.PaidEffect:
        """What it does to a list."""
        kind = cast("Literal['order', 'adjustment']", self.kind)
        assert self.window.end is not None  # noqa: S101  - a booking has an end
        return listing.PaidEffect(
            slug, kind, self.advertiser, self.start, self.window.end, self.place, self.points, self.key
        )


def key_of(subject: str) -> int:
    """The number in a subject such as "product:12"; 0 for "site"."""
    return int(subject.partition(":")[2] or 0)


def read_settings(payload: Payload) -> Settings:
    """The site's settings."""
    limits = [Decimal(mg) for mg in payload["limits"].values()]
    return Settings(Decimal(payload["cap"]), payload["influenced_lists"], min(limits, default=None))


def read_version(payload: Payload) -> Version:
    """A methodology's version."""
    weights = {name: Decimal(value) for name, value in payload["weights"].items()}
    return Version(payload["version"], Decimal(payload["margin"]), payload["tie_breaker"], weights)


def read_product(payload: Payload) -> Product:
    """A product's facts."""
    mg = payload["mg_per_day"]
    return Product(
        slug=payload["slug"],
        name=payload["name"],
        supplement=payload["supplement"],
        mg_per_day=Decimal(mg) if mg is not None else None,
        label_readable=payload["label_readable"],
        label_warns_limit=payload["label_warns_limit"],
        recalled=payload["recalled_on"] is not None,
    )


def read_list(payload: Payload) -> List:
    """A list besides its products."""
    return List(
        slug=payload["slug"],
        title=payload["title"],
        influenced=payload["compensation"] == "influenced",
        methodology=key_of(payload["methodology"]),
        slots=frozenset(payload["slots"]),
        live=read_window(payload["from"], payload["until"]),
    )


def read_booking(key: int, payload: Payload) -> Booking:
    """An approved placement."""
    ends = [payload["ended_early"] or payload["until"], payload["offer_ends"]]
    start = read_moment(payload["from"])
    return Booking(
        key=key,
        slot=payload["slot"],
        kind=payload["sells"],
        product=key_of(payload["product"]),
        advertiser=payload["advertiser"],
        start=start,
        window=Window(start, min(read_moment(end) for end in ends if end is not None)),
        place=payload["place"],
        points=Decimal(payload["points"]) if payload["points"] is not None else None,
        on_hold=payload["on_hold"],
    )


def read_window(start: str | None, end: str | None) -> Window:
    """A time from a start to before an end."""
    return Window(read_moment(start) if start else None, read_moment(end) if end else None)


def read_moment(text: str) -> datetime:
    """A moment."""
    return datetime.fromisoformat(text)
