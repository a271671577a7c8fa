"""Random changes of a real site: its pages, its files and the stand-alone script tell one story at every look.

The whole proof is SITE_HISTORIES=1000 (it takes a while); a few are enough for every day.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone

from crampinfo.editorial import ledger, ledgerfile, workflow
from crampinfo.site import verification
from products.models import Placement, PlacementKind, Product, Slot
from reviews import exports
from reviews.models import Criterion, Methodology, MethodologyVersion, Ranking, RankingEntry, Review, Weight
from tests import factories
from tests.pages.reading import visible
from tests.site.test_standalone import check, script  # noqa: F401  - fixtures
from tests.standing import standing

HISTORIES = int(os.environ.get("SITE_HISTORIES", "3"))
CRITERIA = ("label", "dose", "price")
Check = Callable[..., list[str]]


@dataclass
class Site:
    """Two lists that share products, and what was seen of them."""

    draw: Random
    settings: Any
    looks: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0


@pytest.fixture(scope="module")
def props(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Eight reviewed products in an influenced list and an isolated one; each history rolls back to them."""
    with standing(django_db_blocker, tmp_path_factory.mktemp("media")):
        how = factories.methodology("proof", CRITERIA, ("50", "30", "20"))
        products = [factories.product(f"p-{number}", mg=["617", "1543", "900"][number % 3]) for number in range(8)]
        for number, product in enumerate(products):
            scores = (f"{9 - number}.5", "7.0", f"{number}.0")
            factories.review(product, scores=scores, methodology=how)
        paid = factories.ranking("paid", tuple(products[:6]), methodology=how, compensation="influenced")
        free = factories.ranking("free", tuple(products[2:]), methodology=how)
        paid.slots.set([factories.slot(PlacementKind.ORDER), factories.slot(PlacementKind.ADJUSTMENT)])
        free.slots.set([factories.slot(PlacementKind.BAND)])
        yield


@pytest.fixture
def history(props: None, db: None, settings: Any) -> Callable[[int], Site]:
    def run(seed: int) -> Site:
        site = Site(Random(seed), settings)
        changes = [*dict.fromkeys(CHANGES), *site.draw.choices(CHANGES, k=site.draw.randrange(1, 9))]
        for change in site.draw.sample(changes, len(changes)):
            try:
                change(site)
            except (ValidationError, PermissionDenied):
                site.refused += 1  # what a site refuses leaves no trace, in the ledger neither
            if site.draw.random() < 0.3:
                look(site)
        look(site)
        return site

    return run


def look(site: Site) -> None:
    """Take both lists as a reader downloads them, and hold the first against its page."""
    for ranking in Ranking.objects.published().select_related("topic", "methodology__current_version__tie_breaker"):
        data = json.loads("".join(exports.as_json(exports.take(ranking))))
        site.looks.append(data)
        page = Client().get(ranking.get_absolute_url()).content.decode()
        assert printed(page) == [row["name"] for row in data["rows"]]


def printed(page: str) -> list[str]:
    soup = BeautifulSoup(page, "html.parser")
    return [visible(row.select("h3")[0]) for row in soup.select("[data-ranking] li.row:not(.row-none)")]


def some_product(site: Site) -> Product:
    return site.draw.choice(list(Product.objects.order_by("pk")))


def score(site: Site) -> None:
    review = Review.objects.get(product=some_product(site))
    factories.score(
        review, site.draw.choice(CRITERIA), str(Decimal(site.draw.randrange(101)) / 10), at=timezone.now(),
        changed_because="Looked at again.",
    )  # fmt: skip


def weigh(site: Site) -> None:
    how = Methodology.objects.get(slug="proof")
    criteria = list(Criterion.objects.filter(methodology=how))
    version = MethodologyVersion.objects.create(
        methodology=how, number=how.versions.count() + 1, effective_from=timezone.localdate(), changes="Other weights.",
        tie_breaker=site.draw.choice(criteria), margin=Decimal(site.draw.choice(["0.0", "0.2", "0.5"])),
    )  # fmt: skip
    for criterion in criteria:
        Weight.objects.create(version=version, criterion=criterion, value=Decimal(site.draw.randrange(1, 60)))
    version.freeze()
    how.current_version = version
    how.save()


