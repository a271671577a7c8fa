"""What a list refuses to have booked in it, in words the person at the form can act on."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from crampinfo.editorial.roles import Role
from products import bookings
from products.models import Placement, PlacementKind, Product
from reviews.models import Ranking, RankingRejection
from tests import factories
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db

NOW = timezone.now()
DAY = timedelta(days=1)
ORDER, ADJUSTMENT, BAND = PlacementKind.ORDER, PlacementKind.ADJUSTMENT, PlacementKind.BAND


def listed(slug: str = "magnesium", *slots: str, product: Product | None = None) -> Product:
    """A reviewed product in an influenced list with these slots."""
    item = product or factories.product("a")
    if product is None:
        factories.review(item)
    made = factories.ranking(slug, products=(item,), compensation="influenced")
    made.slots.set([factories.slot(kind, f"{slug}-{kind}") for kind in slots or (ORDER, ADJUSTMENT)])
    return item


def book(of: Product, kind: str, slug: str = "magnesium", **fields: Any) -> Placement:
    waiting = {"approved_at": None, "approved_by": "", **fields}
    return factories.placement(of, factories.slot(kind, f"{slug}-{kind}"), **waiting)


def points(of: Product, number: str, start: datetime = NOW, days: float = 10, slug: str = "magnesium") -> Placement:
    return book(of, ADJUSTMENT, slug, adjustment=Decimal(number), starts_at=start, ends_at=start + days * DAY)


def refusal(call: Any) -> tuple[str, str]:
    with pytest.raises(ValidationError) as caught:
        call()
    ((field, sentences),) = caught.value.message_dict.items()
    return field, sentences[0]


def test_it_works() -> None:
    item = listed()
    assert book(item, ORDER).pk
    assert points(item, "0.5").pk


class TestThatAddUp:
    """The cap is 0.5 points."""

    def test_past_the_cap(self) -> None:
        item = listed()
        points(item, "0.3")
        field, sentence = refusal(lambda: points(item, "0.3", NOW + 2 * DAY))
        assert field == "adjustment"
        assert sentence.startswith("With what is booked already, this product's points add up to 0.6 on ")
        assert f"{timezone.localdate(NOW + 2 * DAY)}" in sentence
        assert "the cap of 0.5" in sentence

    def test_up_to_the_cap(self) -> None:
        item = listed()
        points(item, "0.3")
        assert points(item, "0.2").pk

    def test_downwards_too(self) -> None:
        item = listed()
        points(item, "-0.3")
        assert "add up to -0.6" in refusal(lambda: points(item, "-0.3"))[1]

    def test_one_after_the_other(self) -> None:
        item = listed()
        points(item, "0.5", NOW, 3)
        assert points(item, "0.5", NOW + 3 * DAY, 3).pk, "a booking ends where the next begins"

    def test_within_one_day(self) -> None:
        item = listed()
        points(item, "0.4", NOW, 1)
        assert "add up to 0.8" in refusal(lambda: points(item, "0.4", NOW + DAY / 4, 0.25))[1]

    def test_three_of_which_only_two_meet(self) -> None:
        """0.2 for the first four days, 0.2 for the last four, 0.3 for all ten: never more than 0.5 at once."""
        item = listed()
        points(item, "0.2", NOW, 4)
        points(item, "0.2", NOW + 6 * DAY, 4)
        assert points(item, "0.3", NOW, 10).pk

    def test_three_that_meet_in_the_middle(self) -> None:
        item = listed()
        points(item, "0.2", NOW, 6)
        points(item, "0.2", NOW + 4 * DAY, 6)
        assert "add up to 0.7" in refusal(lambda: points(item, "0.3", NOW, 10))[1]

    def test_points_up_and_down_cancel(self) -> None:
        item = listed()
        points(item, "0.5")
        assert points(item, "-0.5").pk

    def test_another_product_has_points_of_its_own(self) -> None:
        item, other = listed(), factories.product("b")
        factories.review(other)
        Ranking.objects.get().entries.create(product=other, added_on=timezone.localdate())
        points(item, "0.5")
        assert points(other, "0.5").pk

    def test_one_that_was_ended_early_no_longer_counts(self) -> None:
        item = listed()
        booked = points(item, "0.5", NOW - DAY)
        bookings.end_early(booked, "The seller asked.", at=NOW)
        assert points(item, "0.5", NOW).pk

    def test_two_slots_of_one_list(self) -> None:
        item = listed()
        second = factories.slot(ADJUSTMENT, "second")
        Ranking.objects.get().slots.add(second)
        points(item, "0.4")
        waiting = {"approved_at": None, "approved_by": "", "adjustment": Decimal("0.4")}
        assert "add up to 0.8" in refusal(lambda: factories.placement(item, second, **waiting))[1]

    def test_two_lists_are_two_caps(self) -> None:
        item = listed("one")
        listed("two", product=item)
        points(item, "0.5", slug="one")
        assert points(item, "0.5", slug="two").pk

    def test_a_slot_that_no_list_has_yet(self) -> None:
        item = factories.product("loose")
        slot = factories.slot(ADJUSTMENT, "loose")
        fields = {"approved_at": None, "approved_by": "", "adjustment": Decimal("0.4")}
        factories.placement(item, slot, **fields)
        assert "add up to 0.8" in refusal(lambda: factories.placement(item, slot, **fields))[1]

    def test_what_is_saved_again_is_not_its_own_rival(self) -> None:
        booked = points(listed(), "0.5")
        booked.headline = "New words"
        booked.save()
        bookings.approve(booked, "Ines")


class TestProducts:
    """Whom a list does not rank, nobody can place in it."""

    @pytest.mark.parametrize("kind", [ORDER, ADJUSTMENT])
    def test_not_on_the_list(self, kind: str) -> None:
        listed()
        other = factories.product("other")
        assert refusal(lambda: book(other, kind)) == (
            "product", "List of magnesium does not rank this product: there is nothing to move."
        )  # fmt: skip

    @pytest.mark.parametrize("kind", [ORDER, ADJUSTMENT, BAND])
    def test_considered_and_rejected(self, kind: str) -> None:
        item = listed("magnesium", ORDER, ADJUSTMENT, BAND)
        RankingRejection.objects.create(
            ranking=Ranking.objects.get(), name="A", product=item, reason="No dose.", considered_on=timezone.localdate()
        )
        factories.offer(item)
        assert refusal(lambda: book(item, kind)) == (
            "product",
            "List of magnesium considered this product and left it out (No dose.): it can't be placed there.",
        )

    @pytest.mark.parametrize("kind", [ORDER, ADJUSTMENT])
    def test_kept_out_by_a_gate(self, kind: str) -> None:
        item = listed()
        Product.objects.update(label_readable=False)
        item.refresh_from_db()
        field, sentence = refusal(lambda: book(item, kind))
        assert field == "product"
        assert "not recommended" in sentence
        assert "The label can't be read in full" in sentence

    def test_recalled(self) -> None:
        item = listed()
        item.recalled_on, item.recall_notice = timezone.localdate(), "Glass."
        item.save()
        assert refusal(lambda: book(item, ORDER)) == ("product", "This product is recalled: it can't be placed.")

    def test_an_advert_beside_a_list_may_be_for_what_it_does_not_rank(self) -> None:
        listed("magnesium", BAND)
        assert book(factories.product("other"), BAND).pk

    def test_approval_asks_again(self) -> None:
        """Dropped from the list between booking and approval."""
        item = listed()
        booked = book(item, ORDER)
        Ranking.objects.get().entries.all().delete()
        with pytest.raises(ValidationError, match="does not rank"):
            bookings.approve(booked, "Ines")


def test_the_form_says_it_beside_the_field() -> None:
    item = listed()
    other = factories.product("other")
    slot = Ranking.objects.get().slots.get(kind=ORDER)
    answer = signed_in(Role.AFFILIATE_MANAGER).post(
        "/admin/products/placement/add/",
        {
            "advertiser": "Acme", "slug": "acme", "slot": slot.pk, "product": other.pk, "target_place": "1",
            "starts_at_0": "01/01/2030", "starts_at_1": "10:00", "ends_at_0": "02/01/2030", "ends_at_1": "10:00",
        },
    )  # fmt: skip
    assert answer.status_code == 200
    assert "there is nothing to move" in str(answer.context["adminform"].form.errors["product"])
    assert Placement.objects.count() == 0
    assert item.placements.count() == 0
