"""Are clicks counted exactly? Eight processes click while the worker is killed and the database stops and starts.

    .venv/bin/python -m bench.clicks [--clicks 200000]

It starts a PostgreSQL and a Redis of its own (bench.ownservers), pulls the plug of that PostgreSQL several times, and
leaves nothing behind. Prints clicks answered and counted, how long redirects took beside /healthz, and their queries.
"""

from __future__ import annotations

import argparse
import http.client
import io
import itertools
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from typing import IO, Any

import django

from bench import ownservers
from bench.ownservers import Postgres
from bench.processes import Server

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
PROCESSES = 8
TRIES = 600  # a minute


# --- one process that clicks, one that carries -----------------------------------------------------------------------


def click(path: str, times: int, *, die: bool) -> list[float]:
    """Follow a link so often through the whole application; with die the process ends itself without a word."""
    from django.conf import settings

    # Names of static files without their hashes: the page that says "try again" needs nothing collected first.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    from crampinfo.wsgi import application

    took = []
    for number in range(times):
        began = time.perf_counter()
        tries = 1
        # With the database away and Redis too busy to answer there is no way to lead a reader: they try again.
        while (status := ask(application, path)) != "302 Found":
            if tries == TRIES:
                raise SystemExit(f"Click {number} was answered {status}.")
            tries += 1
            time.sleep(0.1)
        took.append(time.perf_counter() - began)
        if not number:
            print("It clicks.", flush=True)
    if die:
        os.kill(os.getpid(), signal.SIGKILL)
    return took


def ask(application: Any, path: str) -> str:
    """The status of one GET, without a server in between."""
    said: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000", "HTTP_HOST": "127.0.0.1:8000", "HTTP_USER_AGENT": FIREFOX, "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.multithread": True,
        "wsgi.multiprocess": True, "wsgi.run_once": False, "SCRIPT_NAME": "", "REMOTE_ADDR": "192.0.2.1",
    }  # fmt: skip
    response = application(environ, lambda status, headers, exc_info=None: said.append(status))
    for _part in response:
        pass
    if hasattr(response, "close"):
        response.close()
    return said[0]


def carry() -> None:
    """What the worker does, without a pause, until it is killed."""
    from django.db import Error, connection

    from products import clicks

    while True:
        try:
            clicks.flush()
        except Error:
            connection.close()
        time.sleep(0.05)


# --- the whole -------------------------------------------------------------------------------------------------------


def start(*arguments: str, complaints: IO[str] | int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Another process of this file; what it complains of goes where it is told."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench.clicks", *arguments], stdout=subprocess.PIPE, stderr=complaints
    )


def storm(paths: list[str], clicks: int, postgres: Postgres) -> int:
    """Click from eight processes while the worker dies again and again and the database goes with it; clicks made.

    Every second clicking process kills itself right after its last answer.
    """
    with tempfile.TemporaryFile("w+") as complaints:
        return _storm(paths, clicks, postgres, complaints)


