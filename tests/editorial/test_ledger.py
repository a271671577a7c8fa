"""The ledger grows, every entry chained to the one before, and does nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crampinfo.editorial import guard, ledger
from crampinfo.editorial.models import LedgerEntry
from crampinfo.lib import chain
from tests import factories, ledgerguard

pytestmark = pytest.mark.django_db
SENTENCE = r"^The ledger is append-only: write a correcting entry instead of changing one\.$"
HOUR = timedelta(hours=1)


@pytest.fixture
def entry() -> LedgerEntry:
    return ledger.record("score", "product:12", {"value": Decimal("7.50")}, role="Reviewer", reason="Why.")


@transaction.atomic
def record_and_fail() -> None:
    ledger.record("x", "a:1", {"a": 1})
    raise RuntimeError


def problems() -> list[str]:
    """What the chain says of itself."""
    walk = chain.Walk()
    found = [str(problem) for row in LedgerEntry.objects.order_by("number") for problem in walk.step(row.line())]
    return found + [str(problem) for problem in walk.close()]


def test_it_works(entry: LedgerEntry) -> None:
    found = LedgerEntry.objects.get(kind="score")
    assert (found.number, found.subject, found.role, found.reason) == (2, "product:12", "Operator", "Why.")
    assert (found.payload, found.at) == ({"value": "7.5"}, found.recorded)
    assert problems() == []


def test_the_first_entry_tells_the_settings(entry: LedgerEntry) -> None:
    first = LedgerEntry.objects.get(number=1)
    assert (first.kind, first.subject, first.previous) == ("settings", "site", chain.BEGINNING)
    assert first.payload["cap"] == "0.5"
    assert entry.previous == first.hash


def test_a_setting_that_changed_is_told_before_anything_else(entry: LedgerEntry, settings: object) -> None:
    settings.SCORE_ADJUSTMENT_CAP = Decimal("0.3")  # type: ignore[attr-defined]
    ledger.record("x", "a:1", {"a": 1})
    assert list(LedgerEntry.objects.values_list("kind", flat=True)) == ["settings", "score", "settings", "x"]


def test_settings_alone_are_noted_once(entry: LedgerEntry, settings: object) -> None:
    assert ledger.note_settings() is None
    settings.ALLOW_INFLUENCED_LISTS = False  # type: ignore[attr-defined]
    noted = ledger.note_settings()
    assert noted is not None
    assert noted.payload["influenced_lists"] is False
    assert ledger.note_settings() is None


def test_a_ledger_that_has_not_begun_stays_empty() -> None:
    assert ledger.note_settings() is None
    assert ledger.head() is None


def test_a_subject_is_named_by_its_number() -> None:
    brand = factories.brand()
    assert ledger.record("x", brand, {"a": 1}).subject == f"brand:{brand.pk}"


def test_a_long_reason_is_cut() -> None:
    assert len(ledger.record("x", "b:1", {"a": 1}, reason="x" * 600).reason) == 500


def test_every_row_made_by_hand_is_chained_too() -> None:
    LedgerEntry.objects.create(kind="x", subject="a:1", payload={"a": 1})
    LedgerEntry(kind="x", subject="a:1", payload={"a": 2}).save()
    LedgerEntry.objects.bulk_create([LedgerEntry(kind="x", subject="a:1", payload={"a": n}) for n in (3, 4)])
    rows = LedgerEntry.objects.order_by("number")
    assert [(row.number, row.payload["a"]) for row in rows] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert problems() == []


def test_a_number_given_by_hand_is_not_taken(entry: LedgerEntry) -> None:
    row = LedgerEntry(number=entry.number, kind="x", subject="y:1", payload={"a": 1})
    row.save()
    assert row.number == entry.number + 1


def test_what_fails_leaves_no_gap(entry: LedgerEntry) -> None:
    with pytest.raises(RuntimeError):
        record_and_fail()
    assert ledger.record("x", "a:1", {"a": 2}).number == entry.number + 1
    assert problems() == []


def test_many_at_once_are_checked() -> None:
    with pytest.raises(ValidationError, match="payload"):
        LedgerEntry.objects.bulk_create([LedgerEntry(kind="x", subject="a:1")])
    with pytest.raises(TypeError, match="float can't stand in the ledger"):
        ledger.record("x", "a:1", {"a": 0.1})
    assert not LedgerEntry.objects.exists()


class TestTime:
    """Times never go back along the chain, whatever clocks say."""

    def test_a_clock_that_goes_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clocks = [datetime(2026, 3, 29, hour, tzinfo=UTC) for hour in (3, 1, 4)]
        monkeypatch.setattr("crampinfo.editorial.models.ledger.LedgerQuerySet.clock", lambda self: clocks.pop(0))
        rows = [LedgerEntry.objects.create(kind="x", subject="a:1", payload={"a": n}) for n in (1, 2, 3)]
        assert [row.at.hour for row in rows] == [3, 3, 4]
        assert [row.recorded.hour for row in rows] == [3, 3, 4]

    def test_once_begun_everything_counts_from_now(self, entry: LedgerEntry) -> None:
        later = ledger.record("x", "a:1", {"a": 1}, since=timezone.now() - 100 * HOUR)
        assert later.at == later.recorded >= entry.at

    def test_an_import_into_an_empty_ledger_brings_its_history(self) -> None:
        now = timezone.now()
        with ledger.history():
            ledger.record("late", "a:1", {"a": 1}, since=now - HOUR)
            ledger.record("early", "a:2", {"a": 1}, since=now - 2 * HOUR)
            ledger.record("always", "a:3", {"a": 1})
            ledger.record("future", "a:4", {"a": 1}, since=now + HOUR)
        rows = list(LedgerEntry.objects.order_by("number"))
        assert [row.kind for row in rows] == ["settings", "early", "always", "late", "future"]
        assert [row.at for row in rows[:4]] == [now - 2 * HOUR] * 3 + [now - HOUR]
        assert rows[4].at == rows[4].recorded == rows[0].recorded
        assert problems() == []

    def test_later_imports_count_from_now(self, entry: LedgerEntry) -> None:
        with ledger.history():
            ledger.record("late", "a:1", {"a": 1}, since=timezone.now() - HOUR)
        assert LedgerEntry.objects.latest("number").at >= entry.at

    def test_an_import_that_fails_writes_nothing(self) -> None:
        with pytest.raises(RuntimeError), ledger.history():
            record_and_fail()
        assert not LedgerEntry.objects.exists()


class TestNoting:
    """States are noted when they are news."""

    def test_it_works(self) -> None:
        said = [ledger.note("x", "a:1", lambda n=n: {"n": n}) is not None for n in (1, 1, 2, 1)]  # type: ignore[misc]
        assert said == [True, False, True, True]

    def test_several_states_of_one_subject(self) -> None:
        for product, listed in ((1, True), (2, True), (1, True), (1, False)):
            ledger.note("x", "a:1", lambda p=product, on=listed: {"p": p, "on": on}, key="p")  # type: ignore[misc]
        assert LedgerEntry.objects.filter(kind="x").count() == 3

    def test_begin_nothing(self) -> None:
        assert ledger.note("x", "a:1", lambda: {"n": 1}, begin=False) is None
        ledger.note("x", "a:1", lambda: {"n": 1})
        assert ledger.note("x", "a:1", lambda: {"n": 2}, begin=False) is not None

    def test_nothing_to_say(self) -> None:
        assert ledger.note("x", "a:1", lambda: None) is None

    def test_an_import_knows_what_it_has_said_already(self) -> None:
        with ledger.history():
            assert ledger.note("x", "a:1", lambda: {"n": 1}) is not None
            assert ledger.is_on_record("x", "a:1")
            assert ledger.note("x", "a:1", lambda: {"n": 1}) is None
        assert LedgerEntry.objects.filter(kind="x").count() == 1

    def test_a_preview_says_nothing(self) -> None:
        with ledger.unrecorded():
            ledger.record("x", "a:1", {"n": 1})
            ledger.note("x", "a:1", lambda: {"n": 1})
        assert not LedgerEntry.objects.exists()

    def test_a_removed_word_is_no_news(self) -> None:
        ledger.note("x", "a:1", lambda: {"name": "Somebody", "n": 1})
        ledger.redact(2, ["name"], "A person asked.")
        assert ledger.note("x", "a:1", lambda: {"name": "Somebody", "n": 1}) is None
        assert ledger.note("x", "a:1", lambda: {"name": "Somebody else", "n": 1}) is not None


class TestWho:
    """Roles stand in the ledger, never names."""

    def test_in_the_role_that_the_act_needs(self) -> None:
        with ledger.acting(lambda needed: f"as {needed}"):
            assert ledger.record("x", "a:1", {"a": 1}, role="Reviewer").role == "as Reviewer"

    def test_a_program(self) -> None:
        with ledger.acting(ledger.IMPORT):
            assert ledger.record("x", "a:1", {"a": 1}, role="Reviewer").role == "Import"

    def test_a_reason_for_all_of_it(self) -> None:
        with ledger.because("Spring cleaning."):
            assert ledger.record("x", "a:1", {"a": 1}).reason == "Spring cleaning."
            assert ledger.record("x", "a:1", {"a": 1}, reason="Its own.").reason == "Its own."


def change_and_save(entry: LedgerEntry) -> None:
    entry.reason = "Another."
    entry.save()


def bulk_update(entry: LedgerEntry) -> None:
    entry.reason = "Another."
    LedgerEntry.objects.bulk_update([entry], ["reason"])


def bulk_create_again(entry: LedgerEntry) -> None:
    entry.reason = "Another."
    LedgerEntry.objects.bulk_create([entry])


def upsert(entry: LedgerEntry) -> None:
    row = LedgerEntry(pk=entry.pk, kind="x", subject="y", payload={"a": 1})
    LedgerEntry.objects.bulk_create([row], update_conflicts=True, unique_fields=["pk"], update_fields=["reason"])


WAYS: list[Callable[[LedgerEntry], object]] = [
    change_and_save,
    bulk_update,
    bulk_create_again,
    upsert,
    lambda entry: LedgerEntry.objects.update(reason="Another."),
    lambda entry: LedgerEntry.objects.filter(pk=entry.pk).update(reason="Another."),
    lambda entry: LedgerEntry.objects.update_or_create(pk=entry.pk, defaults={"reason": "Another."}),
    lambda entry: LedgerEntry.objects.all().delete(),
    lambda entry: entry.delete(),
]


@pytest.mark.parametrize("way", WAYS)
def test_no_way_changes_an_entry(entry: LedgerEntry, way: Callable[[LedgerEntry], object]) -> None:
    with pytest.raises(PermissionDenied, match=SENTENCE):
        way(entry)
    assert LedgerEntry.objects.get(kind="score").reason == "Why."


def raw(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table=guard.TABLE))


class TestGuard:
    """The database itself refuses, on SQLite and PostgreSQL."""

    SQL = (
        "UPDATE {table} SET reason = 'x' WHERE number = 2",
        "UPDATE {table} SET hash = 'x' WHERE number = 2",
        "DELETE FROM {table} WHERE number = 2",
    )

    @pytest.mark.parametrize("sql", SQL)
    def test_raw_sql(self, entry: LedgerEntry, sql: str) -> None:
        with pytest.raises(IntegrityError, match="append-only"):
            raw(sql)
        assert problems() == []

    def test_a_queryset_that_knows_no_rules(self, entry: LedgerEntry) -> None:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            LedgerEntry._base_manager.filter(number=2).update(reason="x")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            LedgerEntry._base_manager.filter(number=2)._raw_delete("default")

    def test_emptying_the_table(self, entry: LedgerEntry) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has no TRUNCATE")
        with pytest.raises(IntegrityError, match="append-only"):
            raw("TRUNCATE {table}")

    def test_replacing(self, entry: LedgerEntry) -> None:
        names = '"number", "at", recorded, kind, subject, role, reason, payload, removed, marks, previous, hash'
        verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
        end = "" if connection.vendor == "sqlite" else " ON CONFLICT (number) DO UPDATE SET reason = 'x'"
        with pytest.raises(IntegrityError, match="append-only"):
            raw(f"{verb} INTO {{table}} ({names}) SELECT {names} FROM {{table}} WHERE number = 2{end}")

    def test_a_fork_is_refused(self, entry: LedgerEntry) -> None:
        """Two entries can't follow the same one."""
        names = '"at", recorded, kind, subject, role, reason, payload, removed, marks, previous'
        with pytest.raises(IntegrityError):
            raw(f"INSERT INTO {{table}} (number, hash, {names}) SELECT 3, 'x', {names} FROM {{table}} WHERE number = 2")

    def test_the_check_looks(self) -> None:
        assert guard.ledger_is_guarded(None, ["default"]) == []
        ledgerguard.lift()
        [warning] = guard.ledger_is_guarded(None, ["default"])
        assert warning.id == "crampinfo.W003"
        assert "migrate" in str(warning.hint)
        assert guard.ledger_is_guarded(None, None) == []
        guard.install(connection)
        assert guard.ledger_is_guarded(None, ["default"]) == []

    def test_it_can_be_made_again_and_again(self, entry: LedgerEntry) -> None:
        guard.install(connection)
        guard.install(connection)
        with pytest.raises(IntegrityError, match="append-only"):
            raw(self.SQL[0])


