"""Where products stand: shared places, gates, missing scores, changes, and what is stored of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crampinfo.editorial import workflow
from products.models import Ingredient, Product
from reviews import listeners, scoring, standing, tasks
from reviews.models import Criterion, MethodologyVersion, Ranking, RankingEntry, Review, Score, Weight
from tests import factories

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def reviewed(slug: str, *scores: str, **product: Any) -> Product:
    item = factories.product(slug, **product)
    factories.review(item, scores=scores or ("8.0", "7.0"))
    return item


def listed(*products: Product, **fields: Any) -> Ranking:
    """A list, as its page loads it."""
    made = factories.ranking(products=products, **fields)
    return Ranking.objects.select_related("methodology__current_version").get(pk=made.pk)


def places(found: standing.Standing) -> list[tuple[str, str]]:
    return [(row.key, f"{row.place}{'=' if row.shared else ''}") for row in found.placed]


def test_it_works() -> None:
    found = standing.load(listed(reviewed("b", "8.0", "7.0"), reviewed("a", "9.0", "9.0"), reviewed("c", "2.0", "3.0")))
    assert places(found) == [("a", "1"), ("b", "2"), ("c", "3")]
    assert [found.entries[slug].score for slug in "abc"] == [Decimal("9.0"), Decimal("7.6"), Decimal("2.4")]
    assert [(row.slug, row.name, row.weight, row.share) for row in found.criteria] == [
        ("label", "Label", Decimal(60), Decimal(60)),
        ("dose", "Dose", Decimal(40), Decimal(40)),
    ]
    assert (found.margin, found.failed, found.changes) == (Decimal("0.2"), (), ())


def test_it_is_two_queries(django_assert_num_queries: Any) -> None:
    ranking = listed(*(reviewed(f"p{number}") for number in range(5)))
    with django_assert_num_queries(2):
        assert len(standing.load(ranking).placed) == 5


def test_places_are_shared_within_the_margin() -> None:
    """Less than 0.2 below the leader of the group: 9.0, then 7.6 and 7.5, then 7.4 which is 0.2 below."""
    found = standing.load(
        listed(
            reviewed("a", "9.0", "9.0"),
            reviewed("b", "8.0", "7.0"),
            reviewed("c", "8.0", "6.8"),
            reviewed("d", "8.0", "6.5"),
        )
    )
    assert places(found) == [("a", "1"), ("b", "2="), ("c", "2="), ("d", "4")]


def test_ties_are_broken_by_the_criterion_then_the_name() -> None:
    found = standing.load(listed(reviewed("b", "7.0", "7.0"), reviewed("a", "7.0", "7.0"), reviewed("c", "9.0", "4.0")))
    assert [found.entries[row.key].score for row in found.placed] == [Decimal("7.0")] * 3
    assert places(found) == [("c", "1="), ("a", "1="), ("b", "1=")]


class TestMissing:
    """A missing score is an error, never a zero and never left out."""

    def add_criterion(self) -> None:
        """A second version weighs something that nobody has scored."""
        method = factories.methodology()
        new = Criterion.objects.create(methodology=method, slug="taste", name="Taste", description="How.", position=3)
        version = MethodologyVersion.objects.create(
            methodology=method, number=2, effective_from=timezone.localdate(), tie_breaker=method.criteria.all()[0]
        )
        for criterion in method.criteria.all():
            Weight.objects.create(version=version, criterion=criterion, value=Decimal(10))
        version.freeze()
        method.current_version = version
        method.save()
        assert new.pk

    def test_of_one_product(self) -> None:
        one, two = reviewed("a"), reviewed("b")
        ranking = listed(one, two)
        self.add_criterion()
        factories.score(Review.objects.get(product=one), "taste", "5.0")
        ranking.methodology.refresh_from_db()
        with pytest.raises(scoring.MissingScore, match="Not scored yet: taste"):
            standing.load(ranking)

    def test_of_every_product(self) -> None:
        """The criterion is read from the weights: nobody's score would name it."""
        ranking = listed(reviewed("a"), reviewed("b"))
        self.add_criterion()
        ranking.methodology.refresh_from_db()
        with pytest.raises(scoring.MissingScore, match="Not scored yet: taste"):
            standing.load(ranking)

    def test_it_keeps_nobody_from_saving(
        self, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        item = reviewed("a")
        listed(item)
        with django_capture_on_commit_callbacks(execute=True):
            self.add_criterion()
            item.save()
        assert "The places of List of magnesium could not be stored." in caplog.text

    def test_a_criterion_of_an_older_version_is_not_looked_at(self) -> None:
        item = reviewed("a")
        ranking = listed(item)
        method = factories.methodology()
        version = MethodologyVersion.objects.create(
            methodology=method, number=2, effective_from=timezone.localdate(), tie_breaker=method.criteria.all()[0]
        )
        Weight.objects.create(version=version, criterion=method.criteria.all()[0], value=Decimal(1))
        version.freeze()
        method.current_version = version
        method.save()
        ranking.methodology.refresh_from_db()
        found = standing.load(ranking)
        assert found.entries["a"].score == Decimal("8.0")
        assert [row.slug for row in found.criteria] == ["label"]


class TestGates:
    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"mg": "2000", "compound": "oxide"}, "over_limit"),
            ({"recalled_on": timezone.localdate(), "recall_notice": "Glass."}, "recalled"),
            ({"label_readable": False}, "no_label"),
            ({"mg": None}, "no_label"),
        ],
    )
    def test_who_fails_stands_unnumbered(self, fields: dict[str, Any], code: str) -> None:
        found = standing.load(listed(reviewed("bad", "10.0", "10.0", **fields), reviewed("good")))
        assert places(found) == [("good", "1")]
        assert [(entry.slug, [failure.code for failure in entry.failures]) for entry in found.failed] == [
            ("bad", [code])
        ]

    def test_a_warning_on_the_label_opens_one(self) -> None:
        strong = reviewed("strong", mg="2000", compound="oxide", label_warns_limit=True)
        assert standing.load(listed(strong)).failed == ()

    def test_the_strictest_served_market_decides(self, settings: Any) -> None:
        ranking = listed(reviewed("a", mg="500", compound="oxide"))  # 301.5 mg: over the EU's 250, under the US's 350
        settings.MARKETS = ("US",)
        assert standing.load(ranking).failed == ()
        settings.MARKETS = ("US", "EU")
        assert len(standing.load(ranking).failed) == 1

    def test_an_accessory_needs_no_dose(self) -> None:
        strap = reviewed(
            "strap", mg=None, category="accessory", form="strap", servings_per_day=None, servings_per_pack=None
        )
        found = standing.load(listed(strap))
        assert (places(found), found.entries["strap"].elemental_per_day) == ([("strap", "1")], None)

    def test_the_dose_is_of_a_day(self) -> None:
        item = reviewed("a", mg="100", compound="oxide", servings_per_day=Decimal(2))
        Ingredient.objects.create(
            product=item, compound_id=item.ingredients.get().compound_id + 1, compound_mg=Decimal(10)
        )
        assert standing.load(listed(item)).entries["a"].elemental_per_day == item.elemental_a_day()


