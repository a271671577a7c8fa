"""Time the publish gate on a guide of 2,000 words with 20 references, without rendering: at most 150 ms, 15 queries.

    DATABASE_URL=... .venv/bin/python -m bench.gate [--json] [--rounds 30]

It runs on a site that holds the demonstration, inside a transaction that is undone.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from typing import Any

import django

WORDS, REFERENCES = 2_000, 20
GOAL_MS, GOAL_QUERIES = 150.0, 15


def measured(rounds: int) -> dict[str, Any]:
    """Median and slowest time in ms, and the queries of one asking; the content is the same in every round."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from crampinfo.editorial import gate

    with transaction.atomic():
        text = type(made := _guide()).objects.get(pk=made.pk)
        with CaptureQueriesContext(connection) as asked:
            findings = gate.inspect(text)
        times = []
        for number in range(rounds):
            text.body = text.body.replace("Round", f"Round {number}", 1)  # no text is remembered from the last round
            began = time.perf_counter()
            gate.inspect(text)
            times.append((time.perf_counter() - began) * 1000)
        transaction.set_rollback(True)
    return {
        "words": len(text.search_text.split()),
        "references": REFERENCES,
        "median_ms": round(statistics.median(times), 1),
        "slowest_ms": round(max(times), 1),
        "queries": len(asked),
        "findings": len(findings),
    }


def _guide() -> Any:
    """The longest guide of the demonstration, made longer, unpublished under another name."""
    from articles.models import Article
    from crampinfo.editorial.models import Citation, Reference

    longest = max(Article.objects.filter(language="en-gb"), key=lambda one: len(one.body))
    body, part = longest.body, 0
    while len(body.split()) < WORDS:
        part += 1
        body += f"<h2>Round {part}</h2>{longest.body}"
    made = Article(
        slug="bench-gate",
        title="A guide that is measured",
        summary="What the gate takes for a long text with many sources.",
        key_answer=longest.key_answer,
        body=body,
        author=longest.author,
        topic=longest.topic,
        evidence=longest.evidence,
    )
    made.save()
    cited = list(longest.citations.values_list("reference", flat=True))
    more = Reference.objects.exclude(pk__in=cited).filter(superseded_by=None).values_list("pk", flat=True)
    for position, reference in enumerate([*cited, *more][:REFERENCES]):
        Citation.objects.create(content=made, reference_id=reference, position=position)
    return made


def main(arguments: list[str]) -> int:
    """Print the figures; the exit status is 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crampinfo.settings")
    django.setup()
    found = measured(given.rounds)
    if given.json:
        print(json.dumps(found))
    else:
        print(f"{found['words']} words, {found['references']} references, {found['findings']} findings")
        print(f"median {found['median_ms']} ms, slowest {found['slowest_ms']} ms (goal {GOAL_MS:.0f} ms)")
        print(f"{found['queries']} queries (goal {GOAL_QUERIES})")
    return 0 if found["median_ms"] <= GOAL_MS and found["queries"] <= GOAL_QUERIES else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