class TestForger:
    """Whoever gets past the guard is found: entry and field."""

    FIELDS = (
        ("kind", "product", "kind"),
        ("subject", "product:13", "subject"),
        ("role", "Publisher", "role"),
        ("reason", "Because!", "reason"),
        ("payload", '{"value": "7.6"}', "value"),
        ("marks", "0" * 64, ""),
        ("previous", "f" * 64, "previous"),
        ("hash", "f" * 64, "hash"),
    )

    @pytest.mark.parametrize(("column", "value", "named"), FIELDS)
    def test_a_changed_field_is_named(self, entry: LedgerEntry, column: str, value: str, named: str) -> None:
        ledger.record("x", "a:1", {"a": 1})
        ledgerguard.forge(2, **{column: value})
        [problem] = problems()
        assert problem.startswith(f"Entry 2, {named}" if named else "Entry 2, marks")

    @pytest.mark.parametrize("column", ["at", "recorded"])
    def test_a_moved_time_is_named(self, entry: LedgerEntry, column: str) -> None:
        ledgerguard.forge(2, **{column: entry.at + HOUR})
        assert [problem.split(":")[0] for problem in problems()] == [f"Entry 2, {column}"]

    def test_a_missing_entry(self, entry: LedgerEntry) -> None:
        ledger.record("x", "a:1", {"a": 1})
        with ledgerguard.lifted(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {guard.TABLE} WHERE number = 2")
        assert [problem.split(":")[0] for problem in problems()] == ["Entry 3, number", "Entry 3, previous"]


class TestRemoval:
    """Words can go, once an entry, with a reason; numbers stay and the chain stays whole."""

    def test_it_works(self, entry: LedgerEntry) -> None:
        told = ledger.redact(2, ["reason"], "It named a person.")
        found = LedgerEntry.objects.get(number=2)
        assert (found.reason, found.payload) == (ledger.NOTICE, {"value": "7.5"})
        assert (told.kind, told.subject, told.payload) == ("redaction", "entry:2", {"fields": ["reason"]})
        assert told.reason == "It named a person."
        assert problems() == []

    def test_words_in_the_payload(self) -> None:
        ledger.record("x", "a:1", {"advertiser": "Somebody", "points": Decimal("0.5")})
        ledger.redact(2, ["advertiser"], "Asked for.")
        assert LedgerEntry.objects.get(number=2).payload == {"advertiser": ledger.NOTICE, "points": "0.5"}
        assert problems() == []

    REFUSED = (
        (9, ["reason"], "R.", "The ledger has no entry 9"),
        (2, ["reason"], " ", "Say why"),
        (2, [], "R.", "Name the fields"),
        (2, ["value"], "R.", "value stays: places rest on it"),
        (2, ["advertiser"], "R.", "has nothing in advertiser"),
    )

    @pytest.mark.parametrize(("number", "fields", "reason", "sentence"), REFUSED)
    def test_what_is_refused(
        self, entry: LedgerEntry, number: int, fields: list[str], reason: str, sentence: str
    ) -> None:
        with pytest.raises(ValidationError, match=sentence):
            ledger.redact(number, fields, reason)
        assert LedgerEntry.objects.count() == 2

    def test_once(self, entry: LedgerEntry) -> None:
        ledger.redact(2, ["reason"], "R.")
        with pytest.raises(ValidationError, match="possible once"):
            ledger.redact(2, ["reason"], "R.")
        with pytest.raises(IntegrityError, match="append-only"):
            raw("UPDATE {table} SET reason = 'x', removed = '{{\"reason\": \"x\"}}' WHERE number = 2")

    def test_one_that_nobody_accounts_for_is_found(self, entry: LedgerEntry) -> None:
        """The trigger lets a first removal through; without its entry in the chain it is seen."""
        digests = chain.digests(entry.line())
        removed = {"reason": digests["reason"]}
        LedgerEntry._base_manager.filter(number=2).update(reason="Gone.", removed=removed)
        assert problems() == ["Entry 2, reason: It was removed, but no redaction entry says so."]

    def test_a_number_that_was_removed_is_found(self, entry: LedgerEntry) -> None:
        removed = {"value": chain.digests(entry.line())["value"]}
        LedgerEntry._base_manager.filter(number=2).update(payload={"value": "9"}, removed=removed)
        assert {problem.split(": ")[0] for problem in problems()} == {"Entry 2, value"}
