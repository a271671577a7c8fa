"""manage.py correct_ledger: puts on record what was changed past the ledger, with a reason."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from crampinfo.editorial import ledger
from crampinfo.site import onrecord


class Command(BaseCommand):
    """For raw SQL, a restored backup, or content that is older than the ledger."""

    help = "Note in the ledger whatever is public and not on record as it stands, as a correction with a reason."

    def add_arguments(self, parser: CommandParser) -> None:
        """Why, or only what."""
        parser.add_argument("--reason", default="", help="how that came about: readers of the ledger are told")
        parser.add_argument("--dry-run", action="store_true", help="say what would be noted, and note nothing")

    def handle(self, *args: Any, reason: str, dry_run: bool, **options: Any) -> None:
        """Name each entry, then count them."""
        if not reason.strip() and not dry_run:
            raise CommandError("Say why with --reason: a correction without one explains nothing.")
        with transaction.atomic(), ledger.correcting(reason.strip()):
            entries = onrecord.note_everything()
            transaction.set_rollback(dry_run)
        for entry in entries:
            self.stdout.write(f"{entry.kind} {entry.subject}: {entry.payload}")
        verb = "would be noted" if dry_run else "noted"
        self.stdout.write(f"{len(entries)} correction{'s' if len(entries) != 1 else ''} {verb}.")