class TestLive:
    """Only products whose review readers can see stand on a list."""

    def test_a_draft(self) -> None:
        draft = factories.product("draft")
        factories.review(draft, published=False)
        assert places(standing.load(listed(draft, reviewed("a")))) == [("a", "1")]

    def test_no_review(self) -> None:
        assert standing.load(listed(factories.product("bare"), reviewed("a"))).entries.keys() == {"a"}

    def test_retired(self) -> None:
        item = reviewed("gone")
        ranking = listed(item, reviewed("a"))
        workflow.retire(Review.objects.get(product=item))
        assert standing.load(ranking).entries.keys() == {"a"}

    def test_scheduled(self) -> None:
        item = factories.product("soon")
        workflow.publish(factories.review(item, published=False), at=timezone.now() + DAY)
        assert standing.load(listed(item, reviewed("a"))).entries.keys() == {"a"}

    def test_none_at_all(self) -> None:
        found = standing.load(listed(factories.product("bare")))
        assert (found.placed, found.candidates, len(found.criteria)) == ((), (), 2)


def test_a_list_without_a_version_is_empty() -> None:
    ranking = listed(reviewed("a"))
    ranking.methodology.current_version = None
    assert standing.load(ranking) == standing.Standing((), Decimal(0), (), (), {}, (), ())


def test_changes_are_the_newest_six_with_their_reasons() -> None:
    items = [reviewed(f"p{number}") for number in range(7)]
    ranking = listed(*items)
    for number, item in enumerate(items):
        at = timezone.now() - timedelta(hours=10 - number)
        factories.score(Review.objects.get(product=item), "label", "5.0", at=at, changed_because=f"Reason {number}.")
    found = standing.load(ranking).changes
    assert [(change.slug, change.criterion, change.because) for change in found] == [
        (f"p{number}", "Label", f"Reason {number}.") for number in (6, 5, 4, 3, 2, 1)
    ]


