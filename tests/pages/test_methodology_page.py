"""A methodology's page: every version with its weights, what each changed, and whom that moved."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from reviews import weighing
from reviews.models import Criterion, Methodology, MethodologyVersion, Weight
from tests.pages.reading import Page, get, visible

ADDRESS = "/methodology/magnesium-supplements/"
WEIGHTS = {
    "exact-label": "10", "dose-limits": "10", "price-per-100-mg": "60", "label-warnings": "10", "load-additives": "10",
}  # fmt: skip


def draft(days: int = 0) -> MethodologyVersion:
    """Price weighs most: the list turns over."""
    method = Methodology.objects.get(slug="magnesium-supplements")
    made: MethodologyVersion = MethodologyVersion.objects.create(
        methodology=method, number=3, effective_from=timezone.localdate() + timedelta(days=days),
        tie_breaker=Criterion.objects.get(slug="exact-label"), changes="Price weighs more than all the rest.",
    )  # fmt: skip
    for slug, value in WEIGHTS.items():
        Weight.objects.create(version=made, criterion=Criterion.objects.get(slug=slug), value=Decimal(value))
    return made


def section(page: Page, number: int) -> str:
    return visible(page.one(f"section[aria-labelledby=v{number}]"))


def moved(page: Page, number: int) -> dict[str, list[str]]:
    rows = page.all(f"section[aria-labelledby=v{number}] table.impact tbody tr")
    return {visible(row.th): [visible(cell) for cell in row.select("td")] for row in rows}


def test_it_works(types: dict[str, Page]) -> None:
    page = types["a methodology"]
    assert "This one counts now." in section(page, 2)
    assert re.search(r"30 was 25", section(page, 2))
    assert moved(page, 2)["Brambeck Oxide 225"] == ["6.9 → 6.4", "5= → 6", "down 1", "Nothing"]
    assert "measured with today’s scores" in section(page, 2)


def test_the_first_version_moved_nobody(types: dict[str, Page]) -> None:
    page = types["a methodology"]
    assert moved(page, 1) == {}
    assert " was " not in section(page, 1)
    assert re.search(r"In force from .* until ", section(page, 1))


def test_drafts_are_nobodys_business() -> None:
    draft()
    page = get(ADDRESS)
    assert page.all("section[aria-labelledby=v3]") == []
    assert "Price weighs more than all the rest." not in page.text


def test_an_announced_version_says_whom_it_will_move() -> None:
    weighing.put_in_force(draft(days=5))
    page = get(ADDRESS)
    assert "Announced. It counts from" in section(page, 3)
    assert "Whom it will move" in section(page, 3)
    assert "This one counts now." in section(page, 2)
    assert moved(page, 3)["Brambeck Oxide 225"] == ["6.4 → 8.2", "6 → 3", "up 3", "Nothing"]
    assert moved(page, 3)["Calderwick Citrate Powder"][3] == "A commission"


def test_the_table_is_the_one_the_admin_showed_and_stays() -> None:
    version = draft()
    weighing.put_in_force(version)
    version.refresh_from_db()
    page = get(ADDRESS)
    (table,) = version.impact
    assert list(moved(page, 3)) == [row["name"] for row in table["rows"]]
    review = Methodology.objects.get(slug="magnesium-supplements").reviews.get(product__slug="brambeck-oxide-225")
    review.scores.model._base_manager.filter(review=review).update(value=Decimal("0.0"))
    assert moved(get(ADDRESS), 3) == moved(page, 3), "later scores do not rewrite it"
    assert "This one counts now." in section(page, 3)


def test_the_list_follows_the_version_that_counts() -> None:
    before = [visible(tag) for tag in get("/lists/magnesium-supplements/").all("[data-rank-item] h3")]
    weighing.put_in_force(draft(days=5))
    assert [visible(tag) for tag in get("/lists/magnesium-supplements/").all("[data-rank-item] h3")] == before
    weighing.take_effect(timezone.localdate() + timedelta(days=5))
    after = get("/lists/magnesium-supplements/")
    assert [visible(tag) for tag in after.all("[data-rank-item] h3")] != before
    assert "How we score: version 3" in after.text


def test_an_old_version_that_weighed_what_nobody_scores_any_more_has_no_table() -> None:
    method = Methodology.objects.get(slug="magnesium-supplements")
    extra = Criterion.objects.create(methodology=method, slug="taste", name="Taste", description="How.", position=9)
    Weight._base_manager.bulk_create([Weight(version=method.versions.get(number=1), criterion=extra, value=Decimal(5))])
    page = get(ADDRESS)
    assert page.status == 200
    assert moved(page, 2) == {}
