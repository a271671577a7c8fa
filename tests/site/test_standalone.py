"""The script that readers run: it names what was changed, and puts lists in order exactly as the site does."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crampinfo.lib import chain
from crampinfo.site import exports
from tests import histories
from tests.ledgers import LABEL, START, Ledger, opened, write

# The whole proof is LEDGER_HISTORIES=1000; a few of each kind are enough for every day.
HISTORIES = int(os.environ.get("LEDGER_HISTORIES", "25"))
Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_ledger", exports.SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def check(script: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., list[str]]:
    """Run it over lines and witnesses; what it complains of, without its closing line."""

    def run(lines: Lines | Path, *witnesses: Any) -> list[str]:
        path = lines if isinstance(lines, Path) else write(tmp_path / "ledger.jsonl", lines)
        names = []
        for number, witness in enumerate(witnesses):
            if isinstance(witness, dict):
                (tmp_path / f"{number}.json").write_text(json.dumps(witness) + "\n")
            names.append(witness if not isinstance(witness, dict) else str(tmp_path / f"{number}.json"))
        capsys.readouterr()
        failed = script.main(str(path), *names)
        *said, closing = capsys.readouterr().out.splitlines()
        assert bool(said) == failed
        assert f" {len(said)} problems: " in closing
        return said

    return run


def resealed(lines: Lines, start: int = 0) -> Lines:
    """A forger's work: everything from an entry on chained anew."""
    head = lines[start - 1]["hash"] if start else chain.BEGINNING
    done = lines[:start]
    for line in lines[start:]:
        bare = {name: value for name, value in line.items() if name not in ("marks", "previous", "hash")}
        done.append(chain.sealed(bare, head))
        head = done[-1]["hash"]
    return done


class TestChain:
    """Every byte counts, and what was changed is named."""

    def test_it_works(self, check: Callable[..., list[str]]) -> None:
        assert check(opened().lines()) == []

    @pytest.mark.parametrize("name", ["number", "at", "recorded", "kind", "subject", "role", "reason"])
    def test_a_field_of_the_header(self, check: Callable[..., list[str]], name: str) -> None:
        lines = opened().lines()
        lines[2] = lines[2] | {
            name: 99 if name == "number" else "2026-01-10T09:00:00.000001Z" if name in ("at", "recorded") else "x"
        }
        said = check(lines)
        assert any(line.startswith("Entry ") and (name in line or name == "number") for line in said), said

    @pytest.mark.parametrize("name", ["slug", "name", "mg_per_day", "recalled_on"])
    def test_a_field_of_the_payload(self, check: Callable[..., list[str]], name: str) -> None:
        lines = opened().lines()
        lines[2]["payload"] = lines[2]["payload"] | {name: "7"}
        assert check(lines)[0] == f"Entry 3: {name} was changed after it was written."

    @pytest.mark.parametrize("name", ["marks", "previous", "hash"])
    def test_what_chains_it(self, check: Callable[..., list[str]], name: str) -> None:
        lines = opened().lines()
        lines[2][name] = lines[2][name].replace("a", "b").replace("0", "1")
        assert check(lines)[0].startswith(f"Entry 3: {name}")

    def test_a_line_is_missing(self, check: Callable[..., list[str]]) -> None:
        lines = opened().lines()
        said = check(lines[:2] + lines[3:])
        assert said[0] == "Entry 4: 3 should stand here; some are missing or moved."

    def test_two_lines_are_swapped(self, check: Callable[..., list[str]]) -> None:
        lines = opened().lines()
        lines[4], lines[5] = lines[5], lines[4]
        assert "5 should stand here" in check(lines)[0]

    def test_it_is_cut_off_between_lines(self, check: Callable[..., list[str]], tmp_path: Path) -> None:
        path = write(tmp_path / "l.jsonl", opened().lines())
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
        [said] = check(path)
        assert "the file is cut off: its first line promises" in said

    def test_it_is_cut_off_within_a_line(self, check: Callable[..., list[str]], tmp_path: Path) -> None:
        path = write(tmp_path / "l.jsonl", opened().lines())
        path.write_text(path.read_text()[:-40])
        [said] = check(path)
        assert "it is cut off, or no entry; nothing after it was read" in said

    @pytest.mark.parametrize("content", ["", "[]\n", "{}\n", "<html>\n", '{"ledger":{"number":1,"hash":"x"}}\nnull\n'])
    def test_it_is_no_ledger(self, check: Callable[..., list[str]], tmp_path: Path, content: str) -> None:
        path = tmp_path / "x"
        path.write_text(content)
        assert check(path)

    def test_a_space_more(self, check: Callable[..., list[str]], tmp_path: Path) -> None:
        path = write(tmp_path / "l.jsonl", opened().lines())
        path.write_text(path.read_text().replace('"role":"Reviewer"', '"role": "Reviewer"', 1))
        assert check(path) == ["Line 2: a byte was changed: the site writes this otherwise."]

    def test_times_that_go_back(self, check: Callable[..., list[str]]) -> None:
        lines = opened().lines()
        lines[5] |= {"at": "2026-01-01T00:00:00.000000Z"}
        assert check(resealed(lines)) == ["Entry 6: at was changed after it was written."]

    def test_history_written_anew_is_whole_and_convicted_by_an_old_hash(self, check: Callable[..., list[str]]) -> None:
        """Whoever forges everything makes a good chain; any hash that somebody noted is not in it."""
        lines = opened().lines()
        noted = lines[-1]["hash"]
        forged = [*lines]
        forged[3] = forged[3] | {"payload": forged[3]["payload"] | {"value": "10"}}
        forged = resealed(forged, 3)
        assert check(forged) == []
        assert check(lines, noted) == []
        assert check(forged, noted) == [
            f"{noted}: its hash is not in this ledger, which is older, was rewritten, or is another site's."
        ]

    def test_another_sites_list(self, check: Callable[..., list[str]]) -> None:
        other = {"ledger": {"number": 3, "hash": "f" * 64}, "rows": [], "at": "", "number": 1}
        [said] = check(opened().lines(), other)
        assert "another site's" in said


