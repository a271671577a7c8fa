"""manage.py verify_ledger and its sisters: what fits, what doesn't, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from crampinfo.editorial import guard, ledger, workflow
from crampinfo.editorial.models import LedgerEntry
from crampinfo.site import onrecord, verification
from products.models import Placement, PlacementKind, Product
from reviews.models import Methodology, Ranking, RankingEntry, Review, Score
from tests import factories, ledgerguard
from tests.standing import standing

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="class")
def _made(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An influenced list of three, with points for the last."""
    with standing(django_db_blocker, tmp_path_factory.mktemp("media")):
        products = tuple(factories.product(slug) for slug in ("ash", "birch", "cedar"))
        for product, value in zip(products, ("9.0", "7.0", "5.0"), strict=True):
            factories.review(product, scores=(value, value))
        made = factories.ranking("paid", products, compensation="influenced")
        made.slots.set([factories.slot(PlacementKind.ADJUSTMENT)])
        factories.placement(products[2], factories.slot(PlacementKind.ADJUSTMENT))
        yield


@pytest.fixture
def ranking(_made: None) -> Ranking:
    """The list of `_made`. It stands for a whole class, so what needs an empty site stands in TestEmpty."""
    found: Ranking = Ranking.objects.get()
    return found


def run(*arguments: str, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def problems() -> list[str]:
    return verification.verify().problems


class TestEmpty:
    """Where nothing was published."""

    def test_an_empty_ledger_fits(self) -> None:
        assert run("verify_ledger")[0].startswith("Everything fits: 0 entries, 0 lists")

    def test_an_empty_site_opens_nothing(self) -> None:
        onrecord.open_or_note_settings(sender=_app("site"), using="default")
        assert not LedgerEntry.objects.exists()

    def test_a_draft_says_nothing(self) -> None:
        product = factories.product("ash")
        factories.review(product, published=False)
        factories.ranking("free", (product,), published=False)
        assert not LedgerEntry.objects.filter(kind__in=("product", "score", "review", "ranking", "listing")).exists()


class TestVerify:
    """The chain, every list along it, and what the site shows now."""

    def test_it_works(self, ranking: Ranking) -> None:
        out, _err = run("verify_ledger")
        head = LedgerEntry.objects.latest("number")
        assert out.startswith(f"Everything fits: {head.number} entries, 1 lists that changed ")
        assert out.endswith(f"head {head.hash}.\n")

    def test_once_is_enough(self, ranking: Ranking) -> None:
        assert onrecord.note_everything() == []

    def test_a_changed_byte_is_named(self, ranking: Ranking) -> None:
        entry = LedgerEntry.objects.filter(kind="score").earliest("number")
        ledgerguard.forge(entry.number, payload='{"value": "9.9"}')
        with pytest.raises(CommandError, match=r"problems? in \d+ entries"):
            run("verify_ledger")
        assert problems()[0].startswith(f"Entry {entry.number}, ")

    def test_a_changed_value_is_named(self, ranking: Ranking) -> None:
        entry = LedgerEntry.objects.filter(kind="score").earliest("number")
        payload = str(entry.payload | {"value": "9.9"}).replace("'", '"')
        ledgerguard.forge(entry.number, payload=payload)
        [problem] = problems()
        assert (
            problem
            == f"Entry {entry.number}, value: It was changed after it was written: it no longer makes the entry's hash."
        )

    def test_missing_triggers_are_named(self, ranking: Ranking) -> None:
        with ledgerguard.lifted(), pytest.raises(CommandError):
            run("verify_ledger")
        assert guard.missing(connection) == []

    def test_progress(self, ranking: Ranking) -> None:
        seen: list[int] = []
        verification.verify(seen.append)
        assert seen == list(range(1, LedgerEntry.objects.count() + 1))

    def test_what_it_counts(self, ranking: Ranking) -> None:
        report = verification.verify()
        assert (report.entries, report.lists) == (LedgerEntry.objects.count(), 1)
        assert report.head == ledger.head().hash  # type: ignore[union-attr]
        assert report.moved >= 2

    def test_an_entry_that_no_list_can_be_made_of(self, ranking: Ranking) -> None:
        ledger.record("score", "product:1", {"criterion": "label"})
        assert problems()[0].endswith("payload: no list can be made of it (KeyError('value')).")

    def test_entries_that_contradict_each_other(self, ranking: Ranking) -> None:
        entry = LedgerEntry.objects.filter(kind="placement").latest("number")
        for key in (91, 92):
            ledger.record(
                "placement", f"placement:{key}", entry.payload | {"sells": "order", "place": 1, "points": None}
            )
        assert any("Place 1 is booked twice." in problem for problem in problems())


def past(model: Any, **condition: Any) -> Any:
    """Rows past every manager: what raw SQL or a restored backup would change."""
    return model._base_manager.filter(**condition)


class TestBehindItsBack:
    """What was changed in the database alone: the list, the row and the field are named, with the remedy."""

    def test_a_score(self, ranking: Ranking) -> None:
        past(Score, review__product__slug="birch").update(value=Decimal("9.9"))
        [problem] = problems()
        assert problem.startswith("The list paid, row 1, key: the site shows birch, from the ledger follows ash.")
        assert problem.endswith(verification.REMEDY)

    def test_a_smaller_one(self, ranking: Ranking) -> None:
        past(Score, review__product__slug="birch").update(value=Decimal("7.1"))
        assert "row 2, editorial_score: the site shows 7.1, from the ledger follows 7.0." in problems()[0]

    def test_points(self, ranking: Ranking) -> None:
        past(Placement).update(adjustment=Decimal("0.1"))
        assert "row 3, shown_score: the site shows 5.1, from the ledger follows 5.4." in problems()[0]

    def test_a_row(self, ranking: Ranking) -> None:
        past(RankingEntry, product__slug="cedar")._raw_delete("default")
        assert "2 rows are shown, 3 follow from the ledger" in problems()[0]

    def test_a_gate(self, ranking: Ranking) -> None:
        past(Product, slug="cedar").update(label_readable=False)
        found = problems()
        assert any("site and ledger don't agree that a gate keeps out cedar" in problem for problem in found)

    def test_a_list_that_is_shown(self, ranking: Ranking) -> None:
        entry = LedgerEntry.objects.filter(kind="ranking").latest("number")
        ledger.record("ranking", entry.subject, entry.payload | {"from": None})
        assert problems() == [f"The list paid is shown, but by the ledger it is not public. {verification.REMEDY}"]

    def test_a_list_that_is_not_shown(self, ranking: Ranking) -> None:
        past(Ranking).update(retire_at=timezone.now())
        assert problems() == [
            f"By the ledger the list paid is public, but the site does not show it. {verification.REMEDY}"
        ]

    def test_a_score_that_is_missing(self, ranking: Ranking) -> None:
        past(Score, review__product__slug="birch", criterion__slug="dose")._raw_delete("default")
        assert problems()[0].startswith("The list paid can't be shown: ")

    def test_the_remedy(self, ranking: Ranking) -> None:
        """Put on record as it stands, with a reason, and everything fits."""
        past(Product, slug="cedar").update(label_readable=False)
        past(Placement).update(adjustment=Decimal("0.1"))
        past(RankingEntry, product__slug="birch")._raw_delete("default")
        assert problems()
        with pytest.raises(CommandError, match="Say why with --reason"):
            run("correct_ledger")
        before = LedgerEntry.objects.count()
        out, _err = run("correct_ledger", dry_run=True)
        assert out.endswith("3 corrections would be noted.\n")
        assert LedgerEntry.objects.count() == before
        out, _err = run("correct_ledger", reason="A backup was restored.")
        assert out.endswith("3 corrections noted.\n")
        entry = LedgerEntry.objects.latest("number")
        assert (entry.role, entry.reason.startswith("Correction: A backup was restored.")) == ("Operator", True)
        assert problems() == []


class TestOpening:
    """A ledger that comes after the content begins with it; settings are noted when they change."""

    @pytest.fixture
    def unrecorded(self) -> Ranking:
        with ledger.unrecorded():
            product = factories.product("ash")
            factories.review(product)
            made = factories.ranking("free", (product,))
            factories.article("stretching")
        return made

    def test_it_works(self, unrecorded: Ranking) -> None:
        assert not LedgerEntry.objects.exists()
        onrecord.open_or_note_settings(sender=_app("site"), using="default")
        assert problems() == []
        kinds = set(LedgerEntry.objects.values_list("kind", flat=True))
        assert kinds >= {"settings", "methodology", "product", "score", "review", "ranking", "listing", "publication"}
        assert LedgerEntry.objects.filter(kind="listing", reason=onrecord.OPENING).exists()

    def test_another_app_opens_nothing(self, unrecorded: Ranking) -> None:
        onrecord.open_or_note_settings(sender=_app("reviews"), using="default")
        assert not LedgerEntry.objects.exists()

    def test_settings_that_changed(self, unrecorded: Ranking, settings: Any) -> None:
        assert run("record_settings")[0] == "The settings are on record.\n"
        onrecord.note_everything()
        settings.SCORE_ADJUSTMENT_CAP = Decimal("0.2")
        assert run("record_settings")[0].startswith("Entry ")
        settings.SCORE_ADJUSTMENT_CAP = Decimal("0.1")
        onrecord.open_or_note_settings(sender=_app("site"), using="default")
        assert LedgerEntry.objects.latest("number").payload["cap"] == "0.1"


def _app(label: str) -> Any:
    return apps.get_app_config(label)


class TestRedaction:
    """manage.py redact_ledger_entry."""

    def test_it_works(self, ranking: Ranking) -> None:
        entry = LedgerEntry.objects.filter(kind="placement").latest("number")
        out, _err = run(
            "redact_ledger_entry", str(entry.number), "--field", "advertiser", "--reason", "A person asked."
        )
        head = LedgerEntry.objects.latest("number")
        assert out == f"Removed from entry {entry.number}: advertiser. Entry {head.number} says so, and why.\n"
        assert problems() == []
        assert LedgerEntry.objects.get(number=entry.number).payload["advertiser"] == ledger.NOTICE

    def test_refused(self, ranking: Ranking) -> None:
        with pytest.raises(CommandError, match="places rest on it"):
            run("redact_ledger_entry", "3", "--field", "value", "--reason", "R.")
        with pytest.raises(CommandError, match="no entry 999"):
            run("redact_ledger_entry", "999", "--reason", "R.")


def rescore() -> None:
    factories.score(Review.objects.get(product__slug="ash"), "label", "1.0", changed_because="B.")


def end_early() -> None:
    _set(Placement.objects.get(), ended_early_at=timezone.now(), ended_reason="Asked.")


def _set(row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


@transaction.atomic
def rescore_and_fail() -> None:
    before = LedgerEntry.objects.count()
    rescore()
    assert LedgerEntry.objects.count() == before + 1
    raise RuntimeError


class TestOnRecord:
    """Each change is noted in the transaction that makes it, on every path; a draft says nothing."""

    def kinds_after(self, number: int) -> list[str]:
        return list(LedgerEntry.objects.filter(number__gt=number).order_by("number").values_list("kind", flat=True))

    @pytest.mark.parametrize(
        ("change", "kinds"),
        [
            (rescore, ["score"]),
            (lambda: Product.objects.get(slug="ash").ingredients.get().delete(), ["product"]),
            (lambda: RankingEntry.objects.get(product__slug="ash").delete(), ["listing"]),
            (lambda: _set(Product.objects.get(slug="ash"), name="Other"), ["product"]),
            (lambda: workflow.retire(Ranking.objects.get()), ["ranking"]),
            (lambda: Ranking.objects.get().slots.clear(), ["ranking"]),
            (lambda: factories.slot(PlacementKind.ADJUSTMENT).rankings.clear(), ["ranking"]),
            (lambda: _set(factories.topic(), sensitive=True), ["ranking"]),
            (end_early, ["placement"]),
            (lambda: factories.offer(Product.objects.get(slug="ash")), ["paid_offer"]),
            (lambda: factories.offer(Product.objects.get(slug="ash"), paid=False), []),
            (lambda: factories.offer(Product.objects.get(slug="ash")).delete(), ["paid_offer", "paid_offer"]),
            (lambda: _set(Methodology.objects.get(), title="Only words"), []),
        ],
    )  # fmt: skip
    def test_each_change(self, ranking: Ranking, change: Any, kinds: list[str]) -> None:
        before = LedgerEntry.objects.count()
        change()
        assert self.kinds_after(before) == kinds
        assert problems() == []

    def test_what_is_undone_is_not_on_record(self, ranking: Ranking) -> None:
        before = LedgerEntry.objects.count()
        with pytest.raises(RuntimeError):
            rescore_and_fail()
        assert LedgerEntry.objects.count() == before
