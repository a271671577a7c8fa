"""How fast is it, beside the least that the same machine can do? Prints the table of goals with pass or short.

    make bench                                          everything: SQLite and PostgreSQL, 100 and 100,000 objects
    make bench ARGS="--objects 100 --databases sqlite"  a few minutes

Everything is measured in interleaved rounds against yardsticks on the same machine at the same time (a bare WSGI
application, Django's empty view, nginx with a precompressed file), as CPU of the servers for one answer: that hardly
depends on what else runs. A figure is the median of its rounds' ratios. PostgreSQL is that of BENCH_DATABASE_URL, where
a database is made and dropped. Results go to bench/results/ as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import load, sites
from bench.processes import ROOT, Server

RESULTS = Path(__file__).parent / "results"
BR = {"Accept-Encoding": "gzip, deflate, br"}
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
ARTICLE = "/guides/preventing-night-cramps/"
LIST, LISTING, REVIEW = "/lists/magnesium-supplements/", "/reviews/", "/reviews/vintermark-bisglycinate-50/"


@dataclass(frozen=True)
class Case:
    """Something that is asked for, and what it may cost as a multiple of a yardstick."""

    name: str
    path: str
    server: str
    yardstick: str
    goal: float
    headers: tuple[tuple[str, str], ...] = ()


def cases(etag: str, go: str) -> list[Case]:
    """The goals of the table that are ratios of CPU."""
    return [
        Case("cached page, Python alone", ARTICLE, "cached", "bare", 1.3, tuple(BR.items())),
        Case("304 for an unchanged page", ARTICLE, "cached", "bare", 1.1, (*BR.items(), ("If-None-Match", etag))),
        Case("cached page through nginx", ARTICLE, "nginx", "static", 1.25, tuple(BR.items())),
        Case("uncached article", ARTICLE, "uncached", "empty", 7.0),
        Case("uncached list of 20 rows", LIST, "uncached", "empty", 12.0),
        Case("uncached listing of 20 cards", LISTING, "uncached", "empty", 12.0),
        Case("uncached review", REVIEW, "uncached", "empty", 12.0),
        Case("/go/ with its count", go, "uncached", "empty", 1.5, tuple(FIREFOX.items())),
    ]


def measure(asked: list[Case], servers: dict[str, list[Server]], rounds: int, seconds: float) -> dict[str, Any]:
    """All cases and yardsticks in turns, round by round."""
    yardsticks = {
        "bare": ("/", servers["bare"], BR),
        "empty": ("/", servers["empty"], {}),
        "static": ("/static/article.html", servers["static"], BR),
    }
    found: dict[str, list[load.Run]] = {name: [] for name in (*yardsticks, *(case.name for case in asked))}
    for case in asked:  # templates are read and pages kept before anything is counted
        for _ in range(8):
            _page(servers[case.server][0], case.path)
    for number in range(rounds):
        for name, (path, group, headers) in yardsticks.items():
            found[name].append(load.run(path, group, seconds, headers))
            _say(f"round {number + 1} of {rounds}: {name}")
        for case in asked:
            at_once = 2 if case.server == "uncached" else 8
            run = load.run(case.path, servers[case.server], seconds, dict(case.headers), connections=at_once)
            found[case.name].append(run)
            _say(f"round {number + 1} of {rounds}: {case.name}")
    return {"found": found, "cases": asked}


def rows(measured: dict[str, Any]) -> list[dict[str, Any]]:
    """What the table prints of a measurement."""
    found: dict[str, list[load.Run]] = measured["found"]
    made = []
    for case in measured["cases"]:
        pairs = list(zip(found[case.name], found[case.yardstick], strict=True))
        cpu = statistics.median(run.cpu_ms / base.cpu_ms for run, base in pairs)
        row = {
            "work": case.name,
            "ms": statistics.median(run.cpu_ms for run, _ in pairs),
            "yardstick": case.yardstick,
            "yardstick_ms": statistics.median(base.cpu_ms for _, base in pairs),
            "ratio": cpu,
            "goal": f"<= {case.goal}",
            "passes": cpu <= case.goal,
            "rate": statistics.median(run.rate for run, _ in pairs),
        }
        made.append(row)
        if case.yardstick == "static":
            rate = statistics.median(run.rate / base.rate for run, base in pairs)
            made.append({**row, "work": f"{case.name}, answers a second", "ratio": rate, "goal": ">= 0.8",
                         "passes": rate >= 0.8})  # fmt: skip
    return made


def memory(servers: dict[str, list[Server]]) -> dict[str, Any]:
    """Two workers after load, beside bare Django's."""
    ours, theirs = servers["cached"][0].memory(), servers["empty"][0].memory()
    return {
        "work": "memory of two workers (PSS, MB)", "ms": ours, "yardstick": "empty", "yardstick_ms": theirs,
        "ratio": ours / theirs, "goal": "<= 1.7", "passes": ours / theirs <= 1.7, "rate": 0.0,
    }  # fmt: skip


