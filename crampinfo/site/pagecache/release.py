"""Which release this is, told from what makes pages: entries of another one are never read."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings

_SUFFIXES = frozenset({".py", ".html", ".svg", ".mo"})
_FOLDERS = ("crampinfo", "products", "reviews", "articles", "templates", "locale")
# Printed on pages, or deciding what they hold.
_SETTINGS = (
    *("SITE_URL", "SITE_NAME", "SHOWCASE", "MARKETS", "TIME_ZONE", "ALLOW_INFLUENCED_LISTS", "SCORE_ADJUSTMENT_CAP"),
    *("SINGLE_OPERATOR", "PRODUCTION", "SECRET_KEY"),  # the last marks the links that are counted
)


@lru_cache(maxsize=1)
def release() -> str:
    """A digest of code, templates, translations, static files' names and the settings that pages show."""
    digest = hashlib.sha256()
    base = Path(settings.BASE_DIR)
    files = [path for folder in _FOLDERS for path in sorted((base / folder).rglob("*")) if path.suffix in _SUFFIXES]
    for path in [*files, Path(settings.STATIC_ROOT) / "staticfiles.json"]:
        if path.is_file():
            digest.update(str(path.name).encode() + path.read_bytes())
    digest.update(repr([getattr(settings, name) for name in _SETTINGS]).encode())
    return digest.hexdigest()[:16]
