"""A PostgreSQL and a Redis of our own for a benchmark: on free ports, in a folder that goes with them.

They are never the machine's own servers, so a benchmark may stop and start them as it likes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_QUIET = "-c fsync=on -c max_connections=60 -c unix_socket_directories=''"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A cluster in a folder, on a port of 127.0.0.1."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """As DATABASE_URL takes it."""
        return f"postgres://postgres@127.0.0.1:{self.port}/bench"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 {_QUIET}"
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, how: str = "immediate") -> None:
        """Stop it: immediate is as if the power went."""
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-m", how, "stop")

    def make(self) -> None:
        """Make the cluster and its database."""
        self._run("initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "bench")

    def _run(self, program: str, *arguments: str) -> None:
        # PostgreSQL refuses to run as root.
        user = "postgres" if os.geteuid() == 0 else None
        subprocess.run([self.programs / program, *arguments], check=True, user=user, cwd="/", stdout=subprocess.DEVNULL)


@contextmanager
def servers() -> Iterator[tuple[Postgres, str]]:
    """Both, running; the second is what REDIS_URL takes. They end with the block."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    redis = shutil.which("redis-server")
    if not found or redis is None:
        raise SystemExit("PostgreSQL's programs or redis-server are missing: install postgresql and redis-server.")
    with tempfile.TemporaryDirectory(prefix="crampinfo-bench-") as name:
        folder = Path(name)
        (folder / "data").mkdir(mode=0o700)
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            folder.chmod(0o755)
            os.chown(folder / "data", account.pw_uid, account.pw_gid)
        postgres, port = Postgres(found[-1].parent, folder / "data", _free_port()), _free_port()
        store = subprocess.Popen(
            [redis, "--port", str(port), "--bind", "127.0.0.1", "--dir", name, "--save", "", "--appendonly", "yes"],
            stdout=subprocess.DEVNULL,
        )
        try:
            postgres.make()
            yield postgres, f"redis://127.0.0.1:{port}/0"
        finally:
            if (folder / "data/postmaster.pid").exists():
                postgres.stop("fast")
            store.terminate()
            store.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
