"""manage.py record_settings: notes the cap, the kinds of list and the markets when they have changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from crampinfo.editorial import ledger


class Command(BaseCommand):
    """Settings come from the environment, where nothing sees them change; so every start runs this."""

    help = "Note the settings that decide lists in the ledger, if they are not the ones on record."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say whether there was news."""
        noted = ledger.note_settings()
        said = f"Entry {noted.number} notes the settings: {noted.payload}" if noted else "The settings are on record."
        self.stdout.write(said)
