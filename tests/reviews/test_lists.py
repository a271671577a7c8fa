"""A list as a page: what payment did to each row, which offer a row shows, and where the next page starts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crampinfo.editorial.models import Topic
from products.models import PlacementKind, Price, Product
from reviews import lists
from reviews.models import Ranking
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
ORDER, ADJUSTMENT, BAND = PlacementKind.ORDER, PlacementKind.ADJUSTMENT, PlacementKind.BAND


def reviewed(slug: str, *scores: str, **product: Any) -> Product:
    item = factories.product(slug, **product)
    factories.review(item, scores=scores or ("8.0", "7.0"))
    return item


def listed(*products: Product, slots: tuple[Any, ...] = (), **fields: Any) -> Ranking:
    made = factories.ranking(products=products, **fields)
    made.slots.set(slots)
    return Ranking.objects.select_related("methodology__current_version", "topic").get(pk=made.pk)


def three() -> tuple[Product, Product, Product]:
    """Editorial scores 9.0, 7.6 and 2.4."""
    return reviewed("a", "9.0", "9.0"), reviewed("b", "8.0", "7.0"), reviewed("c", "2.0", "3.0")


def shown(page: lists.ListPage) -> list[tuple[str, str, str]]:
    return [(row.place.key, row.place.shown_label, str(row.place.shown_score)) for row in page.rows]


PLAIN = [("a", "1", "9.0"), ("b", "2", "7.6"), ("c", "3", "2.4")]


def test_it_works() -> None:
    page = lists.load(listed(*three()))
    assert shown(page) == PLAIN
    assert (page.total, page.after, page.effects, page.bands, page.moved, page.is_influenced) == (
        3,
        "",
        (),
        (),
        0,
        False,
    )


class TestInfluence:
    """What was paid moves an influenced list, for as long as it is booked, and no other."""

    def both(self, *products: Product, **fields: Any) -> Ranking:
        slots = (factories.slot(ORDER), factories.slot(ADJUSTMENT))
        return listed(*products, slots=slots, compensation="influenced", **fields)

    def test_a_place_is_bought(self) -> None:
        a, b, c = three()
        ranking = self.both(a, b, c)
        booked = factories.placement(c, factories.slot(ORDER))
        page = lists.load(ranking)
        assert shown(page) == [("c", "1", "2.4"), ("a", "2", "9.0"), ("b", "3", "7.6")]
        row = page.order[0]
        assert (row.editorial_place, row.shown_place, row.paid_points) == (3, 1, Decimal(0))
        assert [effect.placement_id for effect in row.effects] == [booked.pk]
        assert [effect.placement_id for effect in page.order[1].moved_by] == [booked.pk]
        assert (page.moved, page.is_influenced) == (3, True)

    def test_points_are_bought(self) -> None:
        a, b, c = three()
        ranking = self.both(a, b, c)
        factories.placement(b, factories.slot(ADJUSTMENT), adjustment=Decimal("0.5"))
        page = lists.load(ranking)
        assert shown(page) == [("a", "1", "9.0"), ("b", "2", "8.1"), ("c", "3", "2.4")]
        assert (page.order[1].editorial_score, page.order[1].paid_points) == (Decimal("7.6"), Decimal("0.5"))

    def test_without_advertising(self) -> None:
        a, b, c = three()
        ranking = self.both(a, b, c)
        factories.placement(c, factories.slot(ORDER))
        page = lists.load(ranking, editorial=True)
        assert shown(page) == PLAIN
        assert (len(page.effects), page.is_influenced, page.moved) == (1, False, 0)

    def test_an_isolated_list_is_touched_by_none(self) -> None:
        a, b, c = three()
        ranking = self.both(a, b, c)
        factories.placement(c, factories.slot(ORDER))
        Ranking._base_manager.update(compensation="isolated")
        ranking.refresh_from_db()
        page = lists.load(ranking)
        assert (shown(page), page.effects) == (PLAIN, ())

    @pytest.mark.parametrize(
        "fields",
        [
            {"starts_at": NOW + timedelta(days=1)},
            {"starts_at": NOW - timedelta(days=3), "ends_at": NOW - timedelta(days=1)},
            {"approved_at": None, "approved_by": ""},
            {"ended_early_at": NOW, "ended_reason": "Stopped."},
        ],
    )
    def test_a_booking_that_is_not_in_effect(self, fields: dict[str, Any]) -> None:
        a, b, c = three()
        ranking = self.both(a, b, c)
        factories.placement(c, factories.slot(ORDER), **fields)
        assert shown(lists.load(ranking)) == PLAIN

    def test_a_booking_of_a_product_that_a_gate_keeps_out(self) -> None:
        a, b, c = three()
        ranking = self.both(a, b, c)
        factories.placement(c, factories.slot(ORDER))
        c.label_readable = False
        c.save()
        page = lists.load(ranking)
        assert (shown(page), page.effects) == (PLAIN[:2], ())
        assert [entry.slug for entry, _ in page.failed] == ["c"]

    def test_a_booking_of_a_recalled_product(self) -> None:
        a, b, c = three()
        ranking = self.both(a, b, c)
        factories.placement(c, factories.slot(ORDER))
        c.recalled_on, c.recall_notice = timezone.localdate(), "Glass."
        c.save()
        page = lists.load(ranking)
        assert (shown(page), page.effects) == (PLAIN[:2], ())

    def test_a_booking_of_a_product_that_is_not_listed(self) -> None:
        """Booked before the slot was given to the list, or before the product was dropped from it."""
        a, b, c = three()
        factories.placement(c, factories.slot(ORDER))
        assert shown(lists.load(self.both(a, b))) == PLAIN[:2]

    def test_a_cap_that_was_lowered_since(self, settings: Any) -> None:
        a, b, c = three()
        ranking = self.both(a, b, c)
        factories.placement(b, factories.slot(ADJUSTMENT), adjustment=Decimal("0.5"))
        settings.SCORE_ADJUSTMENT_CAP = Decimal("0.1")
        assert shown(lists.load(ranking))[1] == ("b", "2", "7.7")

    def test_a_sensitive_topic_shows_none(self) -> None:
        a, b, c = three()
        ranking = self.both(a, b, c)
        factories.offer(a)
        factories.placement(c, factories.slot(ORDER))
        Topic.objects.update(sensitive=True)
        ranking.refresh_from_db()
        page = lists.load(Ranking.objects.select_related("methodology__current_version", "topic").get())
        assert (shown(page), page.effects, page.bands, page.offers) == (PLAIN, (), (), [])


class TestBand:
    def test_it_stands_beside_any_list(self) -> None:
        a, b, c = three()
        ranking = listed(a, b, c, slots=(factories.slot(BAND),))
        booked = factories.placement(c, factories.slot(BAND))
        page = lists.load(ranking)
        assert (shown(page), page.bands) == (PLAIN, (booked,))

    def test_of_another_list(self) -> None:
        a, b, c = three()
        factories.placement(c, factories.slot(BAND))
        assert lists.load(listed(a, b, c)).bands == ()


class TestOffers:
    """A row's button is the lowest fresh price, whoever pays."""

    def prices(self, **shops: tuple[str | None, dict[str, Any]]) -> list[str]:
        item = reviewed("a")
        for slug, (price, fields) in shops.items():
            shop = factories.merchant(slug)
            factories.offer(item, at=shop, paid=slug.startswith("paid"), price=price, **fields)
        (row,) = lists.load(listed(item)).rows
        return [offer.offer.merchant.slug for offer in row.offers]

    def test_the_lowest_first(self) -> None:
        assert self.prices(paid=("9.00", {}), free=("8.00", {}), paidtoo=("7.00", {})) == ["paidtoo", "free", "paid"]

    def test_commission_moves_nothing(self) -> None:
        assert self.prices(free=("8.00", {}), paid=("8.01", {}))[0] == "free"

    def test_out_of_stock_comes_last(self) -> None:
        found = self.prices(
            cheap=("1.00", {"in_stock": False}), dear=("9.00", {"in_stock": True}), unknown=("5.00", {})
        )
        assert found == ["unknown", "dear", "cheap"]

    def test_without_a_price_by_name(self) -> None:
        assert self.prices(zeta=("9.00", {}), beta=(None, {}), alpha=(None, {})) == ["zeta", "alpha", "beta"]

    def test_a_stale_price_is_none(self) -> None:
        item = reviewed("a")
        offer = factories.offer(item, price=None)
        Price.objects.create(
            offer=offer, amount=Decimal(1), currency="EUR", source="feed", as_of=NOW - timedelta(hours=73)
        )
        factories.offer(item, paid=False, price="9.00")
        (row,) = lists.load(listed(item)).rows
        assert [(priced.offer.merchant.slug, priced.amount) for priced in row.offers] == [
            ("pharmacy", Decimal("9.00")),
            ("northshop", None),
        ]

    def test_no_offer_is_no_button(self) -> None:
        page = lists.load(listed(reviewed("a")))
        assert (page.rows[0].offer, page.paid_rows, page.paid_count) == (None, (False,), 0)

    def test_paid_rows_are_counted(self) -> None:
        a, b, c = three()
        factories.offer(a)
        factories.offer(b, paid=False)
        page = lists.load(listed(a, b, c))
        assert (page.paid_rows, page.paid_count) == ((True, False, False), 1)


