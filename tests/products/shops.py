"""Real servers on loopback that play merchants, good ones and bad ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORDS = "Take one tablet a day with a meal. Store it dry and out of the reach of children. " * 4


def page(name: str = "Acme 100", extra: str = "") -> bytes:
    """A shop's page of a product."""
    return f"<html><head><title>{name}</title>{extra}</head><body><h1>{name}</h1><p>{WORDS}</p></body></html>".encode()


def stock(state: str) -> str:
    """What a page says about stock for machines."""
    return (
        '<script type="application/ld+json">{"@type": "Product", "name": "Acme 100", "offers": '
        f'{{"@type": "Offer", "availability": "https://schema.org/{state}"}}}}</script>'
    )


class Shop(ThreadingHTTPServer):
    """A server whose answers are functions by path; asked holds (method, path) of every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Callable[[Any], None]] = {}
        self.asked: list[tuple[str, str]] = []
        self.agents: set[str] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def says(self, path: str, status: int, body: bytes = b"", **headers: str) -> str:
        """Answer a path like this; gives its address."""

        def answer(handler: Any) -> None:
            handler.send_response(status)
            for name, value in {"Content-Type": "text/html", **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            if handler.command != "HEAD":
                handler.wfile.write(body)

        self.answers[path] = answer
        return self.address + path

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some of these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        self.server.asked.append((self.command, self.path))
        self.server.agents.add(self.headers.get("User-Agent", ""))
        answer = self.server.answers.get(self.path)
        if answer is None:
            self.send_error(404)
        else:
            answer(self)

    do_HEAD = do_GET

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@contextmanager
def open_shop() -> Iterator[Shop]:
    """A shop that is open until the block ends."""
    shop = Shop()
    thread = threading.Thread(target=shop.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        shop.shutdown()
        shop.server_close()


def drip(handler: Any) -> None:
    """One byte now and then, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        time.sleep(0.05)


def slow_head(handler: Any) -> None:
    """A status line, and then a header a letter at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


def flood(handler: Any) -> None:
    """A hundred megabytes."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(page())
        for _ in range(1600):
            handler.wfile.write(b"<p>" + b"x" * 65536 + b"</p>")
