"""What is booked: dates, kinds, the cap, sensitive topics, recalls, double bookings, and terms that stay."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from crampinfo.editorial.models import LedgerEntry, Topic
from products import bookings
from products.models import Placement, PlacementKind, Product, Slot
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
DAY = timedelta(days=1)
ORDER, ADJUSTMENT, BAND, BUTTON = (
    PlacementKind.ORDER,
    PlacementKind.ADJUSTMENT,
    PlacementKind.BAND,
    PlacementKind.BUTTON,
)


def book(kind: str = BAND, of: Product | None = None, **fields: Any) -> Placement:
    """A placement that is not approved yet."""
    waiting = {"approved_at": None, "approved_by": "", **fields}
    return factories.placement(of or factories.product(), factories.slot(kind), **waiting)


def refusal(call: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        call()
    assert len(caught.value.messages) == 1, caught.value.messages
    return caught.value.messages[0]


def test_it_works() -> None:
    booked = factories.placement(factories.product(), factories.slot(BAND))
    assert (booked.kind, booked.is_active, str(booked)) == (BAND, True, "Acme Ltd: slot-band")
    assert list(Placement.objects.active()) == [booked]
    assert list(Placement.objects.for_pages()) == [booked]


class TestConstraints:
    def test_it_ends_before_it_starts(self) -> None:
        assert refusal(lambda: book(starts_at=NOW, ends_at=NOW)) == (
            "The placement ends before it starts: check the two dates."
        )

    def test_an_order_without_its_place(self) -> None:
        assert refusal(lambda: book(ORDER, target_place=None)) == (
            "An order placement names its place, from 1; the other kinds have none."
        )

    def test_a_place_of_another_kind(self) -> None:
        assert refusal(lambda: book(BAND, target_place=1)) == (
            "An order placement names its place, from 1; the other kinds have none."
        )

    def test_place_0(self) -> None:
        with pytest.raises(ValidationError, match="Ensure this value is greater than or equal to 1"):
            book(ORDER, target_place=0)

    @pytest.mark.parametrize("points", [None, Decimal(0)])
    def test_an_adjustment_without_points(self, points: Decimal | None) -> None:
        assert refusal(lambda: book(ADJUSTMENT, adjustment=points)) == (
            "An adjustment says how many points, not 0; the other kinds have none."
        )

    def test_points_of_another_kind(self) -> None:
        assert refusal(lambda: book(BAND, adjustment=Decimal("0.1"))) == (
            "An adjustment says how many points, not 0; the other kinds have none."
        )

    def test_no_advertiser(self) -> None:
        with pytest.raises(ValidationError, match="Name the advertiser: readers see who pays"):
            Placement(advertiser="", kind=BAND, starts_at=NOW, ends_at=NOW + DAY).validate_constraints()

    def test_an_approval_by_nobody(self) -> None:
        assert refusal(lambda: book(approved_at=NOW)) == "An approved placement names who approved it."

    @pytest.mark.parametrize(
        "fields", [{"ended_early_at": NOW + 11 * DAY, "ended_reason": "x"}, {"ended_early_at": NOW}]
    )
    def test_an_early_end_that_is_none(self, fields: dict[str, Any]) -> None:
        assert refusal(lambda: book(**fields)) == "Ending early needs a moment before the booked end, and a reason."


class TestTerms:
    @pytest.mark.parametrize("points", ["0.6", "-0.6", "9.9"])
    def test_points_past_the_cap(self, points: str) -> None:
        assert (
            refusal(lambda: book(ADJUSTMENT, adjustment=Decimal(points))) == f"{points} is past the cap of 0.5 points."
        )

    @pytest.mark.parametrize("points", ["0.5", "-0.5", "0.1"])
    def test_points_within_it(self, points: str) -> None:
        assert book(ADJUSTMENT, adjustment=Decimal(points)).adjustment == Decimal(points)

    def test_the_default_cap_sells_no_points(self, settings: Any) -> None:
        settings.SCORE_ADJUSTMENT_CAP = Decimal(0)
        assert refusal(lambda: book(ADJUSTMENT, adjustment=Decimal("0.1"))) == "0.1 is past the cap of 0 points."

    def test_a_tenth_of_a_tenth(self) -> None:
        with pytest.raises(ValidationError, match="no more than 1 decimal place"):
            book(ADJUSTMENT, adjustment=Decimal("0.25"))

    def test_the_kind_is_the_slot_s(self) -> None:
        booked = book(BAND)
        booked.kind = ORDER
        booked.save()
        assert Placement.objects.get().kind == BAND

    def test_a_sensitive_topic(self) -> None:
        slot = factories.slot(BAND, topic=factories.topic())
        Topic.objects.update(sensitive=True)
        item = factories.product()
        slot.refresh_from_db()
        assert (
            refusal(lambda: factories.placement(item, slot))
            == "This slot is on a sensitive topic: nothing is booked there."
        )

    def test_a_recalled_product(self) -> None:
        item = factories.product(recalled_on=timezone.localdate(), recall_notice="Glass.")
        assert refusal(lambda: book(of=item)) == "This product is recalled: it can't be placed."

    def test_the_offer_of_another_product(self) -> None:
        other = factories.offer(factories.product("other"))
        assert refusal(lambda: book(offer=other)) == "This offer is for another product."

    @pytest.mark.parametrize("kind", [BAND, BUTTON])
    def test_an_ad_that_leads_nowhere(self, kind: str) -> None:
        assert refusal(lambda: book(kind, offer=None)) == "A band or a button needs the offer it leads to."


class TestDoubleBooking:
    def test_one_place_for_two_at_one_time(self) -> None:
        first = book(ORDER)
        said = refusal(lambda: book(ORDER, factories.product("other")))
        assert said.startswith("Acme Ltd has place 1 or this product from ")
        assert said.endswith(f"to {timezone.localdate(first.ends_at)}: choose other dates.")

    def test_two_places_for_one_product(self) -> None:
        item = factories.product()
        book(ORDER, item)
        assert "choose other dates" in refusal(lambda: book(ORDER, item, target_place=2))

    def test_a_waiting_booking_counts(self) -> None:
        assert book(ORDER).approved_at is None
        assert "choose other dates" in refusal(lambda: book(ORDER, factories.product("other")))

    def test_one_after_the_other(self) -> None:
        first = book(ORDER)
        second = book(ORDER, factories.product("other"), starts_at=first.ends_at, ends_at=first.ends_at + DAY)
        assert second.pk

    def test_another_place(self) -> None:
        book(ORDER)
        assert book(ORDER, factories.product("other"), target_place=2).pk

    def test_another_slot(self) -> None:
        book(ORDER)
        elsewhere = factories.slot(ORDER, "elsewhere")
        assert factories.placement(factories.product("other"), elsewhere).pk

    def test_a_place_that_was_given_up(self) -> None:
        first = book(ORDER, ended_early_at=NOW, ended_reason="Stopped.")
        assert book(ORDER, factories.product("other"), starts_at=first.until).pk

    def test_the_same_booking_again_is_no_rival(self) -> None:
        first = book(ORDER)
        first.headline = "Better words"
        first.save()
        assert Placement.objects.get().headline == "Better words"

    def test_bands_stand_side_by_side(self) -> None:
        book(BAND)
        assert book(BAND, factories.product("other")).pk


class TestActive:
    @pytest.mark.parametrize(
        "fields",
        [
            {"starts_at": NOW + DAY},
            {"starts_at": NOW - 2 * DAY, "ends_at": NOW - DAY},
            {"approved_at": None, "approved_by": ""},
            {"ended_early_at": NOW - timedelta(hours=1), "ended_reason": "Stopped."},
        ],
    )
    def test_not_yet_no_longer_or_never_approved(self, fields: dict[str, Any]) -> None:
        booked = factories.placement(factories.product(), factories.slot(), **fields)
        assert not booked.is_active
        assert not Placement.objects.active().exists()

    def test_a_recall_ends_it_at_once(self) -> None:
        booked = factories.placement(factories.product(), factories.slot())
        item = booked.product
        item.recalled_on, item.recall_notice = timezone.localdate(), "Glass."
        item.save()
        assert not Placement.objects.get().is_active
        assert not Placement.objects.active().exists()

    def test_another_moment_can_be_asked_for(self) -> None:
        factories.placement(factories.product(), factories.slot(), starts_at=NOW - 9 * DAY, ends_at=NOW - 7 * DAY)
        assert Placement.objects.active(NOW - 8 * DAY).count() == 1
        assert Placement.objects.active(NOW - 7 * DAY).count() == 0

    def test_a_topic_that_becomes_sensitive_empties_its_slot(self) -> None:
        factories.placement(factories.product(), factories.slot(topic=factories.topic()))
        assert Placement.objects.for_pages().count() == 1
        Topic.objects.update(sensitive=True)
        assert Placement.objects.for_pages().count() == 0

    @pytest.mark.parametrize("fields", [{"is_paused": True}, {"ends_at": NOW}])
    def test_an_ad_whose_offer_ended_is_not_shown(self, fields: dict[str, Any]) -> None:
        booked = factories.placement(factories.product(), factories.slot())
        for name, value in fields.items():
            setattr(booked.offer, name, value)
        booked.offer.save()
        assert Placement.objects.for_pages().count() == 0


class TestRecord:
    """What was approved stays as it was booked (promise 7)."""

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("advertiser", "Somebody else"),
            ("starts_at", NOW - 5 * DAY),
            ("ends_at", NOW + 50 * DAY),
            ("approved_by", "Me"),
            ("approved_at", NOW - 5 * DAY),
        ],
    )
    def test_terms_are_not_rewritten(self, name: str, value: Any) -> None:
        booked = factories.placement(factories.product(), factories.slot())
        setattr(booked, name, value)
        assert refusal(booked.save) == "This booking was approved, so its terms stand: end it early and book anew."

    def test_an_approval_is_not_taken_back(self) -> None:
        booked = factories.placement(factories.product(), factories.slot())
        booked.approved_at, booked.approved_by = None, ""
        assert "its terms stand" in refusal(booked.save)

    def test_points_are_not_raised(self) -> None:
        booked = factories.placement(factories.product(), factories.slot(ADJUSTMENT))
        booked.adjustment = Decimal("0.5")
        assert "its terms stand" in refusal(booked.save)

    def test_words_may_change(self) -> None:
        booked = factories.placement(factories.product(), factories.slot())
        booked.text = "Better words."
        booked.save()
        assert Placement.objects.get().text == "Better words."

    def test_before_approval_everything_may(self) -> None:
        booked = book()
        booked.advertiser = "Somebody else"
        booked.save()
        assert Placement.objects.get().advertiser == "Somebody else"

    def test_a_recalled_product_s_booking_can_be_ended(self, settings: Any) -> None:
        booked = factories.placement(factories.product(), factories.slot(ADJUSTMENT))
        Product._base_manager.update(recalled_on=timezone.localdate(), recall_notice="Glass.")
        settings.SCORE_ADJUSTMENT_CAP = Decimal(0)
        bookings.end_early(Placement.objects.get(), "Recalled.")
        assert Placement.objects.get().until < booked.ends_at

    def test_an_early_end_is_final(self) -> None:
        booked = factories.placement(factories.product(), factories.slot())
        bookings.end_early(booked, "Stopped.")
        booked.ended_early_at, booked.ended_reason = None, ""
        assert refusal(booked.save) == "This booking has ended, and that stays on record."
        assert refusal(lambda: bookings.end_early(Placement.objects.get(), "Again.")) == "It has ended already."

    def test_what_was_approved_is_not_deleted(self) -> None:
        booked = factories.placement(factories.product(), factories.slot())
        for way in (booked.delete, Placement.objects.all().delete):
            with pytest.raises(PermissionDenied, match="stays on record"):
                way()
        assert Placement.objects.count() == 1

    def test_what_was_not_may_be(self) -> None:
        book().delete()
        book(of=factories.product("other"))
        Placement.objects.all().delete()
        assert Placement.objects.count() == 0

    def test_nothing_is_changed_in_bulk(self) -> None:
        booked = factories.placement(factories.product(), factories.slot())
        for way in (
            lambda: Placement.objects.update(ends_at=NOW + 99 * DAY),
            lambda: Placement.objects.bulk_update([booked], ["ends_at"]),
            lambda: Placement.objects.bulk_create([booked]),
        ):
            with pytest.raises(PermissionDenied, match="Bookings are checked one by one: save each"):
                way()

    def test_approval_and_end_are_in_the_ledger(self) -> None:
        booked = book(ADJUSTMENT)
        bookings.approve(booked, "Ines")
        bookings.end_early(booked, "Stopped.")
        approved, ended = LedgerEntry.objects.filter(kind="placement").order_by("number")
        assert approved.subject == ended.subject == f"placement:{booked.pk}"
        said = {name: approved.payload[name] for name in ("slot", "sells", "product", "points", "ended_early")}
        assert said == {
            "slot": booked.slot_id,
            "sells": "adjustment",
            "product": f"product:{booked.product_id}",
            "points": "0.4",
            "ended_early": None,
        }
        assert "Ines" not in json.dumps(approved.line())
        assert (ended.payload["ended_early"] is not None, ended.reason) == (True, "Stopped.")
        assert refusal(lambda: bookings.approve(booked, "Ines")) == "It is approved already."


class TestSlot:
    def test_on_a_sensitive_topic(self) -> None:
        care = factories.topic("pregnancy", sensitive=True)
        assert (
            refusal(lambda: factories.slot(BAND, topic=care))
            == "Pregnancy is a sensitive topic: nothing is sold on it."
        )

    def test_what_is_booked_keeps_its_kind(self) -> None:
        slot = book(BAND).slot
        slot.kind = ORDER
        assert refusal(slot.save) == "Something of another kind is booked here: make another slot."

    def test_an_empty_one_may_change_it(self) -> None:
        slot = factories.slot(BAND)
        slot.kind = BUTTON
        slot.save()
        assert Slot.objects.get().kind == BUTTON
