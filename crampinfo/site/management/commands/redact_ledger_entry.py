"""manage.py redact_ledger_entry: words that must go from the ledger, such as personal or defamatory ones."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crampinfo.editorial import ledger
from crampinfo.lib import chain


class Command(BaseCommand):
    """Once an entry; the chain stays whole, and an entry of its own says why."""

    help = "Replace words of a ledger entry by a notice, once. The pages stay: take the words off them first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which entry, which fields, why."""
        parser.add_argument("number", type=int, help="the entry's number")
        parser.add_argument(
            "--field", action="append", dest="fields", metavar="FIELD",
            help=f"what goes, again for several; reason alone unless given ({', '.join(sorted(chain.WORDS))})",
        )  # fmt: skip
        parser.add_argument("--reason", required=True, help="why, without the words that go: it is public for good")

    def handle(self, *args: Any, number: int, fields: list[str] | None, reason: str, **options: Any) -> None:
        """Remove, and say what stands in the ledger about it."""
        try:
            told = ledger.redact(number, fields or ["reason"], reason)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        removed = ", ".join(told.payload["fields"])
        self.stdout.write(f"Removed from entry {number}: {removed}. Entry {told.number} says so, and why.")
