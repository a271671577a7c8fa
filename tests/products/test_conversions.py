"""Conversions: matched by the place our links carry, each counted once, and nothing about buyers."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from products import conversions
from products.clicks import Source
from products.models import AffiliateProgramme, Conversion, Offer
from tests import factories

pytestmark = pytest.mark.django_db

HEAD = "Transaction ID,Date,Clickref,Sale amount,Commission,Currency,Status,Customer email\n"
FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"}


@pytest.fixture
def offer() -> Offer:
    factories.programme(source_parameter="clickref")
    return factories.offer(factories.product())


def row(place: str, number: str = "t1", commission: str = "1.20", **more: str) -> str:
    cells = {"day": "2026-11-20", "amount": "30.00", "currency": "EUR", "status": "approved", **more}
    said = ",".join([number, cells["day"], place, cells["amount"], commission, cells["currency"], cells["status"]])
    return f"{said},a@b.example\n"


def read(*lines: str, **options: Any) -> conversions.Report:
    return conversions.read(io.BytesIO((HEAD + "".join(lines)).encode()), AffiliateProgramme.objects.get(), **options)


def test_it_works(offer: Offer) -> None:
    """From the link to the report: the place that goes out is the one that comes back."""
    where = Source("list-magnesium", "row-3")
    location = Client(headers=FIREFOX).get(f"/go/{offer.pk}/{where}/")["Location"]
    (place,) = parse_qs(urlsplit(location).query)["clickref"]
    assert read(row(place)).counts == {"new": 1}
    made = Conversion.objects.get()
    assert (made.offer, made.page, made.slot, made.commission) == (offer, "list-magnesium", "row-3", Decimal("1.20"))


def test_the_same_file_again_counts_nothing(offer: Offer) -> None:
    read(row(f"{offer.pk}.list-a.row"))
    assert read(row(f"{offer.pk}.list-a.row")).counts == {"unchanged": 1}
    assert Conversion.objects.count() == 1


def test_a_reversal_is_taken_over(offer: Offer) -> None:
    read(row(f"{offer.pk}.list-a.row", status="pending"))
    assert read(row(f"{offer.pk}.list-a.row", status="declined")).counts == {"changed": 1}
    assert Conversion.objects.get().status == "reversed"


def test_a_dry_run_stores_nothing(offer: Offer) -> None:
    assert read(row(f"{offer.pk}.list-a.row"), trial=True).counts == {"new": 1}
    assert not Conversion.objects.exists()


def test_nothing_about_buyers_is_stored(offer: Offer) -> None:
    read(row(f"{offer.pk}.list-a.row"))
    assert "a@b.example" not in str(Conversion.objects.values().get())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (row("visitor-77"), "none that our links carry"),
        (row("999999.list-a.row"), "none of this programme"),
        (row("{offer}.list-a.row", commission="-1"), "negative"),
        (row("{offer}.list-a.row", commission="1.234"), "thousand or a fraction"),
        (row("{offer}.list-a.row", commission=""), "missing"),
        (row("{offer}.list-a.row", currency=""), "currency is missing"),
        (row("{offer}.list-a.row", day="03/04/2026"), "two days"),
        (row("{offer}.list-a.row", day="2999-01-01"), "future"),
        (row("{offer}.list-a.row", status="perhaps"), "none that we know"),
        (row("{offer}.list-a.row", number=""), "number is missing"),
    ],
)
def test_a_bad_row_is_lost_alone(line: str, why: str, offer: Offer) -> None:
    good = row(f"{offer.pk}.list-a.row", "good")
    report = read(line.replace("{offer}", str(offer.pk)), good)
    assert report.counts == {"rejected": 1, "new": 1}
    assert report.rejections[0][0] == 1
    assert why in report.rejections[0][1]


def test_one_transaction_twice_in_a_file(offer: Offer) -> None:
    report = read(row(f"{offer.pk}.list-a.row"), row(f"{offer.pk}.list-a.row", commission="9"))
    assert report.counts == {"rejected": 1, "new": 1}
    assert Conversion.objects.get().commission == Decimal("1.20")


def test_a_file_without_places_is_refused(offer: Offer) -> None:
    report = conversions.read(io.BytesIO(b"id,date,commission\n1,2026-11-20,1 EUR\n"), AffiliateProgramme.objects.get())
    assert "No column holds: place" in report.trouble
