"""What every template may know: the site's own facts, nothing of the visitor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Name, address and mode; nothing of the visitor, so that pages stay cacheable bytes."""
    return {
        "site": {
            "name": settings.SITE_NAME,
            "url": settings.SITE_URL,
            "demo": not settings.PRODUCTION and not settings.SHOWCASE,
        }
    }