class TestRefresh:
    def stored(self) -> list[tuple[str, str, str | None]]:
        rows = RankingEntry.objects.order_by("product__slug").values_list("product__slug", "place", "keeps_place")
        return [(slug, place, None if share is None else str(share)) for slug, place, share in rows]

    def test_it_works(self) -> None:
        ranking = listed(
            reviewed("a", "9.0", "9.0"), reviewed("b", "8.0", "7.0"), reviewed("bad", label_readable=False)
        )
        standing.refresh(ranking)
        assert self.stored() == [("a", "1", "1.000"), ("b", "2", "1.000"), ("bad", "", None)]

    def test_robustness_is_the_share_of_weightings(self) -> None:
        """60/40 varied by a quarter: 9 weightings; a and b lie 0.1 apart and change places in some."""
        ranking = listed(reviewed("a", "9.0", "3.0"), reviewed("b", "5.0", "8.5"))
        standing.refresh(ranking)
        ((_, place_a, keeps_a), (_, place_b, keeps_b)) = self.stored()
        assert (place_a, place_b) == ("1", "2")
        assert keeps_a is not None
        assert keeps_b is not None
        assert Decimal(0) < Decimal(keeps_a) < 1

    def test_after_a_recall(self, django_capture_on_commit_callbacks: Any) -> None:
        item = reviewed("a", "9.0", "9.0")
        standing.refresh(listed(item, reviewed("b")))
        with django_capture_on_commit_callbacks(execute=True):
            item.recalled_on, item.recall_notice = timezone.localdate(), "Glass."
            item.save()
        assert [row[:2] for row in self.stored()] == [("a", ""), ("b", "1")]

    def test_after_another_dose(self, django_capture_on_commit_callbacks: Any) -> None:
        item = reviewed("a", "9.0", "9.0")
        standing.refresh(listed(item, reviewed("b")))
        with django_capture_on_commit_callbacks(execute=True):
            part = item.ingredients.get()
            part.compound_mg = Decimal(5000)
            part.save()
        assert [row[:2] for row in self.stored()] == [("a", ""), ("b", "1")]

    def test_after_a_new_score(self, django_capture_on_commit_callbacks: Any) -> None:
        item = reviewed("a", "9.0", "9.0")
        standing.refresh(listed(item, reviewed("b")))
        with django_capture_on_commit_callbacks(execute=True):
            factories.score(Review.objects.get(product=item), "label", "1.0", changed_because="A new label.")
        assert [row[:2] for row in self.stored()] == [("a", "2"), ("b", "1")]

    def test_after_a_product_is_added(self, django_capture_on_commit_callbacks: Any) -> None:
        ranking = listed(reviewed("a"))
        better = reviewed("b", "9.0", "9.0")
        with django_capture_on_commit_callbacks(execute=True):
            RankingEntry.objects.create(ranking=ranking, product=better, added_on=timezone.localdate())
        assert [row[:2] for row in self.stored()] == [("a", "2"), ("b", "1")]

    def test_after_a_product_is_dropped(self, django_capture_on_commit_callbacks: Any) -> None:
        standing.refresh(listed(reviewed("a"), reviewed("b", "9.0", "9.0")))
        with django_capture_on_commit_callbacks(execute=True):
            RankingEntry.objects.get(product__slug="b").delete()
        assert [row[:2] for row in self.stored()] == [("a", "1")]

    def test_after_a_compound_was_corrected(self, django_capture_on_commit_callbacks: Any) -> None:
        """1,500 mg of a salt with 16 % magnesium keep to 250 mg a day, with 30 % they don't."""
        standing.refresh(listed(reviewed("a", "9.0", "9.0", mg="1500"), reviewed("b", compound="oxide", mg="100")))
        with django_capture_on_commit_callbacks(execute=True):
            compound = Ingredient.objects.get(product__slug="a").compound
            compound.fraction = Decimal("0.3")
            compound.save()
        assert [row[:2] for row in self.stored()] == [("a", ""), ("b", "1")]

    def test_when_a_review_appears_or_disappears_by_its_date(self, django_capture_on_commit_callbacks: Any) -> None:
        """No save announces that: the worker looks for it."""
        with django_capture_on_commit_callbacks(execute=True):
            listed(reviewed("a"), reviewed("b", "9.0", "9.0"))
        soon = timezone.now() + DAY
        Review._base_manager.filter(product__slug="b").update(retire_at=timezone.now() - DAY)
        assert listeners.refresh_by_the_clock(timezone.now() - DAY / 2, soon) == 0, "not within that time"
        assert [row[:2] for row in self.stored()] == [("a", "2"), ("b", "1")]
        assert listeners.refresh_by_the_clock(timezone.now() - 2 * DAY, soon) == 1
        assert [row[:2] for row in self.stored()] == [("a", "1"), ("b", "")]
        Review._base_manager.filter(product__slug="b").update(retire_at=None, publish_at=timezone.now() - DAY / 24)
        tasks.catch_up.call_local()
        assert [row[:2] for row in self.stored()] == [("a", "2"), ("b", "1")]
        Review._base_manager.filter(product__slug="b").update(retire_at=timezone.now() - DAY / 1440)
        tasks.follow_the_clock.call_local()
        assert [row[:2] for row in self.stored()] == [("a", "1"), ("b", "")]

    def test_a_booking_changes_nothing_and_computes_nothing(
        self, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = reviewed("a")
        listed(item)
        done: list[Ranking] = []
        monkeypatch.setattr(standing, "refresh", done.append)
        with django_capture_on_commit_callbacks(execute=True):
            factories.placement(item, factories.slot())
            factories.offer(item, at=factories.merchant("other"))
        assert done == []

    def test_after_publishing(self, django_capture_on_commit_callbacks: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            listed(reviewed("a"))
        assert self.stored() == [("a", "1", "1.000")]

    def test_once_for_many_changes(
        self, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = reviewed("a")
        listed(item)
        done: list[Ranking] = []
        monkeypatch.setattr(standing, "refresh", done.append)
        with django_capture_on_commit_callbacks(execute=True):
            for _ in range(3):
                item.save()
            Score.objects.first()
        assert len(done) == 1
