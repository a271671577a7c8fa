"""Measure the claims linter on the labelled sentences: precision and recall, on the tuned part and the part kept aside.

    .venv/bin/python bench/claims.py [--errors] [--json]

A sentence counts as held out when the SHA-256 of its text is divisible by three; patterns are only ever tuned on the
others, and --errors prints only their mistakes. Every pattern is timed too, on 100 KB of text made to be slow: at most
50 ms of processor time each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from crampinfo.editorial import claims, leftovers  # noqa: E402  (the project is found by the line above)

SENTENCES = Path(__file__).with_name("claims") / "sentences.tsv"
PRECISION, RECALL = 0.95, 0.97
YEAR = 2026
PAGES = {"any": claims.About.TEXT, "product": claims.About.PRODUCT, "paid": claims.About.PRODUCT}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One labelled sentence; label "-" means that it may go live."""

    page: str
    language: str
    label: str
    text: str

    @property
    def held_out(self) -> bool:
        """Whether it was kept aside while the patterns were made."""
        return int(hashlib.sha256(self.text.encode()).hexdigest(), 16) % 3 == 0

    @property
    def is_claim(self) -> bool:
        """Whether it must be stopped."""
        return self.label != "-"

    def flagged(self) -> list[claims.Hit | leftovers.Leftover]:
        """What the gate's two readers say: claims, and placeholders."""
        found = claims.lint(self.text, about=PAGES[self.page], paid=self.page == "paid", markup="<" in self.text)
        return [*found, *leftovers.find("body", self.text, YEAR)]


def sentences() -> Iterator[Sentence]:
    """Every labelled sentence."""
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield Sentence(*line.split("\t"))


@dataclass(slots=True)
class Figures:
    """What was found, and what was not."""

    right: int = 0
    missed: int = 0
    false_alarms: int = 0
    passed: int = 0

    def add(self, claim: bool, flagged: bool) -> None:
        """Count one sentence."""
        self.right += claim and flagged
        self.missed += claim and not flagged
        self.false_alarms += flagged and not claim
        self.passed += not flagged and not claim

    @property
    def precision(self) -> float:
        """Of what was flagged, the share that had to be."""
        flagged = self.right + self.false_alarms
        return self.right / flagged if flagged else 1.0

    @property
    def recall(self) -> float:
        """Of what had to be flagged, the share that was."""
        claims = self.right + self.missed
        return self.right / claims if claims else 1.0


def measure() -> dict[str, Figures]:
    """Figures by part ("tuned", "held out") and, of the part kept aside, by language."""
    found = {name: Figures() for name in ("tuned", "held out", "held out, en", "held out, es")}
    for sentence in sentences():
        flagged = bool(sentence.flagged())
        parts = ["held out", f"held out, {sentence.language}"] if sentence.held_out else ["tuned"]
        for part in parts:
            found[part].add(sentence.is_claim, flagged)
    return found


# Beginnings that nearly match, again and again: what makes a careless pattern slow.
HOSTILE = (
    *("a", " ", "-", '"cure" ', "((((", "1 ", "a. ", "stop ", "stop\n", "stop cramp ", "stop a b c d e f g cramp "),
    *(
        "prevents treats stop ",
        "prevent a b c d e cramp ",
        "not cure ",
        "without magnesium ",
        "100 mg magnesium oxide ",
    ),
    *("we measured a ", "studies show a b c d e f g ", "epsom salt bath ", "if you don't take a ", "results a "),
    *(
        "positive review ",
        "was €9 ",
        "may earn a ",
        "los estudios demuestran que el magnesio ",
        "сure\u200b ",
        "<a<a&a ",
    ),
)
LONG, GOAL_MS = 100_000, 50


def slowest() -> list[tuple[float, str, str]]:
    """(milliseconds of processor time, pattern, repeated text) of the five slowest pairs."""
    found = []
    for piece in HOSTILE:
        text = (piece * (LONG // len(piece) + 1))[:LONG]
        for pattern in claims.linter().patterns:
            began = time.process_time()
            pattern.matches(text, 0, len(text), 51)
            name = f"{pattern.code} ({pattern.language.code})"
            found.append((1000 * (time.process_time() - began), name, piece))
    return sorted(found, reverse=True)[:5]


def main() -> int:
    """Print the table; 1 when the part kept aside misses its goals."""
    parser = argparse.ArgumentParser(description="Measure the claims linter.")
    parser.add_argument("--errors", action="store_true", help="print the mistakes on the tuned part")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    options = parser.parse_args()
    if options.errors:
        for sentence in sentences():
            hits = sentence.flagged()
            if not sentence.held_out and bool(hits) != sentence.is_claim:
                codes = ", ".join(f"{hit.code} “{hit.words}”" for hit in hits)
                kind = "missed" if sentence.is_claim else "false alarm"
                print(f"{kind:12}{sentence.page:8}{sentence.label:12}{sentence.text}  {codes}")
    found = measure()
    if options.json:
        print(json.dumps({name: {"precision": one.precision, "recall": one.recall} for name, one in found.items()}))
    else:
        print(f"{'part':14}{'sentences':>10}{'claims':>8}{'precision':>11}{'recall':>8}")
        for name, one in found.items():
            number = one.right + one.missed + one.false_alarms + one.passed
            print(f"{name:14}{number:>10}{one.right + one.missed:>8}{one.precision:>11.3f}{one.recall:>8.3f}")
        print(f"\nSlowest patterns on {LONG:,} hostile characters (goal {GOAL_MS} ms):")
    slow = slowest()
    if not options.json:
        for milliseconds, name, piece in slow:
            print(f"  {milliseconds:6.1f} ms  {name:16} {piece!r}")
    aside = found["held out"]
    return 0 if aside.precision >= PRECISION and aside.recall >= RECALL and slow[0][0] <= GOAL_MS else 1


if __name__ == "__main__":
    sys.exit(main())
