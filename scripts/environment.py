"""Makes .venv and installs the locked packages, only when a lock has changed: python -m scripts.environment [dev]."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from scripts.programs import ROOT, Failed, Programs, Stopped

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SHOWN = ("Collecting", "Installing")  # of what pip says
LOCKS = {"runtime": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}


def make(programs: Programs, kind: str, venv: Path = VENV, lock: Path | None = None) -> bool:
    """Bring the environment up to the lock of this kind; False when it was so already."""
    lock = lock or LOCKS[kind]
    wanted = lock_digest(lock)
    record = venv / f".lock-digest-{kind}"
    if record.is_file() and record.read_text() == wanted and _works(venv):
        return False
    if not _works(venv):
        _make_venv(programs, venv)
    # Without its record an interrupted installation is taken up again by the next run.
    record.unlink(missing_ok=True)
    _install(programs, venv, lock)
    record.write_text(wanted)
    return True


def lock_digest(lock: Path) -> str:
    """What an installation depends on: the lock, byte for byte."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _works(venv: Path) -> bool:
    """A new enough Python with pip: one that was removed or upgraded leaves links behind that lead nowhere."""
    question = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([venv / "bin" / "python", "-c", question], capture_output=True).returncode == 0
    except OSError:
        return False


def _make_venv(programs: Programs, venv: Path) -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        install_venv_module(programs)
    print(f"Making the environment {venv.name} with Python {sys.version.split()[0]} ...", flush=True)
    if programs.run([sys.executable, "-m", "venv", "--clear", str(venv)]):
        raise Failed(f"The environment {venv} could not be made: see the lines above.")


def install_venv_module(programs: Programs, apt: str | None = shutil.which("apt-get")) -> None:
    """Debian keeps venv in a package of its own: fetch it where we may, else say which one it is."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if apt is None or os.geteuid() != 0:
        raise Failed(
            "This Python has no venv module: install it, on Debian or Ubuntu with "
            f"`sudo apt-get install {package}`, and start again."
        )
    print(f"This Python has no venv module: installing {package} ...", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    programs.run([apt, "update", "-qq"], env)  # should this fail, an older list may still do
    if programs.run([apt, "install", "-y", "-qq", "--no-install-recommends", package], env):
        raise Failed(f"{package} could not be installed: see the lines above, then run apt-get install {package}.")


def _install(programs: Programs, venv: Path, lock: Path) -> None:
    print(f"Installing the packages of {lock.name}, each checked by its hash ...", flush=True)
    started = time.monotonic()
    command = [str(venv / "bin" / "python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--require-hashes", "-r", str(lock)]
    said: list[str] = []
    try:
        for line in programs.lines(command):
            said.append(line)
            _show(line)
    except subprocess.CalledProcessError as error:
        _show("")
        print("".join(said[-15:]), end="", file=sys.stderr)
        raise Failed(
            "The packages could not be installed: see pip's lines above, check the network, and start again."
        ) from error
    _show("")
    print(f"The packages are installed ({time.monotonic() - started:.0f} s).", flush=True)


def _show(line: str) -> None:
    """On a terminal, one line that says what pip is at, and '' wipes it; in a log nothing, for it would be hundreds."""
    if sys.stdout.isatty() and (not line or line.startswith(SHOWN)):
        print(f"\r\033[K{line.split(' (from')[0].strip()[:76]}", end="", flush=True)


def main(arguments: list[str]) -> int:
    """Make the environment; the exit status for the shell."""
    kind = arguments[0] if arguments else "runtime"
    if kind not in LOCKS:
        print(f"{kind!r} is no kind of environment: choose from {', '.join(LOCKS)}.", file=sys.stderr)
        return 2
    try:
        with Programs() as programs:
            make(programs, kind)
    except Failed as reason:
        print(reason, file=sys.stderr)
        return 1
    except Stopped:
        print("Stopped before the environment was ready; the next start takes it up again.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