class TestRemoval:
    """Words may go, once, when a later entry says so."""

    def removed(self, name: str = "name", *, told: bool = True) -> Lines:
        ledger = opened()
        if told:
            ledger.add("redaction", "entry:3", {"fields": [name]}, "A person asked.")
        lines = ledger.lines()
        digests = chain.digests(lines[2])
        lines[2]["removed"] = {name: digests[name]}
        lines[2]["payload"] = lines[2]["payload"] | {name: "[removed]"}
        return lines

    def test_it_works(self, check: Callable[..., list[str]]) -> None:
        assert check(self.removed()) == []

    def test_in_silence(self, check: Callable[..., list[str]]) -> None:
        assert check(self.removed(told=False)) == ["Entry 3: name was removed, but no later entry says why."]

    def test_what_must_stay(self, check: Callable[..., list[str]]) -> None:
        assert check(self.removed("mg_per_day"))[0] == "Entry 3: hash, mg_per_day was changed after it was written."


class TestLists:
    """A list that was downloaded must follow from the entries."""

    def test_it_works(self, check: Callable[..., list[str]]) -> None:
        ledger = opened(influenced=True)
        ledger.placement(1, 3, START, START + timedelta(days=9), points="0.4")
        ledger.placement(2, 2, START, START + timedelta(days=9), sells="order", place=1)
        lines = ledger.lines()
        seen = [
            histories.as_downloaded(number, lines[number - 1]["hash"], at, rebuilt)
            for number, at, rebuilt in histories.looks(ledger, 1, 9)
        ]
        assert seen
        assert [row["product"] for row in seen[-1]["rows"]] == ["p-2", "p-1", "p-3"]
        assert check(lines, *seen) == []

    @pytest.mark.parametrize("name", ["editorial_score", "editorial_place", "shown_score", "shown_place", "product"])
    def test_each_figure_counts(self, check: Callable[..., list[str]], name: str) -> None:
        ledger = opened()
        lines = ledger.lines()
        *_rest, (number, at, rebuilt) = histories.looks(ledger, 1)
        told = histories.as_downloaded(number, lines[number - 1]["hash"], at, rebuilt)
        told["rows"][1][name] = "p-9" if name == "product" else 3
        [said] = check(lines, told)
        assert "its rows don't follow from the ledger" in said

    @pytest.mark.parametrize("seed", range(HISTORIES))
    def test_random_histories(self, check: Callable[..., list[str]], seed: int) -> None:
        """At random moments of a random history the script and the site's own code agree on every list."""
        ledger = histories.random_ledger(seed)
        lines = ledger.lines()
        seen = [
            histories.as_downloaded(number, lines[number - 1]["hash"], at, rebuilt)
            for number, at, rebuilt in histories.looks(ledger, seed)
        ]
        assert check(lines, *_last_of_each_head(seen)) == []

    def test_the_histories_hold_what_they_should(self) -> None:
        """Otherwise the test above would prove less than it says."""
        paid = moved = gated = unscored = shared = 0
        for seed in range(40):
            for _number, _at, rebuilt in histories.looks(histories.random_ledger(seed), seed):
                paid += any(row.effects for row in rebuilt.rows)
                moved += any(row.shown_place != row.editorial_place for row in rebuilt.rows)
                shared += any("=" in row.editorial_label for row in rebuilt.rows)
                gated += bool(rebuilt.failed)
                unscored += bool(rebuilt.unscored)
        assert min(paid, moved, gated, unscored, shared) > 20


def _last_of_each_head(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The script looks at one moment after an entry; lists of the same moment are all compared."""
    moments = {one["ledger"]["hash"]: one["at"] for one in seen}
    return [one for one in seen if one["at"] == moments[one["ledger"]["hash"]]]


class TestAsAProgram:
    """Without Django, without anything."""

    def test_alone(self, tmp_path: Path) -> None:
        path = write(tmp_path / "ledger.jsonl", opened().lines())
        run = subprocess.run(
            [sys.executable, "-I", "-S", exports.SCRIPT, path], capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, "")
        assert " 0 problems: " in run.stdout

    def test_without_a_file_it_says_how(self) -> None:
        run = subprocess.run([sys.executable, "-I", exports.SCRIPT], capture_output=True, text=True, check=False)
        assert run.returncode == 1
        assert "python3 verify_ledger.py ledger.jsonl" in run.stderr

    def test_nothing_imported_but_the_standard_library(self) -> None:
        source = exports.SCRIPT.read_text()
        imported = {line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))}
        assert imported <= sys.stdlib_module_names
        assert len(source.splitlines()) < 200

    def test_a_long_ledger_touches_only_what_it_must(self, script: ModuleType, tmp_path: Path) -> None:
        """A score rebuilds the lists its product stands in, no other."""
        ledger = Ledger()
        ledger.settings()
        ledger.methodology()
        for key in range(1, 21):
            ledger.reviewed(key, "5", "5")
            ledger.listing(key, key=key)
            ledger.ranking(key=key)
        before = len(ledger.said)
        for turn in range(50):
            ledger.score(1, LABEL, str(turn % 10))
        found = script.Ledger()
        for number, line in enumerate(ledger.lines(), 1):
            if number == before + 1:
                found.pass_time(line["at"])
                start = found.rebuilt
            found.apply(line["at"], line["kind"], line["subject"], line["payload"])
        assert found.rebuilt - start == 50