def _say(text: str) -> None:
    print(f"\033[K{text} ...", end="\r", flush=True)


# --- one database, one size ------------------------------------------------------------------------------------------


def prepared(environment: dict[str, str], objects: int, clicks: int) -> dict[str, str]:
    """The demonstration in a fresh database, grown; the addresses that a measurement needs."""

    def manage(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env={**os.environ, **environment}, text=True,
            stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        return done.stdout

    _say("migrating and loading the demonstration")
    manage("migrate", "-v0")
    manage("createcachetable")
    manage("load_demo")
    manage("collectstatic", "--noinput", "-v0")
    subprocess.run(
        [sys.executable, "-m", "bench.seed", str(objects), "--clicks", str(clicks)], cwd=ROOT,
        env={**os.environ, **environment}, check=True,
    )  # fmt: skip
    return {"go": manage("shell", "-v0", "-c", _GO).strip().splitlines()[-1]}


_GO = """
from products.clicks import Source
from products.models import Offer
offer = Offer.objects.paying().filter(programme__link_mode="redirect").order_by("pk").first()
print(f"/go/{offer.pk}/{Source('list-magnesium-supplements', 'row')}/")
"""


def measured(folder: Path, environment: dict[str, str], go: str, rounds: int, seconds: float) -> dict[str, Any]:
    """Start the servers, measure, stop them."""
    started: list[Server] = []

    def start(server: Server) -> Server:
        server.start()
        started.append(server)
        return server

    try:
        cached = start(sites.site("the site", environment, cached=True))
        body, etag = _page(cached, ARTICLE)
        (folder / "body").write_bytes(body)
        (folder / "static").mkdir(exist_ok=True)
        (folder / "static/article.html").write_bytes(b"")
        (folder / "static/article.html.br").write_bytes(body)
        proxy = start(sites.nginx(folder, cached))
        servers = {
            "cached": [cached],
            "nginx": [proxy, cached],
            "static": [proxy],
            "bare": [start(sites.bare(folder / "body"))],
            "empty": [start(sites.empty())],
            "uncached": [start(sites.site("the site, uncached", environment, cached=False))],
        }
        result = measure(cases(etag, go), servers, rounds, seconds)
        return {"rows": [*rows(result), memory(servers)]}
    finally:
        for server in reversed(started):
            server.stop()


def _page(server: Server, path: str) -> tuple[bytes, str]:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers=BR)
    answer = connection.getresponse()
    return answer.read(), str(answer.getheader("ETag"))


def table(title: str, found: list[dict[str, Any]]) -> str:
    """A measurement as text."""
    lines = [f"\n{title}", f"{'work':44}{'ours':>9}{'yardstick':>11}{'ratio':>8}  {'goal':8}"]
    for row in found:
        verdict = "pass" if row["passes"] else "short"
        lines.append(
            f"{row['work']:44}{row['ms']:>9.3f}{row['yardstick_ms']:>11.3f}{row['ratio']:>8.2f}  "
            f"{row['goal']:8}{verdict}"
        )
    return "\n".join(lines)


