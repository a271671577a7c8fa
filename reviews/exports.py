"""A list as data: inputs, weights, placements and both orders, with the ledger's head, as JSON and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from django.conf import settings

from crampinfo.editorial import ledger, ledgerfile
from crampinfo.editorial.models import LedgerEntry
from crampinfo.editorial.transfer.files import neutral
from crampinfo.lib import chain
from products import dose
from products.models import Category, Placement, Product
from reviews import lists
from reviews.listing import RankedRow
from reviews.models import Ranking
from reviews.standing import Entry, Standing

_TRIES = 5


class Unsettled(RuntimeError):
    """The ledger grew each time the list was read: no head could be given that the list follows from."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A list at a moment, with the ledger's head from which it follows."""

    ranking: Ranking
    head: LedgerEntry | None
    at: datetime
    standing: Standing
    placements: tuple[Placement, ...]
    order: tuple[RankedRow, ...]
    products: Mapping[int, Product]


def take(ranking: Ranking) -> Taken:
    """Read a list between two looks at the ledger's head that find the same. Raises Unsettled where they never do."""
    for _turn in range(_TRIES):
        head = ledger.head()
        at = LedgerEntry.objects.clock()
        state, _effects, order = lists.order_of(ranking)
        found = Taken(
            ranking=ranking,
            head=head,
            at=max(at, head.at) if head is not None else at,
            standing=state,
            placements=tuple(lists.placements_of(ranking)),
            order=order,
            products=Product.objects.in_bulk([entry.product_id for entry in state.entries.values()]),
        )
        if ledger.head() == head:
            return found
    raise Unsettled(ranking.slug)


# --- JSON ------------------------------------------------------------------------------------------------------


def as_json(taken: Taken) -> Iterator[str]:
    """One line, row by row, so that a long list is not built twice; numbers in the ledger's form (docs/ledger.md)."""
    yield chain.canonical(chain.plain(_about(taken)))[:-1]
    for name, items in (("rows", _rows(taken)), ("kept_out", _kept_out(taken)), ("placements", _booked(taken))):
        yield f',"{name}":['
        for number, item in enumerate(items):
            yield ("," if number else "") + chain.canonical(chain.plain(item))
        yield "]"
    yield "}\n"


def _about(taken: Taken) -> dict[str, Any]:
    ranking, state = taken.ranking, taken.standing
    version = ranking.methodology.current_version
    return {
        **ledgerfile.source(),
        "ledger": ledgerfile.position(taken.head),
        "at": taken.at,
        "number": ranking.pk,
        "slug": ranking.slug,
        "title": ranking.title,
        "address": f"{settings.SITE_URL}{ranking.get_absolute_url()}",
        "compensation": ranking.compensation,
        "cap": settings.SCORE_ADJUSTMENT_CAP,
        "methodology": {
            "version": version.number if version is not None else None,
            "margin": state.margin,
            "tie_breaker": version.tie_breaker.slug if version is not None else None,
            "weights": state.weights,
            "criteria": {criterion.slug: criterion.name for criterion in state.criteria},
        },
        "editorial_order": [placed.key for placed in state.placed],
    }


def _rows(taken: Taken) -> Iterator[dict[str, Any]]:
    """The rows in the order shown."""
    for row in taken.order:
        entry = taken.standing.entries[row.key]
        yield {
            **_inputs(entry, taken),
            "editorial_score": row.editorial_score,
            "editorial_place": row.editorial_place,
            "shown_score": row.shown_score,
            "shown_place": row.shown_place,
            "paid_by": [effect.placement_id for effect in row.effects],
            "moved_by": [effect.placement_id for effect in row.moved_by],
        }


def _kept_out(taken: Taken) -> Iterator[dict[str, Any]]:
    for entry in taken.standing.failed:
        yield {**_inputs(entry, taken), "gates": [failure.code for failure in entry.failures]}


def _inputs(entry: Entry, taken: Taken) -> dict[str, Any]:
    """What a place rests on."""
    product = taken.products[entry.product_id]
    mg = entry.elemental_per_day
    return {
        "product": entry.slug,
        "name": entry.name,
        "scores": entry.scores,
        "supplement": product.category == Category.SUPPLEMENT,
        "mg_per_day": dose.round_mg(mg) if mg is not None else None,
        "label_readable": product.label_readable,
        "label_warns_limit": product.label_warns_limit,
        "recalled_on": product.recalled_on,
    }


def _booked(taken: Taken) -> Iterator[dict[str, Any]]:
    for placement in taken.placements:
        yield {
            "placement": placement.pk,
            "sells": placement.kind,
            "product": placement.product.slug,
            "advertiser": placement.advertiser,
            "from": placement.starts_at,
            "until": placement.until,
            "place": placement.target_place,
            "points": placement.adjustment,
        }


# --- CSV -------------------------------------------------------------------------------------------------------

FIXED = ("shown_place", "editorial_place", "shown_score", "editorial_score", "product", "name")
FACTS = ("supplement", "mg_per_day", "label_readable", "label_warns_limit", "recalled_on")
PAID = ("gates", "paid_by", "moved_by")


def as_csv(taken: Taken) -> Iterator[str]:
    """Lines that begin with # say whose it is and by which weights; then a table. Criteria are columns."""
    about = chain.plain(_about(taken))
    method, head = about["methodology"], about["ledger"]
    weights = "; ".join(f"{name} {weight}" for name, weight in method["weights"].items())
    yield "\ufeff"
    for said in (
        f"{about['title']}, {about['address']}, {about['compensation']}, at {about['at']}",
        f"licence: {about['licence']}; schema: {about['schema']}",
        f"ledger: entry {head['number']}, {head['hash']}",
        f"version {method['version']}: {weights}; margin {method['margin']}; ties: {method['tie_breaker']}",
    ):
        yield f"# {' '.join(said.split())}\r\n"
    criteria = list(method["weights"])
    yield _line([*FIXED, *criteria, *FACTS, *PAID])
    booked = {item["placement"]: _told(chain.plain(item)) for item in _booked(taken)}
    for item in map(chain.plain, (*_rows(taken), *_kept_out(taken))):
        paid = [" | ".join(booked.get(key, str(key)) for key in item.get(name, ())) for name in PAID[1:]]
        scores = [item["scores"].get(name, "") for name in criteria]
        facts = [_cell(item[name]) for name in FACTS]
        yield _line(
            [*(_cell(item.get(name)) for name in FIXED), *scores, *facts, " ".join(item.get("gates", ())), *paid]
        )


def _told(item: Mapping[str, Any]) -> str:
    what = f"place {item['place']}" if item["place"] is not None else f"{item['points'] or 'no'} points"
    return f"{item['advertiser']}: {what} from {item['from']} until {item['until']}"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _line(cells: Iterable[str]) -> str:
    text = StringIO(newline="")
    csv.writer(text).writerow([neutral(cell) for cell in cells])
    return text.getvalue()
