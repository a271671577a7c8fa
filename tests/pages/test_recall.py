"""A recall in one save: no button, no place, no offer or rating for machines, anywhere, and the notice instead."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from products.models import Offer, Product
from reviews.models import RankingEntry
from tests.pages.reading import get, walk

SLUG = "harrowbeck-lactate-60"
NOTICE = "The maker calls back every pack: the tablets hold more than the label says."


@pytest.fixture
def recalled(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> Product:
    """One save, as the form does it, and what follows once it is committed."""
    monkeypatch.setattr(
        connections["default"], "run_on_commit", []
    )  # what loading the demonstration left is no longer waiting
    product = Product.objects.get(slug=SLUG)
    product.recalled_on, product.recall_notice = timezone.localdate(), NOTICE
    with django_capture_on_commit_callbacks(execute=True):
        product.save()
    return product


@pytest.fixture(autouse=True)
def _as_if_real() -> Any:
    with override_settings(SHOWCASE=True):
        yield


def test_it_works() -> None:
    review = get(f"/reviews/{SLUG}/")
    assert review.all("a[data-aff]")
    assert any("offers" in node and node["review"]["reviewRating"] for node in walk(review.graph) if "review" in node)
    assert RankingEntry.objects.filter(product__slug=SLUG).exclude(place="").exists()


def test_its_review_sells_nothing_and_says_why(recalled: Product) -> None:
    review = get(f"/reviews/{SLUG}/")
    assert NOTICE in review.text
    assert not review.all(f'a[data-aff], a[href^="/go/"], a[href*="/{SLUG}/shop"]')
    [node] = [node for node in walk(review.graph) if node.get("@type") == "Product"]
    assert "offers" not in node
    assert "reviewRating" not in node["review"]


def test_every_list_drops_it_below_the_numbers(recalled: Product) -> None:
    entries = RankingEntry.objects.filter(product=recalled)
    assert [entry.place for entry in entries] == [""] * len(entries)
    for entry in entries.select_related("ranking"):
        page = get(entry.ranking.get_absolute_url())
        assert "This product has been recalled." in page.text
        offers = {f"/go/{pk}/" for pk in Offer.objects.filter(product=recalled).values_list("pk", flat=True)}
        assert not [link["href"] for link in page.all("a[href]") if link["href"].startswith(tuple(offers))]
        listed = [item.get("url", "") for node in walk(page.graph) for item in node.get("itemListElement", [])]
        assert not [address for address in listed if SLUG in address]


def test_no_link_leads_to_a_shop_any_more(recalled: Product) -> None:
    assert not Offer.objects.active().filter(product=recalled).exists()
    compared = get(f"/compare/?p={SLUG}&p=vintermark-bisglycinate-50")
    assert "recalled" in compared.text
    keys = [str(pk) for pk in Offer.objects.filter(product=recalled).values_list("pk", flat=True)]
    assert not [link for link in compared.all("a[data-aff]") if link["href"].split("/")[2] in keys]
