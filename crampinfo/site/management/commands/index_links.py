"""manage.py index_links: which stored text leads where, indexed anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from crampinfo.editorial import linkindex
from crampinfo.site.contentfiles.progress import Counter


class Command(BaseCommand):
    """Changes nothing but the index; running it again changes nothing."""

    help = "Index the links, citations and marks of every stored text anew: what “Where used” and moved pages rest on."

    def handle(self, *args: Any, **options: Any) -> None:
        """Text by text, then how many links there are."""
        with Counter(self.stderr) as counter:
            found = linkindex.rebuild(counter.step)
        self.stdout.write(f"{found} links in the index.")
