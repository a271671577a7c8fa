"""An influenced list differs from the editorial one only where placements say, and by exactly that much."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from products.models import Placement, PlacementKind, Product, Slot
from reviews.models import RankingEntry
from tests.pages.reading import Page, get, visible

INFLUENCED, WITHOUT = "/lists/accessories/", "/lists/accessories/?order=editorial"
CAP, MARGIN = Decimal("0.5"), Decimal("0.2")
SEEDS = range(16)


@dataclass(frozen=True)
class Printed:
    """What a row says."""

    name: str
    place: str
    editorial: Decimal
    shown: Decimal
    text: str


def read(page: Page) -> list[Printed]:
    found = []
    for row in page.all("[data-ranking] li.row:not(.row-none)"):
        text = visible(row)
        editorial = Decimal(visible(row.select("[data-score]")[0]))
        paid = row.select(".paid-part")
        points = Decimal(visible(paid[0]).removesuffix("paid").strip()) if paid else Decimal(0)
        place = visible(row.select(".row-place")[0]).removeprefix("Shown place ").removeprefix("Place ")
        found.append(
            Printed(visible(row.select("h3")[0]), place.partition(",")[0].strip(), editorial, editorial + points, text)
        )
    return found


def book(seed: int) -> dict[str, dict[str, Any]]:
    """Up to two bookings for each product, at random; by product name the place and the points that were bought."""
    draw, now = random.Random(seed), timezone.now()
    Placement._base_manager.all()._raw_delete("default")
    slots = {slot.kind: slot for slot in Slot.objects.all()}
    products = list(Product.objects.filter(ranking_entries__ranking__slug="accessories").order_by("slug"))
    places = draw.sample(range(1, 9), len(products))
    bought: dict[str, dict[str, Any]] = {}
    for number, product in enumerate(products):
        kinds = draw.choice([(), ("order",), ("adjustment",), ("adjustment", "adjustment"), ("order", "adjustment")])
        for turn, kind in enumerate(kinds):
            points = Decimal(draw.randrange(-7, 8) or 1) / 10
            row = Placement(
                slug=f"s{number}-{turn}", slot=slots[kind], kind=PlacementKind(kind), product=product,
                advertiser=f"Seller {number}", approved_by="X", approved_at=now,
                starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1),
                target_place=places[number] if kind == "order" else None,
                adjustment=points if kind == "adjustment" else None,
            )  # fmt: skip
            Placement._base_manager.bulk_create([row])
            mine = bought.setdefault(product.name, {"points": Decimal(0), "place": None})
            mine["points"] += points if kind == "adjustment" else 0
            mine["place"] = places[number] if kind == "order" else mine["place"]
    return bought


@pytest.mark.parametrize("seed", SEEDS)
def test_scores_differ_by_what_was_paid_and_by_nothing_else(seed: int) -> None:
    bought = book(seed)
    for row in read(get(INFLUENCED)):
        paid = min(max(bought.get(row.name, {"points": Decimal(0)})["points"], -CAP), CAP)
        assert row.shown == min(max(row.editorial + paid, Decimal(0)), Decimal(10)), row


@pytest.mark.parametrize("seed", SEEDS)
def test_places_follow_from_shown_scores_and_booked_places_alone(seed: int) -> None:
    """Computed here once more, by hand: booked products at their place, the others by shown score around them."""
    bought = book(seed)
    rows = read(get(INFLUENCED))
    editorial = {row.name: place for place, row in enumerate(read(get(WITHOUT)))}
    targets = {name: one["place"] for name, one in bought.items() if one["place"] is not None}
    free = sorted(
        (row for row in rows if row.name not in targets),
        key=lambda row: (-row.shown, -_tie(row.name), row.name.casefold()),
    )
    seats: dict[int, str] = {place: name for name, place in targets.items() if place <= len(rows)}
    beyond = sorted(((place, name) for name, place in targets.items() if place > len(rows)), reverse=True)
    last = [seat for seat in range(len(rows), 0, -1) if seat not in seats]
    seats |= {seat: name for (_place, name), seat in zip(beyond, last, strict=False)}
    waiting = iter(free)
    expected = [seats[seat] if seat in seats else next(waiting).name for seat in range(1, len(rows) + 1)]
    assert [row.name for row in rows] == expected
    assert editorial.keys() == set(expected), "the same products, none more and none less"


def _tie(name: str) -> Decimal:
    entry = RankingEntry.objects.get(ranking__slug="accessories", product__name=name)
    score = entry.product.review.scores.current().get(criterion__slug="instructions-safety")
    return Decimal(score.value)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_row_says_its_editorial_place_and_score_as_the_page_without_payment_does(seed: int) -> None:
    bought = book(seed)
    free = {row.name: row for row in read(get(WITHOUT))}
    for row in read(get(INFLUENCED)) if bought else ():
        same = free[row.name]
        assert row.editorial == same.editorial
        match = re.search(r"Shown place (\d+=?) · Editorial place (\d+=?)", row.text)
        assert match, row.text
        assert (match[1], match[2]) == (row.place, same.place)
        if row.name in bought:
            assert "Seller" in row.text, "who paid"
        elif row.place.rstrip("=") != same.place.rstrip("="):
            assert re.search(r"moved by payment from Seller \d", row.text), row.text
        else:
            assert "Not paid, not moved." in row.text or "Not paid." in row.text


def test_the_seeds_hold_every_kind_of_booking() -> None:
    """Otherwise the tests above would prove less than they say."""
    seen = [book(seed) for seed in SEEDS]
    assert any(one["place"] and one["points"] for bought in seen for one in bought.values())
    assert any(one["points"] > CAP for bought in seen for one in bought.values())
    assert any(one["points"] < -CAP for bought in seen for one in bought.values())
    assert any((one["place"] or 0) > 6 for bought in seen for one in bought.values())


def test_a_page_without_any_booking_is_the_editorial_one() -> None:
    Placement._base_manager.all()._raw_delete("default")
    shown, free = read(get(INFLUENCED)), read(get(WITHOUT))
    assert [(row.name, row.place, row.shown) for row in shown] == [(row.name, row.place, row.shown) for row in free]
