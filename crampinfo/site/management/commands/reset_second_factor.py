"""Takes the second factor from an account whose owner lost phone, key and recovery codes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crampinfo.site.signin import secondfactor


class Command(BaseCommand):
    """For whoever runs the machine; in the admin, accounts have an action of the same name."""

    help = "Take all second factors from an account and sign it out everywhere. Make sure first who is asking."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account."""
        parser.add_argument("name", help="user name of the account")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        """Say what was there, and what comes next."""
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account {name!r}: check the spelling, capitals count.")
        count = secondfactor.reset(user)
        what = "had no second factor" if not count else f"lost {count} second factor{'s' if count > 1 else ''}"
        self.stdout.write(f"{name} {what} and is signed out everywhere. At the next sign-in a new one can be set up.")
