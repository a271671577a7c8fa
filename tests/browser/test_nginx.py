"""deploy/nginx.conf, run by nginx itself in front of a site of a few lines: what readers get, also when it is down."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest

from crampinfo.site.pagecache import page as pages

ROOT = Path(__file__).resolve().parents[2]
HOST = "crampinfo.example"
pytestmark = pytest.mark.browser  # like a browser, nginx is another program, which .ci/run installs
PACKAGES = ("nginx", "libnginx-mod-http-brotli-static")


class Site:
    """Answers as the page cache does, and can be changed, stopped and counted."""

    def __init__(self, port: int) -> None:
        self.text, self.priced_until, self.status, self.wait = "<p>one</p>" * 99, None, 200, 0.0
        self.asked: list[Any] = []
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self.open: list[socket.socket] = []

    def start(self) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                site.open.append(self.connection)

            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                time.sleep(site.wait)
                status, headers, body = site.answer(self.headers)
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                if not any(name == "Content-Length" for name, _ in headers):
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            for connection in self.open:  # those that nginx keeps for its next question
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._server = None

    def answer(self, asked: Any) -> tuple[int, list[tuple[str, str]], bytes]:
        now = time.time()
        made = pages.make(
            "/", [("Content-Type", "text/html; charset=utf-8")], self.text.encode(), number=1, made=now, until=None,
            priced_until=self.priced_until, tags=(),
        )  # fmt: skip
        found: list[Any] = []
        environ = {"REQUEST_METHOD": "GET", "HTTP_ACCEPT_ENCODING": asked.get("Accept-Encoding", "")}
        if "If-None-Match" in asked:
            environ["HTTP_IF_NONE_MATCH"] = asked["If-None-Match"]
        body = b"".join(pages.answer(made, environ, lambda *given: found.extend(given), now))
        if self.status != 200:
            return self.status, [("Content-Type", "text/plain")], b"broken"
        return int(found[0][:3]), found[1], body


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="module")
def nginx() -> str:
    """nginx with its brotli module; installed where that is possible, as .ci/run does with Chromium."""
    if not shutil.which("nginx") or not list(Path("/etc/nginx/modules-enabled").glob("*brotli-static*")):
        assert os.geteuid() == 0, f"Install {' and '.join(PACKAGES)} and start again."
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
            subprocess.run(["apt-get", *command], check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    return str(shutil.which("nginx"))


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("nginx")
    (made / "spare/reviews/salt").mkdir(parents=True)
    (made / "spare/reviews/salt/index.html").write_text("<p>without offers</p>")
    (made / "static").mkdir()
    (made / "static/a.1234.css").write_text("a{}")
    (made / "static/a.1234.css.br").write_bytes(brotli.compress(b"a{}"))
    return made


@pytest.fixture(scope="module")
def served(nginx: str, ports: tuple[int, int], folder: Path) -> Iterator[None]:
    """The deployed file, with other ports and folders, and without a certificate."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    plain = text[: text.index("server {\n    listen 80;")] + text[text.index("server {\n    listen 443") :]
    plain = re.sub(r"(?m)^ *(ssl_\w+ .*|listen \[::\].*)\n", "", plain)
    plain = plain.replace("listen 443 ssl http2", f"listen 127.0.0.1:{ports[0]}")
    plain = plain.replace("server 127.0.0.1:8000", f"server 127.0.0.1:{ports[1]}")
    plain = plain.replace("/var/lib/crampinfo", str(folder)).replace("/var/cache/nginx/crampinfo", f"{folder}/cache")
    plain = plain.replace("/var/log/nginx", str(folder)).replace("/etc/nginx/", f"{folder}/")
    (folder / "crampinfo-proxy.conf").write_text((ROOT / "deploy/nginx-proxy.conf").read_text())
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; worker_processes 1;\n"
        f"pid {folder}/pid; error_log {folder}/error.log;\n"
        "include /etc/nginx/modules-enabled/*.conf;\nevents {}\n"
        f"http {{ include /etc/nginx/mime.types;\n{temporary}{plain} }}\n"
    )
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    until(lambda: socket.create_connection(("127.0.0.1", ports[0]), 1).close() is None, OSError)
    yield
    process.terminate()
    process.wait(10)


def until(happens: Callable[[], bool], *ignored: type[Exception]) -> None:
    """Wait for something that another process does, at most ten seconds."""
    for _ in range(500):
        try:
            if happens():
                return
        except ignored:
            pass
        time.sleep(0.02)
    raise AssertionError("It did not happen within ten seconds.")


@pytest.fixture
def site(ports: tuple[int, int], served: None) -> Iterator[Site]:
    made = Site(ports[1])
    made.start()
    yield made
    made.stop()


class Reader:
    def __init__(self, port: int) -> None:
        self._port = port

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        connection.request("GET", path, headers={"Host": HOST, **{k.replace("_", "-"): v for k, v in headers.items()}})
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found


@pytest.fixture
def reader(ports: tuple[int, int]) -> Reader:
    return Reader(ports[0])


def start_of_a_second() -> None:
    time.sleep(1.02 - time.time() % 1)


def test_it_works(site: Site, reader: Reader) -> None:
    assert reader.get("/works/")[2].decode() == site.text


def test_the_sites_own_bytes_are_kept_and_served(site: Site, reader: Reader) -> None:
    start_of_a_second()
    chrome, firefox = "gzip, deflate, br, zstd", "gzip,deflate , br;q=0.9"
    first = reader.get("/bytes/", Accept_Encoding=chrome)
    second = reader.get("/bytes/", Accept_Encoding=firefox)
    assert first[2] == second[2]
    assert brotli.decompress(first[2]).decode() == site.text
    assert first[1]["content-encoding"] == "br"
    assert first[1]["vary"] == "Accept-Encoding"
    assert "x-accel-expires" not in first[1]
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("", None), ("identity", None), ("brr", None), ("gzip;q=0.5", "gzip")],
)
def test_other_encodings(site: Site, reader: Reader, accepts: str, encoding: str | None) -> None:
    headers = reader.get("/encodings/", Accept_Encoding=accepts)[1]
    assert headers.get("content-encoding") == encoding


