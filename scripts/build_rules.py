"""Make docs/rules.md: every rule with where it is enforced, where that is tested, or why it does not apply.

Reads crampinfo/editorial/rules.json and docs/rules-coverage.tsv. With --check nothing is written: what is missing or
out of date is printed, and the exit status is 1.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "crampinfo/editorial/rules.json"
COVERAGE = ROOT / "docs/rules-coverage.tsv"
TARGET = ROOT / "docs/rules.md"
STATES = {
    "enforced": "The code stops what breaks it.",
    "held": "Templates and structure keep it; tests watch them.",
    "partly": "A part is kept; the note says which part is not.",
    "coming": "The feature it speaks of does not exist yet.",
    "n/a": "It can't apply here, or asks for nothing.",
}
KEPT = ("enforced", "held", "partly")


@dataclass(frozen=True, slots=True)
class Row:
    """How one rule is kept. tests are "file::name"; an empty name stands for the whole file."""

    id: str
    state: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    note: str


def rows() -> list[Row]:
    """The coverage as written. Raises ValueError for a line that is none."""
    found = []
    for line in COVERAGE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, state, files, tests, note = (part.strip() for part in line.split("\t"))
            found.append(Row(name, state, tuple(files.split()), tuple(tests.split()), note))
    return found


def rules() -> dict[str, Any]:
    """The rules by id, in the order of the book."""
    book: dict[str, Any] = json.loads(RULES.read_text(encoding="utf-8"))
    return dict(book["rules"])


def problems(table: list[Row], book: dict[str, Any]) -> Iterator[str]:
    """What does not hold: rules without a row, rows without a rule, files and tests that are not there."""
    counts = Counter(row.id for row in table)
    yield from (f"{name} has no row." for name in book if name not in counts)
    yield from (f"{name} is no rule." for name in counts if name not in book)
    yield from (f"{name} has {number} rows." for name, number in counts.items() if number > 1)
    for row in table:
        if row.state not in STATES:
            yield f"{row.id}: {row.state} is no state."
        if row.state in KEPT and not (row.files and row.tests):
            yield f"{row.id} is {row.state} without a file or a test."
        if row.state not in ("enforced", "held") and not row.note:
            yield f"{row.id} is {row.state} without saying why."
        yield from (f"{row.id}: there is no {path}." for path in row.files if not (ROOT / path).exists())
        yield from (f"{row.id}: there is no test {test}." for test in row.tests if not there(test))


def there(test: str) -> bool:
    """Whether a test exists."""
    path, _colons, name = test.partition("::")
    file = ROOT / path
    if not file.is_file():
        return False
    text = file.read_text(encoding="utf-8")
    return bool(re.search(rf"def {name}\(" if name else r"def test_", text))


def page(table: list[Row], book: dict[str, Any]) -> str:
    """The document."""
    by_id = {row.id: row for row in table}
    counts = Counter(row.state for row in table)
    lines = [
        "# The rules, and how each is kept",
        "",
        f"{len(book)} rules with their sources. Made by `scripts/build_rules.py` from `crampinfo/editorial/rules.json`"
        " and `docs/rules-coverage.tsv`; `tests/test_rules_page.py` fails when it is out of date, when a rule is"
        " missing, or when a file or test it names is gone. It is an engineering reading, not legal advice.",
        "",
        "| State | Rules | Meaning |",
        "|---|---|---|",
        *(f"| {state} | {counts[state]} | {meaning} |" for state, meaning in STATES.items()),
    ]
    section = ""
    for name, rule in book.items():
        if rule["section"] != section:
            section = rule["section"]
            lines += ["", f"## {section}", "", "| Rule | Weight | State | Enforced | Tested |", "|---|---|---|---|---|"]
        lines.append(_line(name, rule, by_id[name]))
    return "\n".join(lines) + "\n"


def _line(name: str, rule: dict[str, Any], row: Row) -> str:
    sure = "" if rule["confirmed"] else ", to be confirmed"
    said = f"**{name}** {rule['rule']} <br>*{rule['source']}{sure}*"
    enforced = "<br>".join(f"`{path}`" for path in row.files) or "–"
    tested = "<br>".join(f"`{test.removesuffix('::')}`" for test in row.tests) or "–"
    state = f"{row.state}<br>{row.note}" if row.note else row.state
    return f"| {' | '.join((said.replace('|', ' or '), rule['severity'], state, enforced, tested))} |"


def main(arguments: list[str]) -> int:
    """Write the page, or only say what is wrong with it."""
    table, book = rows(), rules()
    found = list(problems(table, book))
    if not found:
        text = page(table, book)
        if "--check" not in arguments:
            TARGET.write_text(text, encoding="utf-8")
        elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            found.append("docs/rules.md is out of date: run scripts/build_rules.py.")
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
