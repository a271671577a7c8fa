"""Money in the admin: bookings are approved by somebody else and then fixed; prices are added; links stay clean."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crampinfo.editorial.models import LedgerEntry
from crampinfo.editorial.roles import Role
from products.admin.filters import stale
from products.models import AffiliateProgramme, Offer, Placement, PlacementKind, Price
from tests import factories
from tests.admin.forms import errors_of, filled, told
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller() -> Client:
    return signed_in(Role.AFFILIATE_MANAGER)


@pytest.fixture
def booked() -> Placement:
    made: Placement = factories.placement(factories.product(), factories.slot(), approved_at=None, approved_by="")
    return made


def page(placement: Placement, name: str = "change") -> str:
    return f"/admin/products/placement/{placement.pk}/{name}/"


def test_it_works(seller: Client) -> None:
    deal = factories.offer(factories.product())
    given = {"advertiser": "Acme", "slug": "acme-1", "slot": factories.slot().pk, "product": deal.product_id}
    given |= {"offer": deal.pk, "starts_at_0": "2026-11-01", "starts_at_1": "08:00", "ends_at_0": "2099-12-01"}
    form = seller.get("/admin/products/placement/add/")
    seller.post("/admin/products/placement/add/", filled(form, **given, ends_at_1="08:00"))
    booked = Placement.objects.get()
    assert (booked.kind, booked.is_active) == (PlacementKind.BAND, False)
    publisher = signed_in(Role.PUBLISHER)
    assert "approve" in publisher.get(page(booked)).content.decode()
    assert told(publisher.post(page(booked, "approve"), follow=True)) == ["Acme: slot-band: approved."]
    booked.refresh_from_db()
    assert (booked.is_active, booked.approved_by) == (True, "publisher")
    assert LedgerEntry.objects.get(kind="placement").role == Role.PUBLISHER


@pytest.mark.parametrize("role", [Role.AFFILIATE_MANAGER, Role.EDITOR, Role.REVIEWER, Role.COMPLIANCE])
def test_who_books_does_not_approve(role: Role, booked: Placement) -> None:
    client = signed_in(role)
    assert client.post(page(booked, "approve")).status_code == 403
    client.post("/admin/products/placement/", {"action": "approve_selected", "_selected_action": [booked.pk]})
    booked.refresh_from_db()
    assert booked.approved_at is None


def test_what_is_approved_is_fixed(seller: Client, booked: Placement) -> None:
    signed_in(Role.PUBLISHER).post(page(booked, "approve"))
    assert seller.post(page(booked), {"advertiser": "Somebody else"}).status_code == 403
    assert seller.post(page(booked, "delete"), {"post": "yes"}).status_code == 403


def test_it_ends_early_with_a_reason(seller: Client, booked: Placement) -> None:
    signed_in(Role.PUBLISHER).post(page(booked, "approve"))
    assert seller.post(page(booked, "end"), {"reason": ""}).status_code == 200
    seller.post(page(booked, "end"), {"reason": "The advertiser asked."})
    booked.refresh_from_db()
    assert (booked.is_active, booked.ended_reason) == (False, "The advertiser asked.")
    assert booked.ends_at > timezone.now()
    assert LedgerEntry.objects.filter(kind="placement").latest("number").reason == "The advertiser asked."


def test_many_are_approved_one_by_one(booked: Placement) -> None:
    data = {"action": "approve_selected", "_selected_action": [booked.pk]}
    publisher = signed_in(Role.PUBLISHER)
    assert told(publisher.post("/admin/products/placement/", data, follow=True)) == ["Acme Ltd: slot-band: approved."]
    again = told(publisher.post("/admin/products/placement/", data, follow=True))
    assert again == ["Acme Ltd: slot-band: It is approved already."]


def test_a_booking_past_the_cap_is_refused_in_the_form(seller: Client) -> None:
    item, slot = factories.product(), factories.slot(PlacementKind.ADJUSTMENT)
    given = {"advertiser": "Acme", "slug": "a", "slot": slot.pk, "product": item.pk, "adjustment": "0.6"}
    given |= {"starts_at_0": "2026-11-01", "starts_at_1": "08:00", "ends_at_0": "2099-12-01", "ends_at_1": "08:00"}
    form = seller.get("/admin/products/placement/add/")
    answer = seller.post("/admin/products/placement/add/", filled(form, **given))
    assert "past the cap" in errors_of(answer)["adjustment"][0]


def price_of(offer: Offer, hours: int, **fields: Any) -> Price:
    as_of = timezone.now() - timedelta(hours=hours)
    return Price.objects.create(offer=offer, amount=Decimal(9), currency="EUR", source="feed", as_of=as_of, **fields)


def test_prices_are_added_beside_the_old_ones(seller: Client) -> None:
    offer = factories.offer(factories.product(), paid=False)
    address = f"/admin/products/offer/{offer.pk}/change/"
    row = {"amount": "9.90", "currency": "EUR", "source": "manual", "as_of_0": "2026-11-01", "as_of_1": "08:00"}
    data = filled(seller.get(address)) | {f"prices-1-{name}": value for name, value in row.items()}
    seller.post(address, data | {"prices-TOTAL_FORMS": "2", "prices-1-max_age_hours": "24", "prices-0-amount": "1.00"})
    assert sorted(Price.objects.values_list("amount", flat=True)) == [Decimal("8.40"), Decimal("9.90")]


def test_stale_prices_are_found_by_both_limits(seller: Client) -> None:
    fresh, old, strict, never = (factories.offer(factories.product(f"p{n}"), price=None) for n in range(4))
    AffiliateProgramme.objects.update(max_price_age_hours=48)
    price_of(fresh, 1)
    price_of(old, 50, max_age_hours=40)
    price_of(strict, 50, max_age_hours=500)
    assert set(stale(Offer.objects.all())) == {old, strict}
    answer = seller.get("/admin/products/offer/?price=stale")
    assert {row.pk for row in answer.context["cl"].result_list} == {old.pk, strict.pk}
    assert [row.pk for row in seller.get("/admin/products/offer/?price=none").context["cl"].result_list] == [never.pk]
    assert [row.pk for row in seller.get("/admin/products/offer/?price=fresh").context["cl"].result_list] == [fresh.pk]


@pytest.mark.parametrize("standing", ["waiting", "coming", "running", "ending", "over"])
def test_bookings_are_found_by_their_standing(standing: str, seller: Client, booked: Placement) -> None:
    now, day = timezone.now(), timedelta(days=1)
    item, slot = booked.product, booked.slot
    made = {
        "waiting": booked,
        "coming": factories.placement(item, slot, starts_at=now + day, ends_at=now + 40 * day),
        "running": factories.placement(item, slot, starts_at=now - day, ends_at=now + 40 * day),
        "ending": factories.placement(item, slot, starts_at=now - day, ends_at=now + 3 * day),
        "over": factories.placement(item, slot, starts_at=now - 9 * day, ends_at=now - day),
    }
    found = seller.get(f"/admin/products/placement/?standing={standing}").context["cl"].result_list
    expected = {made["running"], made["ending"]} if standing == "running" else {made[standing]}
    assert set(found) == expected


def test_terms_take_words_for_parameters(seller: Client) -> None:
    terms = factories.programme()
    address = f"/admin/products/affiliateprogramme/{terms.pk}/change/"
    seller.post(address, filled(seller.get(address), allowed_parameters="tag,  ref"))
    assert AffiliateProgramme.objects.get().allowed_parameters == ["tag", "ref"]


def test_clicks_of_thirty_days_stand_in_the_list_of_offers(one_of_each: dict[str, Any], seller: Client) -> None:
    answer = seller.get("/admin/products/offer/")
    assert [row.clicked for row in answer.context["cl"].result_list] == [3]
    assert 'class="field-clicks_30">3<' in answer.content.decode()


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        (PlacementKind.ORDER, {"adjustment": "0.3"}, "An order placement names its place, from 1"),
        (PlacementKind.ORDER, {"target_place": "0"}, "greater than or equal to 1"),
        (PlacementKind.ADJUSTMENT, {"target_place": "1"}, "An adjustment says how many points, not 0"),
        (PlacementKind.ADJUSTMENT, {"adjustment": "0"}, "An adjustment says how many points, not 0"),
        (PlacementKind.BAND, {"adjustment": "0.3"}, "the other kinds have none"),
    ],
)
def test_what_its_slot_does_not_take_is_told_in_the_form(
    kind: str, given: dict[str, str], why: str, seller: Client
) -> None:
    deal, slot = factories.offer(factories.product()), factories.slot(kind)
    terms = {"advertiser": "Acme", "slug": "acme-1", "slot": slot.pk, "product": deal.product_id, "offer": deal.pk}
    terms |= {"starts_at_0": "2026-11-01", "starts_at_1": "08:00", "ends_at_0": "2099-12-01", "ends_at_1": "08:00"}
    answer = seller.post(
        "/admin/products/placement/add/", filled(seller.get("/admin/products/placement/add/"), **terms, **given)
    )
    assert answer.status_code == 200
    assert why in str(errors_of(answer))
    assert 'value="acme-1"' in answer.content.decode(), "what was typed is still there"
    assert not Placement.objects.exists()