def test_an_unchanged_page_is_304(site: Site, reader: Reader) -> None:
    etag = reader.get("/unchanged/", Accept_Encoding="br")[1]["etag"]
    status, _headers, body = reader.get("/unchanged/", Accept_Encoding="br", If_None_Match=etag)
    assert (status, body) == (304, b"")


def test_a_second_costs_one_question(site: Site, reader: Reader) -> None:
    start_of_a_second()
    for _ in range(50):
        reader.get("/many/")
    assert len(site.asked) == 1


def test_a_change_is_seen_at_the_second_look_after_a_second(site: Site, reader: Reader) -> None:
    start_of_a_second()
    reader.get("/changed/")
    site.text = "two"
    time.sleep(1)
    began = time.monotonic()
    until(lambda: reader.get("/changed/")[2] == b"two")
    assert time.monotonic() - began < 0.9  # while somebody looks, one answer is old and the next is new


def test_nobody_sees_a_page_of_long_ago(site: Site, reader: Reader) -> None:
    reader.get("/long-ago/")
    site.text = "two"
    time.sleep(3.1)
    assert reader.get("/long-ago/")[2] == b"two"


def test_a_slow_site_is_asked_once(site: Site, reader: Reader) -> None:
    start_of_a_second()
    site.wait = 0.3
    threads = [threading.Thread(target=reader.get, args=("/slow/",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(site.asked) == 1


def test_pages_survive_the_site(site: Site, reader: Reader) -> None:
    whole = reader.get("/survives/")[2]
    site.stop()
    time.sleep(3.1)
    assert reader.get("/survives/")[::2] == (200, whole)


def test_pages_survive_a_site_that_fails(site: Site, reader: Reader) -> None:
    whole = reader.get("/fails/")[2]
    site.status = 500
    time.sleep(3.1)
    assert reader.get("/fails/")[::2] == (200, whole)
    assert reader.get("/never-seen-either/")[0] == 503


def test_a_price_past_its_time_gives_way_to_the_copy_without(site: Site, reader: Reader) -> None:
    site.priced_until = time.time() + 4  # type: ignore[assignment]
    reader.get("/reviews/salt/")
    site.stop()
    time.sleep(7)
    status, headers, body = reader.get("/reviews/salt/")
    assert (status, body) == (200, b"<p>without offers</p>")
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_without_a_copy_it_is_503(site: Site, reader: Reader) -> None:
    site.stop()
    status, headers, body = reader.get("/never-seen/")
    assert (status, headers["retry-after"], headers["cache-control"]) == (503, "30", "no-store")
    assert b"/now/" in body


def test_headers_of_a_visitor_reach_nobody(site: Site, reader: Reader) -> None:
    reader.get("/poison/", Cookie="sessionid=1", X_Forwarded_Proto="gopher", X_Forwarded_For="6.6.6.6")
    _path, headers = site.asked[0]
    assert "Cookie" not in headers
    assert headers["X-Forwarded-Proto"] == "http"
    assert headers["X-Forwarded-For"] == "127.0.0.1"


def test_campaigns_do_not_split_and_queries_do_not_mix(site: Site, reader: Reader) -> None:
    start_of_a_second()
    reader.get("/lists/a/")
    reader.get("/lists/a/?utm_source=mail&utm_medium=x&gclid=1")
    assert len(site.asked) == 1
    site.text = "ordered"
    assert reader.get("/lists/a/?order=editorial")[2] == b"ordered"
    assert reader.get("/lists/a/")[2] != b"ordered"


@pytest.mark.parametrize("path", ["/admin/", "/go/1/x/", "/search/?q=a", "/accounts/login/"])
def test_some_addresses_are_always_asked(site: Site, reader: Reader, path: str) -> None:
    reader.get(path, Cookie="sessionid=1")
    reader.get(path, Cookie="sessionid=1")
    assert [headers["Cookie"] for _path, headers in site.asked] == ["sessionid=1"] * 2


def test_static_files_are_for_good(served: None, reader: Reader) -> None:
    status, headers, body = reader.get("/static/a.1234.css", Accept_Encoding="br")
    assert (status, brotli.decompress(body)) == (200, b"a{}")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
