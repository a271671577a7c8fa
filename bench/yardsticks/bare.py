"""A WSGI application that answers every request with the bytes of BENCH_BODY: the least that Python can do."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_body = Path(os.environ["BENCH_BODY"]).read_bytes()
_headers = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Encoding", "br"),
    ("Content-Length", str(len(_body))),
]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The same for everybody."""
    start_response("200 OK", _headers)
    return [_body]
