"""Ledgers written by hand, without a database: entries as the site would chain them, and as values to rebuild from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from crampinfo.lib import chain
from reviews.past import Said

START = datetime(2026, 1, 10, 9, tzinfo=UTC)
LABEL, DOSE = "label", "dose"


@dataclass
class Ledger:
    """Entries in their order. Every verb appends one; at is now unless it is given."""

    now: datetime = START
    said: list[Said] = field(default_factory=list)
    _score: int = 0

    def add(self, kind: str, subject: str, payload: Mapping[str, Any], reason: str = "") -> Said:
        entry = Said(len(self.said) + 1, self.now, kind, subject, chain.plain(payload), reason)
        self.said.append(entry)
        return entry

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def settings(self, cap: str = "0.5", influenced: bool = True, **limits: int) -> None:
        facts = {"site": "https://a.example", "zone": "Europe/London", "cap": Decimal(cap)}
        self.add("settings", "site", {**facts, "influenced_lists": influenced, "limits": limits or {"EU": 250}})

    def methodology(
        self, weights: Mapping[str, str] | None = None, *, key: int = 1, version: int = 1, margin: str = "0.2",
        tie: str = LABEL, reason: str = "",
    ) -> None:  # fmt: skip
        given = {name: Decimal(value) for name, value in (weights or {LABEL: "60", DOSE: "40"}).items()}
        facts = {"slug": "m", "version": version, "margin": Decimal(margin), "tie_breaker": tie, "weights": given}
        self.add("methodology", f"methodology:{key}", facts, reason)

    def product(self, key: int, *, mg: str | None = "100", recalled: str | None = None, **facts: Any) -> None:
        said = {
            "slug": f"p-{key}", "name": f"Product {key}", "supplement": True,
            "mg_per_day": Decimal(mg) if mg is not None else None, "label_readable": True,
            "label_warns_limit": False, "recalled_on": recalled,
        }  # fmt: skip
        self.add("product", f"product:{key}", said | facts)

    def score(self, key: int, criterion: str, value: str, reason: str = "") -> None:
        self._score += 1
        facts = {"score": self._score, "criterion": criterion, "value": Decimal(value), "scored_at": self.now}
        self.add("score", f"product:{key}", {**facts, "evidence": ["label"], "evidence_note": "A pack."}, reason)

    def review(self, key: int, start: datetime | None, end: datetime | None = None) -> None:
        self.add("review", f"product:{key}", {"from": start, "until": end, "content": "c" * 64})

    def reviewed(self, key: int, label: str, dose: str, **facts: Any) -> None:
        """A product with its two scores, live from now on."""
        self.product(key, **facts)
        self.score(key, LABEL, label)
        self.score(key, DOSE, dose)
        self.review(key, self.now)

    def listing(self, product: int, *, key: int = 1, listed: bool = True) -> None:
        self.add("listing", f"ranking:{key}", {"product": f"product:{product}", "listed": listed})

    def ranking(
        self, *, key: int = 1, influenced: bool = False, slots: Iterable[int] = (1,),
        start: datetime | None = START, end: datetime | None = None, methodology: int = 1,
    ) -> None:  # fmt: skip
        facts = {
            "slug": f"l-{key}", "title": f"List {key}", "slots": sorted(slots), "from": start, "until": end,
            "compensation": "influenced" if influenced else "isolated", "methodology": f"methodology:{methodology}",
        }  # fmt: skip
        self.add("ranking", f"ranking:{key}", facts | {"content": "c" * 64})

    def placement(
        self, key: int, product: int, start: datetime, end: datetime, *, sells: str = "adjustment", slot: int = 1,
        place: int | None = None, points: str | None = None, ended: datetime | None = None,
        offer_ends: datetime | None = None, on_hold: bool = False, advertiser: str = "Seller",
    ) -> None:  # fmt: skip
        what = {"place": place, "points": Decimal(points) if points is not None else None}
        dates = {"from": start, "until": end, "ended_early": ended, "offer_ends": offer_ends, "on_hold": on_hold}
        facts = {"slug": f"b-{key}", "slot": slot, "sells": sells, "product": f"product:{product}"}
        self.add("placement", f"placement:{key}", {**facts, **what, **dates, "advertiser": f"{advertiser} {key}"})

    def lines(self) -> list[dict[str, Any]]:
        """As they are chained and published."""
        head, found = chain.BEGINNING, []
        for said in self.said:
            at = chain.moment(said.at)
            header = {"number": said.number, "at": at, "recorded": at, "kind": said.kind, "subject": said.subject}
            entry = chain.sealed({**header, "role": "Reviewer", "reason": said.reason, "payload": said.payload}, head)
            head = entry["hash"]
            found.append(entry)
        return found


def write(path: Path, lines: Iterable[Mapping[str, Any]]) -> Path:
    """A ledger's file, its first line promising what follows."""
    rows = list(lines)
    head = {"number": rows[-1]["number"], "hash": rows[-1]["hash"]} if rows else {"number": 0, "hash": chain.BEGINNING}
    path.write_text("".join(chain.canonical(row) + "\n" for row in ({"ledger": head}, *rows)), encoding="utf-8")
    return path


def opened(
    *, influenced: bool = False, scores: Iterable[tuple[str, str]] = (("9", "8"), ("7", "7"), ("5", "6"))
) -> Ledger:
    """A list of a few products, best first, live since START."""
    found = Ledger()
    found.settings()
    found.methodology()
    for key, (label, dose) in enumerate(scores, 1):
        found.reviewed(key, label, dose)
        found.listing(key)
    found.ranking(influenced=influenced)
    return found
