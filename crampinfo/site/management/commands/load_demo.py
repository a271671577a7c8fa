"""manage.py load_demo: the demonstration's content, once, and one account a role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crampinfo.site.contentfiles.load.run import run
from crampinfo.site.contentfiles.problems import Rejected
from crampinfo.site.contentfiles.progress import Counter, closing_sentence
from crampinfo.site.demo import accounts
from crampinfo.site.models import ImportRecord

CONTENT = Path(__file__).resolve().parents[2] / "demo" / "content"


class Command(BaseCommand):
    """Load the demonstration. What an editor has changed since is kept: a second run loads nothing."""

    help = "Load the demo content once, make one account a role, and print how to sign in."

    def handle(self, *args: Any, **options: Any) -> None:
        """Content first, accounts after it."""
        if settings.PRODUCTION:
            raise CommandError("The demo is invented: it is refused in production.")
        if ImportRecord.objects.exists():
            self.stdout.write("The demo content is already loaded; what was changed since is kept.")
        else:
            self._load()
        self.stdout.write("\nAccounts for the admin:")
        for account in accounts.make(settings.VAR_DIR):
            self.stdout.write(f"  {account.name:<18} {account.password or '(password changed)':<20} {account.role}")

    def _load(self) -> None:
        with Counter(self.stderr) as counter:
            try:
                report = run(
                    [str(CONTENT)], now=timezone.localtime(), overwrite=False, dry_run=False, progress=counter.step
                )
            except Rejected as rejected:
                raise CommandError("\n".join(map(str, rejected.problems))) from rejected
        self.stdout.write(closing_sentence(report, False))
