"""manage.py audit_site: every public page, every rule, as a table or JSON; fails when something would be stopped."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crampinfo.site.audit import runs
from crampinfo.site.audit.run import Report, Said, audit
from crampinfo.site.contentfiles.progress import Counter


class Command(BaseCommand):
    """Reads every page as a reader gets it; changes nothing but the list of audits."""

    help = "Render every published page in this process, ask every rule, check links, and print what is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How to print, when to fail, whether to keep the result for the admin's home."""
        parser.add_argument("--format", choices=("table", "json"), default="table")
        parser.add_argument(
            "--fail-on", choices=("block", "warn", "never"), default="block", help="What makes the exit status 1."
        )
        parser.add_argument("--no-keep", action="store_true", help="Don't store the result for the admin's home.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Crawl, print, keep; then fail where asked to."""
        with Counter(self.stderr) as counter:
            report = audit(counter.step)
        if not options["no_keep"]:
            runs.keep(report)
        if options["format"] == "json":
            self.stdout.write(json.dumps(report.as_dict(), indent=1, ensure_ascii=False))
        else:
            for line in table(report):
                self.stdout.write(line)
        heavy = len(report.blocking) if options["fail_on"] != "never" else 0
        light = len(report.warnings) if options["fail_on"] == "warn" else 0
        if heavy + light:
            raise CommandError(f"{heavy} stopping and {len(report.warnings)} warning findings.")


def table(report: Report) -> list[str]:
    """The findings by rule and page, then one line that counts."""
    lines: list[str] = []
    for rule, rows in groupby(sorted(report.said, key=_by_rule), key=lambda one: one.finding.rule_id):
        found = list(rows)
        lines.append(f"{rule}  {len(found)}")
        for one in found:
            mark = "signed" if one.finding.signed else str(one.finding.severity)
            words = f" “{one.finding.excerpt[:60]}”" if one.finding.excerpt else ""
            lines.append(f"  {mark:<6}  {one.path}  {one.finding.field}: {one.finding.why}{words}")
    lines.append(
        f"{report.pages} pages, {report.links} links, {report.seconds:.1f} s: "
        f"{len(report.blocking)} stopping, {len(report.warnings)} warnings."
    )
    return lines


def _by_rule(one: Said) -> tuple[str, str]:
    return one.finding.rule_id, one.path