def _storm(paths: list[str], clicks: int, postgres: Postgres, complaints: IO[str]) -> int:
    each = clicks // PROCESSES
    targets = itertools.islice(itertools.cycle(paths), PROCESSES)
    clicking = [
        start("click", path, str(each), *(["--die"] if number % 2 else []), complaints=complaints)
        for number, path in enumerate(targets)
    ]
    for process in clicking:  # on a busy machine they need a while before there is anything to disturb
        process.stdout.readline()  # type: ignore[union-attr]
    carrying = start("carry")
    rounds = away = 0
    while any(process.poll() is None for process in clicking):
        time.sleep(1.5)
        carrying.kill()
        carrying.wait()
        rounds += 1
        if rounds % 3 == 2:
            postgres.stop()
            away += 1
            carrying = start("carry")
            time.sleep(1.5)
            carrying.kill()
            carrying.wait()
            postgres.start()
        carrying = start("carry")
    carrying.kill()
    carrying.wait()
    print(f"The worker was killed {rounds + away} times, the database stopped and started {away} times.")
    ends = [process.returncode for process in clicking]
    if ends != [0, -signal.SIGKILL] * (PROCESSES // 2):
        complaints.seek(0)
        raise SystemExit(f"The clicking processes ended with {ends}. The last they said:\n{complaints.read()[-4000:]}")
    return each * PROCESSES


def main() -> None:
    """Run a part of it, or the whole."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=("click", "carry"))
    parser.add_argument("path", nargs="?")
    parser.add_argument("times", nargs="?", type=int)
    parser.add_argument("--die", action="store_true")
    parser.add_argument("--clicks", type=int, default=200_000, help="0: the comparison alone")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crampinfo.settings")
    if options.part == "click":
        click(options.path, options.times, die=options.die)
    elif options.part == "carry":
        django.setup()
        carry()
    else:
        with ownservers.servers() as (postgres, redis), tempfile.TemporaryDirectory() as folder:
            os.environ |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis, "VAR_DIR": folder}
            django.setup()
            whole(options.clicks, postgres)


def whole(clicks_wanted: int, postgres: Postgres) -> None:
    """Make an offer, let it storm, compare, and time redirects beside /healthz."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.models import Sum

    from crampinfo.wsgi import application
    from products import clicks
    from products.clicks import Source
    from products.models import ClickCount
    from tests import factories

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    offers = [factories.offer(factories.product(f"bench-{time.time_ns()}-{number}")) for number in range(4)]
    paths = [f"/go/{offer.pk}/{Source('list-bench', 'row')}/" for offer in offers]
    for path in paths:
        ask(application, path)
    clicks.flush()
    before = ClickCount.objects.filter(offer__in=offers).aggregate(n=Sum("count"))["n"]
    keys = [offer.pk for offer in offers]
    connection.close()
    began = time.perf_counter()
    answered = storm(paths, clicks_wanted, postgres) if clicks_wanted else 0
    took = time.perf_counter() - began
    clicks.flush()
    counted = ClickCount.objects.filter(offer__in=keys).aggregate(n=Sum("count"))["n"] - before
    print(f"{answered} clicks answered in {took:.0f} s by {PROCESSES} processes, {counted} counted.")
    compare(application, paths[0])
    if counted != answered:
        raise SystemExit("They differ.")


def compare(application: Any, path: str) -> None:
    """A redirect beside /healthz: queries, and how long answers take, in turns over one connection to a web server."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from products import exits

    exits.changed()
    for state in ("cold", "warm"):
        with CaptureQueriesContext(connection) as asked:
            ask(application, path)
        print(f"{path}, Redis {state}: {len(asked)} queries")
    gunicorn = (sys.executable, "-m", "gunicorn", "-b", "127.0.0.1:{port}", "--threads", "4", "crampinfo.wsgi")
    server = Server("gunicorn", list(gunicorn))
    server.start()
    try:
        _report(_in_turns(server.port, path))
    finally:
        server.stop()


def _in_turns(port: int, path: str, times: int = 5000) -> dict[str, list[float]]:
    """Seconds of each answer, the first tenth left out."""
    took: dict[str, list[float]] = {"/healthz": [], path: []}
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for number in range(times):
        for which, found in took.items():
            began = time.perf_counter()
            asking.request("GET", which, headers={"User-Agent": FIREFOX})
            answer = asking.getresponse()
            answer.read()
            if number >= times // 10:
                found.append(time.perf_counter() - began)
            if answer.status != (302 if which == path else 200):
                raise SystemExit(f"{which} was answered {answer.status}.")
    asking.close()
    return took


def _report(took: dict[str, list[float]]) -> None:
    p99 = []
    for which, times in took.items():
        cuts = statistics.quantiles(times, n=100)
        p99.append(cuts[98])
        print(f"{which}: median {cuts[49] * 1000:.2f} ms, p99 {cuts[98] * 1000:.2f} ms")
    print(f"p99 of the redirect is {p99[1] / p99[0]:.2f} times that of /healthz.")


if __name__ == "__main__":
    main()