def _named(found: dict[str, Any]) -> dict[str, Any]:
    return {row["work"]: row for row in found["rows"]}


def growth(found: dict[str, Any], databases: list[str], sizes: list[int]) -> list[dict[str, Any]]:
    """Each uncached page at the largest size beside the smallest, both as multiples of the yardstick beside them."""
    made = []
    for database in databases:
        small, large = (_named(found[f"{database}, {size:,} objects"]) for size in (sizes[0], sizes[-1]))
        for name in ("uncached article", "uncached list of 20 rows", "uncached listing of 20 cards", "uncached review"):
            ratio = large[name]["ratio"] / small[name]["ratio"]
            made.append({
                "work": f"{name}, {database}", "ms": large[name]["ms"], "yardstick": "small",
                "yardstick_ms": small[name]["ms"], "ratio": ratio, "goal": "<= 1.1", "passes": ratio <= 1.1,
            })  # fmt: skip
    return made


def database_of(name: str, folder: Path) -> tuple[dict[str, str], Callable[[], None]]:
    """The environment of a fresh database, and how to drop it."""
    environment = {
        "VAR_DIR": str(folder), "SITE_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": "127.0.0.1",
        "ALLOW_INFLUENCED_LISTS": "1", "SCORE_ADJUSTMENT_CAP": "0.5", "DJANGO_SETTINGS_MODULE": "crampinfo.settings",
        "REDIS_URL": "", "MEDIA_ROOT": str(folder / "media"), "STATIC_ROOT": str(folder / "static"), "SHOWCASE": "",
    }  # fmt: skip
    if name == "sqlite":
        return {**environment, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"}, lambda: None
    server = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    database = f"crampinfo_bench_{os.getpid()}"

    def services(verb: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "scripts.services", verb, database], cwd=ROOT, check=True,
            env={**os.environ, **environment, "DATABASE_URL": server},
        )  # fmt: skip

    services("create")
    return {**environment, "DATABASE_URL": f"{server.rpartition('/')[0]}/{database}"}, lambda: services("drop")


def main(arguments: list[str]) -> int:
    """Measure, print, keep; the exit status says only whether it could be measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--objects", default="100,100000")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--clicks", type=int, default=1_000_000, help="counted clicks at the largest size")
    given = parser.parse_args(arguments)
    load.wrk()
    sizes, databases = [int(size) for size in given.objects.split(",")], given.databases.split(",")
    found: dict[str, Any] = {}
    for name in databases:
        for size in sizes:
            with tempfile.TemporaryDirectory(prefix="crampinfo-bench-") as made:
                folder = Path(made)
                environment, drop = database_of(name, folder)
                try:
                    clicks = given.clicks if size == sizes[-1] and len(sizes) > 1 else 0
                    go = prepared(environment, size, clicks)["go"]
                    title = f"{name}, {size:,} objects"
                    found[title] = measured(folder, environment, go, given.rounds, given.seconds)
                finally:
                    drop()
            print(table(title, found[title]["rows"]))
    if len(sizes) > 1:
        found["growth"] = {"rows": growth(found, databases, sizes)}
        print(table(f"growth from {sizes[0]:,} to {sizes[-1]:,} objects", found["growth"]["rows"]))
    print(f"\nKept in {_keep(found)}. Other measurements: {', '.join(OTHERS)}.")
    return 0


OTHERS = ("python -m bench.open_review_form", "python -m bench.claims", "python -m bench.clicks")


def _keep(found: dict[str, Any]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    path = RESULTS / f"{now:%Y-%m-%d-%H%M}.json"
    about = {
        "at": now.isoformat(timespec="seconds"), "commit": commit.strip(), "python": platform.python_version(),
        "cores": os.cpu_count(), "load": os.getloadavg()[0], "results": found,
    }  # fmt: skip
    path.write_text(json.dumps(about, indent=1) + "\n")
    return path.relative_to(ROOT)


if __name__ == "__main__":
    _began = time.monotonic()
    sys.exit(main(sys.argv[1:]))
