"""The chain: one way to write a value, hashes that bind every field, and problems that name entry and field."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from crampinfo.lib import chain

T0, T1 = "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:01.000000Z"


def entry(number: int = 1, **more: Any) -> dict[str, Any]:
    header = {"number": number, "at": T0, "recorded": T0, "kind": "score", "subject": "product:1", "role": "Reviewer"}
    return {**header, "reason": "Why.", "payload": {"value": "7.5", "name": "Ash"}, **more}


def chained(*entries: dict[str, Any]) -> list[dict[str, Any]]:
    head, found = chain.BEGINNING, []
    for one in entries or [entry(number) for number in (1, 2, 3)]:
        found.append(chain.sealed(one, head))
        head = found[-1]["hash"]
    return found


def walk(lines: list[dict[str, Any]]) -> list[str]:
    found = chain.Walk()
    said = [str(problem) for line in lines for problem in found.step(line)]
    return [*said, *map(str, found.close())]


class TestWriting:
    """Canonical JSON, numbers and moments."""

    def test_canonical(self) -> None:
        assert chain.canonical({"b": [1, True, None], "a": "é\n<"}) == '{"a":"é\\n<","b":[1,true,null]}'
        with pytest.raises(ValueError, match="not JSON compliant"):
            chain.canonical(float("nan"))

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            *(("0", "0"), ("-0", "0"), ("0.00", "0"), ("7.50", "7.5"), ("10", "10"), ("-2.0", "-2")),
            *(("1E+3", "1000"), ("1E-7", "0.0000001")),
        ],
    )  # fmt: skip
    def test_number(self, value: str, text: str) -> None:
        assert chain.number(Decimal(value)) == text

    @pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
    def test_no_number(self, value: str) -> None:
        with pytest.raises(ValueError, match="it is no number"):
            chain.number(Decimal(value))

    def test_moment(self) -> None:
        assert chain.moment(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))) == T0
        with pytest.raises(ValueError, match="no time zone"):
            chain.moment(datetime(2026, 1, 1))  # noqa: DTZ001

    @pytest.mark.parametrize(
        ("value", "plain"),
        [
            ("é", "é"), (None, None), (True, True), (7, 7), (Decimal("7.50"), "7.5"), (date(2026, 1, 1), "2026-01-01"),
            (datetime(2026, 1, 1, tzinfo=UTC), T0), ((1, [Decimal(2)]), [1, ["2"]]),
            ({"a": {1: Decimal(3)}}, {"a": {"1": "3"}}),
            ("line\nbreak", "line\nbreak"),
        ],
    )  # fmt: skip
    def test_plain(self, value: Any, plain: Any) -> None:
        assert chain.plain(value) == plain
        assert type(chain.plain(value)) is type(plain)

    @pytest.mark.parametrize("value", [0.1, b"x", {1, 2}, object()])
    def test_what_has_no_one_way_to_be_written(self, value: Any) -> None:
        with pytest.raises(TypeError, match="can't stand in the ledger"):
            chain.plain({"a": [value]})

    @pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfffy", "\n\udbff"])
    def test_what_no_database_takes(self, text: str) -> None:
        with pytest.raises(ValueError, match="can't be stored"):
            chain.plain([text])

    def test_characters_beside_those(self) -> None:
        assert chain.plain("\ud7ff\ue000\n") == "\ud7ff\ue000\n"


class TestHash:
    """As docs/ledger.md says it, computed here once more by hand."""

    def test_it_works(self) -> None:
        one = chain.sealed(entry(), chain.BEGINNING)

        def digest(value: Any) -> str:
            return sha256(
                json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            ).hexdigest()

        fields = {**entry(), **entry()["payload"]}
        del fields["payload"]
        marks = "".join(digest(fields[name])[:8] for name in sorted(fields))
        bound = fields | {"reason": digest("Why."), "name": digest("Ash")}
        assert (one["marks"], one["previous"]) == (marks, "0" * 64)
        assert one["hash"] == digest([bound, marks, "0" * 64])

    def test_a_payload_may_not_take_a_headers_name(self) -> None:
        with pytest.raises(ValueError, match=r"a field named at, kind: every entry"):
            chain.fields_of(entry(payload={"kind": "x", "at": "y", "z": 1}))

    def test_a_removed_word_keeps_its_digest(self) -> None:
        one = chain.sealed(entry(), chain.BEGINNING)
        gone = {**one, "payload": one["payload"] | {"name": "[removed]"}, "removed": {"name": chain.digest("Ash")}}
        assert chain.entry_hash(gone) == one["hash"]
        assert chain.digests(gone) == chain.digests(one)
        assert chain.digests({**one, "removed": None}) == chain.digests(one)

    def test_a_number_can_not_be_removed(self) -> None:
        one = chain.sealed(entry(), chain.BEGINNING)
        gone = {**one, "payload": one["payload"] | {"value": "9"}, "removed": {"value": chain.digest("7.5")}}
        assert chain.entry_hash(gone) != one["hash"]
        assert chain.digests(gone)["value"] == chain.digest("9")


class TestWalk:
    """What is wrong is named."""

    def test_it_works(self) -> None:
        lines = chained()
        found = chain.Walk()
        assert [problem for line in lines for problem in found.step(line)] == []
        assert (found.number, found.head, list(found.close())) == (3, lines[-1]["hash"], [])

    @pytest.mark.parametrize("name", ["kind", "subject", "role", "reason", "value", "name"])
    def test_a_changed_field(self, name: str) -> None:
        lines = chained()
        if name in lines[1]["payload"]:
            lines[1]["payload"] = lines[1]["payload"] | {name: "x"}
        else:
            lines[1][name] = "x"
        assert walk(lines) == [
            f"Entry 2, {name}: It was changed after it was written: it no longer makes the entry's hash."
        ]

    def test_two_changed_fields(self) -> None:
        lines = chained()
        lines[1] |= {"kind": "x", "role": "y"}
        assert [problem.partition(":")[0] for problem in walk(lines)] == ["Entry 2, kind", "Entry 2, role"]

    def test_a_field_more_or_less(self) -> None:
        for payload in ({"value": "7.5"}, {"value": "7.5", "name": "Ash", "more": 1}):
            lines = chained()
            lines[1]["payload"] = payload
            assert [problem.partition(":")[0] for problem in walk(lines)] == ["Entry 2, payload"]

    @pytest.mark.parametrize("name", ["marks", "previous", "hash"])
    def test_what_chains_it(self, name: str) -> None:
        lines = chained()
        lines[1][name] = "0" * len(lines[1][name])
        assert [problem.partition(":")[0] for problem in walk(lines)] == [f"Entry 2, {name}"]

    def test_a_hash_that_was_changed_blames_nobody_after_it(self) -> None:
        """The next entry follows the hash as it was, or as it stands there: neither is its fault."""
        lines = chained()
        lines[1]["hash"] = "f" * 64
        assert len(walk(lines)) == 1
        lines = chained(entry(1), entry(2))
        lines[1] = chain.sealed(entry(2), lines[0]["hash"])
        lines.append(chain.sealed(entry(3), "e" * 64))
        assert walk(lines) == ["Entry 3, previous: It does not follow entry 2: something between was changed."]

    def test_missing_doubled_and_moved(self) -> None:
        one, two, three = chained()
        missing = "Entry 2 should stand here: entries are missing or in another order."
        doubled = "Entry 3 should stand here: entries are doubled or in another order."
        assert walk([one, three])[0] == f"Entry 3, number: {missing}"
        assert walk([one, two, two])[0] == f"Entry 2, number: {doubled}"
        assert walk([one, {**two, "number": "2"}])[0].startswith(
            "Entry 2, number: Entry 2 should stand here: entries are doubled"
        )
        after_a_gap = chain.Walk()
        list(after_a_gap.step(three))
        assert after_a_gap.number == 3

    def test_a_number_that_is_none(self) -> None:
        found = chain.Walk()
        list(found.step({**chained()[0], "number": None}))
        assert found.number == 1

    def test_a_field_is_missing(self) -> None:
        lines = chained()
        bare = {name: value for name, value in lines[1].items() if name not in ("role", "hash")}
        said = walk([lines[0], bare, lines[2]])
        assert said[0] == "Entry 2, hash, role: This field is missing or of a wrong form."
        assert not any("number" in one for one in said)
        assert walk([{**lines[0], "payload": []}]) == ["Entry 1, payload: This field is missing or of a wrong form."]

    @pytest.mark.parametrize("name", ["at", "recorded"])
    def test_times_that_go_back(self, name: str) -> None:
        lines = chained(entry(1, at=T1, recorded=T1), entry(2, **{"at": T1, "recorded": T1} | {name: T0}))
        assert walk(lines) == [f"Entry 2, {name}: It is earlier than the entry before ({T1})."]
        assert walk(chained(entry(1, at=T1, recorded=T1), entry(2, at=T1, recorded=T1))) == []

    def removed(self, name: str, *after: dict[str, Any]) -> list[str]:
        lines = chained(entry(1), *after)
        value = lines[0]["payload"].get(name)
        lines[0] |= {"removed": {name: chain.digest(value)}, "payload": lines[0]["payload"] | {name: "[removed]"}}
        return walk(lines)

    def test_removals(self) -> None:
        told = entry(2, kind="redaction", subject="entry:1", payload={"fields": ["name"]})
        other = entry(2, kind="redaction", subject="entry:1", payload={"fields": ["reason"]})
        unsaid = "Entry 1, name: It was removed, but no redaction entry says so."
        assert self.removed("name", told) == []
        assert self.removed("name") == [unsaid]
        assert self.removed("name", other) == [unsaid]
        assert self.removed("name", {**told, "subject": "entry:2"}) == [unsaid]
        assert self.removed("name", {**told, "kind": "score"}) == [unsaid]
        assert self.removed("name", {**told, "subject": "entry:"}) == [unsaid]
        assert self.removed("name", {**told, "payload": {"n": 1}}) == [unsaid]

    def test_what_can_not_be_removed(self) -> None:
        said = self.removed("value", entry(2, kind="redaction", subject="entry:1", payload={"fields": ["value"]}))
        assert "Entry 1, value: This field can't be removed from an entry." in said

    def test_a_problem_in_words(self) -> None:
        assert str(chain.Problem(3, "", "Odd.")) == "Entry 3: Odd."
        assert str(chain.Problem(3, "at", "Odd.")) == "Entry 3, at: Odd."
