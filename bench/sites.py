"""The site and its yardsticks as servers: gunicorn as deploy/ configures it, nginx as deploy/ configures it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.processes import ROOT, Server, free_port

GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py"]
# So that no run is interrupted by a worker being replaced.
STEADY = ["--max-requests", "0"]


def gunicorn(name: str, application: str, environment: Mapping[str, str]) -> Server:
    """A server with two workers and threads, as in deploy/gunicorn.py."""
    return Server(name, [*GUNICORN, *STEADY, application], environment)


def bare(body: Path) -> Server:
    """The bare WSGI application with the bytes of a page."""
    return gunicorn("bare WSGI application", "bench.yardsticks.bare", {"BENCH_BODY": str(body)})


def empty() -> Server:
    """Django's empty view."""
    return gunicorn("Django's empty view", "bench.yardsticks.empty", {})


def site(name: str, environment: Mapping[str, str], *, cached: bool) -> Server:
    """The site, with finished pages or rendering each time."""
    more = {"DJANGO_SETTINGS_MODULE": "crampinfo.settings", "PAGE_CACHE_SECONDS": "300" if cached else "0"}
    return gunicorn(name, "crampinfo.wsgi", {**environment, **more})


def nginx(folder: Path, upstream: Server) -> Server:
    """deploy/nginx.conf in front of a server, without TLS; folder/static is served beside it, precompressed."""
    port = free_port()
    text = (ROOT / "deploy/nginx.conf").read_text()
    text = text[: text.index("server {\n    listen 80;")] + text[text.index("server {\n    listen 443") :]
    text = re.sub(r"(?m)^ *(ssl_\w+ .*|listen \[::\].*)\n", "", text)
    for old, new in (
        ("listen 443 ssl http2", f"listen 127.0.0.1:{port}"),
        ("server_name crampinfo.example", "server_name 127.0.0.1"),
        ("127.0.0.1:8000", f"127.0.0.1:{upstream.port}"),
        ("/var/lib/crampinfo", str(folder)),
        ("/var/cache/nginx/crampinfo", f"{folder}/kept"),
        ("/var/log/nginx", str(folder)),
        ("/etc/nginx/", f"{folder}/"),
    ):
        text = text.replace(old, new)
    (folder / "crampinfo-proxy.conf").write_text((ROOT / "deploy/nginx-proxy.conf").read_text())
    (folder / "nginx.conf").write_text(
        f"user root; daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        "include /etc/nginx/modules-enabled/*.conf;\nevents {}\n"
        f"http {{ include /etc/nginx/mime.types;\nsendfile on;\n{text} }}\n"
    )
    return Server("nginx", ["nginx", "-c", str(folder / "nginx.conf")], port=port)
