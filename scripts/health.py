"""Asks a running CrampInfo whether it is well: python -m scripts.health (used by make run and by the container)."""

from __future__ import annotations

import http.client
import os
import sys
from urllib.parse import urlsplit


def status(port: int, site_url: str = "", path: str = "/healthz", timeout: float = 3.0) -> int:
    """The HTTP status of a health page on this machine; 0 while nothing answers."""
    # In production only the site's own name over HTTPS is served: say what the proxy in front would say.
    site = urlsplit(site_url or f"http://127.0.0.1:{port}")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": site.netloc, "X-Forwarded-Proto": site.scheme})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


if __name__ == "__main__":
    answer = status(int(os.environ.get("PORT", "8000")), os.environ.get("SITE_URL", ""))
    print(f"/healthz answered {answer}" if answer else "nothing answered")
    sys.exit(0 if answer == http.client.OK else 1)
