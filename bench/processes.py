"""Starting servers for a measurement, and what the kernel says that they used: CPU time and memory of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Server:
    """A program that answers at a port of 127.0.0.1, with its children."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers, at most a minute."""
        self.process = subprocess.Popen(
            [part.replace("{port}", str(self.port)) for part in self.command],
            cwd=ROOT,
            env={**os.environ, **self.environment, "PORT": str(self.port)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if not os.environ.get("BENCH_LOUD") else None,
        )
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"{self.name} did not start: BENCH_LOUD=1 shows why.") from None
                time.sleep(0.1)
            else:
                return
        raise SystemExit(f"{self.name} did not answer within a minute.")

    def stop(self) -> None:
        """End it and its children."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def pids(self) -> list[int]:
        """Its process and all below it."""
        assert self.process is not None
        return [self.process.pid, *_below(self.process.pid)]

    def cpu(self) -> float:
        """Seconds of CPU that its processes have used since they started."""
        return sum(map(cpu_of, self.pids))

    def memory(self) -> float:
        """Proportional set size of its processes together, MB: shared pages count once."""
        return sum(map(pss_of, self.pids))


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _below(pid: int) -> Iterable[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield int(child)
            yield from _below(int(child))


def cpu_of(pid: int) -> float:
    """Seconds of CPU of one process: of all its threads to the nanosecond, where the kernel counts so finely."""
    try:
        tasks = [Path(task.path, "schedstat").read_text().split() for task in os.scandir(f"/proc/{pid}/task")]
        if tasks and all(tasks):
            return sum(int(task[0]) for task in tasks) / 1e9
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def pss_of(pid: int) -> float:
    """Proportional set size of one process, MB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except FileNotFoundError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
