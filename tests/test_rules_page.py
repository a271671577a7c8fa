"""docs/rules.md accounts for every rule, names only what exists, and is the page that the data make."""

from __future__ import annotations

import pytest

from scripts import build_rules
from scripts.build_rules import Row


def test_it_is_whole_and_current() -> None:
    table, book = build_rules.rows(), build_rules.rules()
    assert list(build_rules.problems(table, book)) == []
    assert len(book) == 158
    assert build_rules.TARGET.read_text(encoding="utf-8") == build_rules.page(table, book), "run scripts/build_rules.py"
    assert build_rules.main(["--check"]) == 0


def test_what_stops_publishing_is_kept_wherever_its_feature_exists() -> None:
    """A rule that blocks is enforced, held or in part kept and said so; anything else names the feature to come."""
    blocking = {name for name, rule in build_rules.rules().items() if rule["severity"].startswith("BLOCK")}
    loose = [row.id for row in build_rules.rows() if row.id in blocking and row.state == "n/a" and not row.note]
    assert loose == []


GOOD = Row(
    "HC-01", "enforced", ("crampinfo/editorial/rules.py",), ("tests/editorial/test_claims.py::test_it_works",), ""
)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (GOOD, []),
        (GOOD.__class__("HC-01", "fine", GOOD.files, GOOD.tests, "x"), ["HC-01: fine is no state."]),
        (
            GOOD.__class__("HC-01", "enforced", ("a.py",), ("tests/editorial/test_claims.py::test_gone",), ""),
            ["HC-01: there is no a.py.", "HC-01: there is no test tests/editorial/test_claims.py::test_gone."],
        ),
        (GOOD.__class__("HC-01", "enforced", (), GOOD.tests, ""), ["HC-01 is enforced without a file or a test."]),
        (GOOD.__class__("HC-01", "coming", (), (), ""), ["HC-01 is coming without saying why."]),
        (
            GOOD.__class__("HC-99", *("enforced", GOOD.files, GOOD.tests, "")),
            ["HC-01 has no row.", "HC-99 is no rule."],
        ),
    ],
)
def test_what_does_not_hold_is_said(row: Row, said: list[str]) -> None:
    assert list(build_rules.problems([row], {"HC-01": {}})) == said
