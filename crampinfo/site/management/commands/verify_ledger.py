"""manage.py verify_ledger: the chain, the lists that follow from it, and what the site shows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from crampinfo.editorial import guard
from crampinfo.site import verification
from crampinfo.site.contentfiles.progress import Counter


class Command(BaseCommand):
    """Reads everything, changes nothing; fails when anything does not fit."""

    help = "Check the ledger's chain, rebuild every list from it, and compare with what the site shows."

    def handle(self, *args: Any, **options: Any) -> None:
        """Name every problem, then count what was looked at."""
        with Counter(self.stderr) as counter:
            report = verification.verify(lambda number: counter.step(f"entry {number}"))
        unguarded = [f"The database lacks its trigger {name}: run migrate." for name in guard.missing(connection)]
        problems = report.problems + unguarded
        for problem in problems:
            self.stderr.write(problem)
        said = f"{report.entries} entries, {report.lists} lists that changed {report.moved} times, head {report.head}."
        if problems:
            raise CommandError(f"{len(problems)} problem{'s' if len(problems) != 1 else ''} in {said}")
        self.stdout.write(f"Everything fits: {said}")