def describe(site: Site) -> None:
    product = some_product(site)
    what = site.draw.choice(["recalled_on", "label_readable", "label_warns_limit", "name", "mg"])
    if what == "mg":
        ingredient = product.ingredients.get()
        ingredient.compound_mg = Decimal(site.draw.choice(["100", "617", "1543", "2000", "2500"]))
        ingredient.save()
        return
    if what == "recalled_on":
        product.recalled_on = None if product.recalled_on else timezone.localdate()
        product.recall_notice = "Recalled: glass." if product.recalled_on else ""
    elif what == "name":
        product.name = site.draw.choice(["Åse", "ase", "Straße", "STRASSE", product.name])
    else:
        setattr(product, what, not getattr(product, what))
    product.save()


def book(site: Site) -> None:
    kind = site.draw.choice(
        [PlacementKind.ORDER, PlacementKind.ADJUSTMENT, PlacementKind.ADJUSTMENT, PlacementKind.BAND]
    )
    start = timezone.now() + timedelta(hours=site.draw.choice([-50, -1, -1, -1, 30]))
    made: dict[str, Any] = {"starts_at": start, "ends_at": start + timedelta(hours=site.draw.choice([1, 40, 900]))}
    if kind == PlacementKind.ORDER:
        made["target_place"] = site.draw.randrange(1, 9)
    elif kind == PlacementKind.ADJUSTMENT:
        made["adjustment"] = Decimal(site.draw.randrange(-5, 6) or 1) / 10
    with transaction.atomic():
        factories.placement(some_product(site), Slot.objects.get(kind=kind), **made)


def end_early(site: Site) -> None:
    running = list(Placement.objects.active().order_by("pk"))
    if running:
        found = site.draw.choice(running)
        found.ended_early_at, found.ended_reason = timezone.now(), "The advertiser asked."
        found.save()


def listing(site: Site) -> None:
    ranking, product = site.draw.choice(list(Ranking.objects.order_by("pk"))), some_product(site)
    entry = RankingEntry.objects.filter(ranking=ranking, product=product).first()
    if entry is not None and ranking.entries.count() > 2:
        entry.delete()
    elif entry is None:
        RankingEntry.objects.create(ranking=ranking, product=product, added_on=timezone.localdate())


def review(site: Site) -> None:
    found = Review.objects.get(product=some_product(site))
    if found.state == "published":
        workflow.retire(found, reason="Withdrawn.")
    else:
        workflow.reopen(found)
        workflow.publish(found, at=timezone.now() - timedelta(minutes=1))


def retire(site: Site) -> None:
    found = site.draw.choice(list(Review.objects.published().order_by("pk")))
    found.retire_at = timezone.now() + timedelta(hours=site.draw.choice([1, 500]))
    found.save()


def rules(site: Site) -> None:
    site.settings.SCORE_ADJUSTMENT_CAP = Decimal(site.draw.choice(["0.5", "0.3", "0.0"]))
    ledger.note_settings()


CHANGES: tuple[Callable[[Site], None], ...] = (
    *(
        score,
        score,
        score,
        book,
        book,
        book,
        book,
        weigh,
        describe,
        describe,
        end_early,
        listing,
        review,
        retire,
        rules,
    ),
)


_TOLD: list[Site] = []


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_one_story(history: Callable[[int], Site], check: Check, tmp_path: Path, seed: int) -> None:  # noqa: F811
    """The script confirms every list that was downloaded on the way; so does manage.py verify_ledger at the end."""
    site = history(seed)
    _TOLD.append(site)
    path = tmp_path / "whole.jsonl"
    path.write_text("".join(ledgerfile.chunks(ledger.head())), encoding="utf-8")
    assert check(path, *_last_of_each_head(site.looks)) == []
    assert verification.verify().problems == []


def _last_of_each_head(looks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of several looks without an entry between them the last of each list: the script keeps no past moments."""
    return list({(look["ledger"]["number"], look["number"]): look for look in looks}.values())


def test_the_histories_hold_what_they_should() -> None:
    """Money does move rows in them; without the tests above there is nothing to look at."""
    rows = [row for site in _TOLD for look in site.looks for row in look["rows"]]
    if not _TOLD:
        pytest.skip("run the whole file")
    assert any(row["paid_by"] for row in rows)
    assert any(row["shown_place"] != row["editorial_place"] for row in rows)
