"""manage.py import_content: content files in, or every problem with its file and line."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crampinfo.site.contentfiles.load.run import run
from crampinfo.site.contentfiles.problems import Rejected
from crampinfo.site.contentfiles.progress import Counter, closing_sentence


class Command(BaseCommand):
    """Read content files and load them, all or none."""

    help = "Import *.md and *.yaml content files. Running it again changes nothing; edits made on the site are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Paths and switches."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a content file, or a folder with content files")
        parser.add_argument("--dry-run", action="store_true", help="do everything, say what it did, and undo it")
        parser.add_argument(
            "--overwrite", action="store_true", help="where file and site have both changed, take the file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, then say what happened."""
        dry_run = options["dry_run"]
        with Counter(self.stderr) as counter:
            try:
                report = run(
                    options["paths"],
                    now=timezone.localtime(),
                    overwrite=options["overwrite"],
                    dry_run=dry_run,
                    progress=counter.step,
                )
            except Rejected as rejected:
                count = len(rejected.problems)
                sentence = f"Nothing was imported: {count} problem{'s' if count != 1 else ''} to mend first."
                # Each problem begins its line with file:line, where editors and terminals look for it.
                self.stderr.write("\n".join(map(str, rejected.problems)))
                raise CommandError(sentence) from rejected
        for note in report.notes:
            self.stdout.write(note)
        self.stdout.write(closing_sentence(report, dry_run))
