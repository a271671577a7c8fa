"""Asking a server as fast as it answers: wrk, with its count of answers."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from bench.processes import Server

_COUNT = re.compile(r"(\d+) requests in ([\d.]+)(ms|s)")
_WRONG = re.compile(r"Non-2xx or 3xx responses: (\d+)")


@dataclass(frozen=True)
class Run:
    """One short run: answers, CPU of the servers in milliseconds an answer, answers a second."""

    count: int
    cpu_ms: float
    rate: float


def wrk() -> str:
    """Where wrk is; a sentence when it is not."""
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit("wrk is missing: sudo apt-get install wrk")
    return found


def run(path: str, servers: list[Server], seconds: float, headers: Mapping[str, str], *, connections: int = 8) -> Run:
    """Ask the first server for a path from some connections; all servers' CPU counts. An error ends the measurement."""
    command = [wrk(), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    before = sum(server.cpu() for server in servers)
    done = subprocess.run([*command, f"http://127.0.0.1:{servers[0].port}{path}"], capture_output=True, text=True)
    used = sum(server.cpu() for server in servers) - before
    count, length, unit = _COUNT.search(done.stdout).groups()  # type: ignore[union-attr]
    wrong = _WRONG.search(done.stdout)
    if wrong is not None or not int(count):
        raise SystemExit(f"{servers[0].name}{path}: {wrong.group(0) if wrong else 'no answer'}.")
    took = float(length) / (1000 if unit == "ms" else 1)
    return Run(int(count), used / int(count) * 1000, int(count) / took)
