"""make run: installs, prepares the data, serves the site with its worker, and stops both together."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from scripts import environment, health
from scripts.programs import ROOT, Failed, Program, Programs, Stopped

SECONDS_TO_ANSWER = 60.0
PYTHON = str(environment.PYTHON)
MANAGE = [PYTHON, str(ROOT / "manage.py")]
YES = {"1", "true", "yes", "on"}


def port_number(text: str) -> int:
    """The port to serve at."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise Failed(f"PORT is {text!r}: write a whole number from 1 to 65535, as in PORT=9000 make run.")
    return int(text)


def refuse_production(caller: Mapping[str, str]) -> None:
    """make run makes accounts with printed passwords and shows invented products: never on a real site."""
    if caller.get("PRODUCTION", "").strip().lower() in YES:
        raise Failed(
            "make run is for trying and developing, and PRODUCTION is set: docs/deploy.md says how to run a real site."
        )


def bind(port: int) -> socket.socket:
    """A socket bound to the port; Failed when it can't be had."""
    bound = socket.socket()
    # As any server does: a connection that closed a moment ago doesn't make a port busy.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError as error:
        bound.close()
        if error.errno == errno.EACCES:
            raise Failed(f"Port {port} is for root alone: choose one above 1023, as in PORT=9000 make run.") from error
        raise Failed(
            f"Port {port} is busy: stop what uses it, or choose another one, as in PORT={_other(port)} make run."
        ) from error
    return bound


def _other(port: int) -> int:
    return port + 1000 if port <= 64535 else 9000


def environment_for(port: int, caller: Mapping[str, str]) -> dict[str, str]:
    """The settings of the demo; what the caller sets wins."""
    demo = {
        # The demo shows a list of each kind; a real site starts with both of these off.
        "ALLOW_INFLUENCED_LISTS": "1",
        "SCORE_ADJUSTMENT_CAP": "0.5",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    return {**demo, **caller, "PORT": str(port)}


def prepare(programs: Programs, env: Mapping[str, str]) -> None:
    """Database, files and demo content, in the order in which they need each other."""
    step(programs, env, "Preparing the database", "migrate", "--noinput", "--verbosity", "0")
    step(programs, env, "Preparing the cache", "createcachetable", "--verbosity", "0")
    collect_static_files(programs, env)
    step(programs, env, "Loading the demo content", "load_demo")


def step(programs: Programs, env: Mapping[str, str], headline: str, *command: str) -> None:
    """Run one command of manage.py under a headline; Failed when it fails."""
    print(f"{headline} ...", flush=True)
    if programs.run([*MANAGE, *command], env):
        raise Failed(f"{headline} failed: the lines above say why.")


def collect_static_files(programs: Programs, env: Mapping[str, str]) -> None:
    """Collect and compress the static files when they, or the packages that bring some, have changed."""
    var = Path(env.get("VAR_DIR", "") or ROOT / "var")
    collected = Path(env.get("STATIC_ROOT", "") or var / "static")
    record = var / "static-digest"
    wanted = static_digest()
    if record.is_file() and record.read_text() == wanted and (collected / "staticfiles.json").is_file():
        return
    step(programs, env, "Collecting the static files", "collectstatic", "--noinput", "--verbosity", "0")
    record.write_text(wanted)


def static_digest(root: Path = ROOT) -> str:
    """Names, sizes and times of the static sources, and the lock of the packages."""
    digest = hashlib.sha256((root / "requirements.txt").read_bytes())
    # The apps' own, but not var/static: that is where they are collected.
    folders = [
        root / name / "static"
        for name in ("", "products", "reviews", "articles", "crampinfo/editorial", "crampinfo/site")
    ]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        facts = path.stat()
        digest.update(f"{path.relative_to(root)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def serve(programs: Programs, env: Mapping[str, str]) -> str:
    """Start server and worker and stay until one of them ends; returns the sentence that says which."""
    port = int(env["PORT"])
    print("Starting the web server and the background worker ...", flush=True)
    with bind(port) as listener:
        # We listen ourselves, so that no other program can take the port, and answer our questions, meanwhile.
        listener.listen()
        web = [PYTHON, "-m", "gunicorn", "--config", "deploy/gunicorn.py", "--bind", f"fd://{listener.fileno()}"]
        server = programs.start(web, env, keep=[listener.fileno()])
    parts = {
        "The web server": server,
        "The background worker": programs.start([*MANAGE, "run_huey", "--quiet", "--graceful-signal", "TERM"], env),
    }
    wait_until_well(parts, port)
    address = env["SITE_URL"]
    print(f"\nCrampInfo is running at {address}/ and its admin at {address}/admin/. Ctrl-C stops it.", flush=True)
    while not (ended := first_ended(parts)):
        time.sleep(0.3)
    return ended


def wait_until_well(parts: Mapping[str, Program], port: int, seconds: float = SECONDS_TO_ANSWER) -> None:
    """Return when the site answers; Failed when a part ends before, or time is up."""
    deadline = time.monotonic() + seconds
    while (answer := health.status(port)) != 200:
        if ended := first_ended(parts):
            raise Failed(f"{ended} The lines above say why.")
        if time.monotonic() > deadline:
            said = f"answered {answer}" if answer else "did not answer"
            raise Failed(f"The site {said} at /healthz within {seconds:.0f} s: the lines above say why.")
        time.sleep(0.2)


def first_ended(parts: Mapping[str, Program]) -> str:
    """A sentence about the first part that has ended; empty while all run."""
    for name, program in parts.items():
        if (status := program.poll()) is not None:
            return f"{name} ended by itself with status {status}, so everything was stopped."
    return ""


def main() -> int:
    """Do it all; the exit status for the shell."""
    try:
        with Programs() as programs:
            refuse_production(os.environ)
            port = port_number(os.environ.get("PORT", "").strip() or "8000")
            bind(port).close()  # to be told now, before anything slow
            environment.make(programs, "runtime")
            env = environment_for(port, os.environ)
            prepare(programs, env)
            reason = serve(programs, env)
    except Failed as failure:
        reason = str(failure)
    except Stopped:
        print("\nCrampInfo is stopped.", flush=True)
        return 0
    print(reason, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