class TestPages:
    def many(self) -> Ranking:
        return listed(*(reviewed(f"p{number:02}", f"{9 - number / 10:.1f}", "5.0") for number in range(45)))

    def test_twenty_rows_a_page(self) -> None:
        ranking = self.many()
        first = lists.load(ranking)
        second = lists.load(ranking, after=first.after)
        third = lists.load(ranking, after=second.after)
        assert [len(page.rows) for page in (first, second, third)] == [20, 20, 5]
        assert (first.after, second.after, third.after) == ("p19", "p39", "")
        assert [row.place.key for row in (*first.rows, *second.rows, *third.rows)] == [f"p{n:02}" for n in range(45)]
        assert (first.after_given, second.after_given, first.total) == (False, True, 45)

    def test_the_number_of_queries_is_the_same(self, django_assert_num_queries: Any) -> None:
        ranking = self.many()
        with django_assert_num_queries(6):
            lists.load(ranking)

    @pytest.mark.parametrize("after", ["nothing", "\x00", "p45", "P01", "a" * 500])
    def test_after_what_is_not_there(self, after: str) -> None:
        with pytest.raises(lists.UnknownRow):
            lists.load(listed(reviewed("a")), after=after)


class TestDose:
    def test_each_market_strictest_first(self, settings: Any) -> None:
        settings.MARKETS = ("US", "EU", "GB")
        (row,) = lists.load(listed(reviewed("a", mg="617"))).rows
        assert row.dose is not None
        assert row.dose.mg == Decimal(100)
        assert [(share.market, share.limit_mg, share.percent) for share in row.dose.shares] == [
            ("EU", Decimal(250), 40),
            ("US", Decimal(350), 29),
            ("GB", Decimal(400), 25),
        ]
        assert row.dose.compounds == (("Trimagnesium dicitrate, anhydrous", Decimal("617.00")),)

    def test_an_accessory_has_none(self) -> None:
        strap = reviewed(
            "s", mg=None, category="accessory", form="strap", servings_per_pack=None, servings_per_day=None
        )
        page = lists.load(listed(strap))
        assert (page.rows[0].dose, page.has_doses) == (None, False)


def test_robustness_in_percent() -> None:
    ranking = listed(reviewed("a"))
    ranking.entries.update(keeps_place=Decimal("0.864"))
    (row,) = lists.load(ranking).rows
    assert row.keeps_percent == 86
    ranking.entries.update(keeps_place=None)
    assert lists.load(ranking).rows[0].keeps_percent is None
