"""make run and make test: each refusal is one sentence, and nothing is installed twice."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from scripts import environment, health, run
from scripts.programs import ROOT, Failed, Programs


class Recorder(Programs):
    """Programs that are only written down, and end with the status a test wants."""

    def __init__(self, status: int = 0) -> None:
        super().__init__()
        self.status = status
        self.commands: list[list[str]] = []

    def run(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> int:
        self.commands.append(list(command))
        return self.status

    def lines(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> Iterator[str]:
        if self.run(command, env):
            raise subprocess.CalledProcessError(self.status, command)
        yield "Collecting something\n"


# --- which Python -----------------------------------------------------------------------------------------
def start_with(path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """scripts/python.sh on a machine whose programs are those in path, besides sh and dirname."""
    for tool in ("dirname", "sh"):
        (path / tool).symlink_to(f"/bin/{tool}" if Path(f"/bin/{tool}").exists() else f"/usr/bin/{tool}")
    command = ["/bin/sh", str(ROOT / "scripts" / "python.sh"), "-c", "print('started')"]
    return subprocess.run(command, env={"PATH": str(path), **env}, capture_output=True, text=True)


def old_python(path: Path, name: str) -> None:
    """A Python that says it is too old, and what it is."""
    program = path / name
    program.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.8.10" && exit 0\nexit 1\n')
    program.chmod(0o755)


def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    old_python(tmp_path, "python3")
    done = start_with(tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("CrampInfo needs Python 3.11 or newer and found Python 3.8.10: install a newer one")
    assert done.stderr.count("\n") == 1


def test_a_machine_without_python_is_told_what_to_install(tmp_path: Path) -> None:
    done = start_with(tmp_path)
    assert done.returncode == 1
    assert "found none: install it (on Debian or Ubuntu: apt-get install python3 python3-venv)" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_newer_python_is_found_beside_an_old_one(tmp_path: Path) -> None:
    old_python(tmp_path, "python3")
    (tmp_path / "python3.12").symlink_to(sys.executable)
    assert start_with(tmp_path).stdout == "started\n"


def test_a_python_that_was_named_is_the_only_one_tried(tmp_path: Path) -> None:
    old_python(tmp_path, "python3.9")
    (tmp_path / "python3").symlink_to(sys.executable)
    assert start_with(tmp_path, PYTHON="python3.9").returncode == 1


# --- refusals of make run -----------------------------------------------------------------------------------
@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


@pytest.fixture
def nothing_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("something slow was begun before the refusal")

    monkeypatch.setattr(environment, "make", forbidden)


@pytest.mark.usefixtures("nothing_slow")
def test_a_busy_port_is_refused_before_anything_slow(
    busy_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", str(busy_port))
    assert run.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"Port {busy_port} is busy: stop what uses it, or choose another one, as in PORT=")
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("nothing_slow")
def test_production_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PRODUCTION", "1")
    assert run.main() == 1
    assert "docs/deploy.md" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "80.5", "٣٠", "8000 9000"])
def test_a_port_that_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(Failed, match="write a whole number from 1 to 65535"):
        run.port_number(text)


def test_the_last_port_is_a_port() -> None:
    assert run.port_number("65535") == 65535


def test_a_port_that_was_just_let_go_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            # The side that closes first keeps the port in TIME_WAIT for a minute.
            listener.accept()[0].close()
            client.recv(1)
    run.bind(port).close()


def test_the_caller_has_the_last_word_on_settings() -> None:
    env = run.environment_for(9000, {"SCORE_ADJUSTMENT_CAP": "1"})
    assert (env["SCORE_ADJUSTMENT_CAP"], env["ALLOW_INFLUENCED_LISTS"]) == ("1", "1")
    assert (env["SITE_URL"], env["PORT"]) == ("http://127.0.0.1:9000", "9000")


# --- steps ---------------------------------------------------------------------------------------------------
def test_a_step_that_fails_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Failed, match="Loading the demo content failed: the lines above say why"):
        run.step(Recorder(status=1), {}, "Loading the demo content", "load_demo")
    assert capsys.readouterr().out == "Loading the demo content ...\n"


def test_static_files_are_collected_once(tmp_path: Path) -> None:
    programs, env = Recorder(), {"VAR_DIR": str(tmp_path)}
    run.collect_static_files(programs, env)
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "staticfiles.json").touch()
    run.collect_static_files(programs, env)
    assert [command[2] for command in programs.commands] == ["collectstatic"]


def test_collecting_static_files_does_not_change_what_is_collected(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").touch()
    before = run.static_digest(tmp_path)
    (tmp_path / "var" / "static").mkdir(parents=True)
    (tmp_path / "var" / "static" / "site.css").touch()
    assert run.static_digest(tmp_path) == before


def test_a_changed_static_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").touch()
    style = tmp_path / "static" / "css" / "site.css"
    style.parent.mkdir(parents=True)
    style.write_text("a{}")
    before = run.static_digest(tmp_path)
    style.write_text("a{b:c}")
    assert run.static_digest(tmp_path) != before


# --- the environment -------------------------------------------------------------------------------------------
@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text("django==5.2.19 --hash=sha256:00\n")
    return path


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """A folder that passes for an environment: its Python is the one that runs the tests."""
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    # A link to an environment's Python finds that environment's packages through this file alone.
    (tmp_path / "venv" / "pyvenv.cfg").write_text((Path(sys.prefix) / "pyvenv.cfg").read_text())
    return tmp_path / "venv"


@pytest.fixture(autouse=True)
def _pip_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_works", lambda venv: (venv / "bin" / "python").exists())


def test_packages_are_installed_by_hash_and_once(venv: Path, lock: Path) -> None:
    programs = Recorder()
    assert environment.make(programs, "runtime", venv, lock)
    assert not environment.make(programs, "runtime", venv, lock)
    (command,) = programs.commands
    assert command[1:4] == ["-m", "pip", "install"]
    assert command[-3:] == ["--require-hashes", "-r", str(lock)]


def test_a_changed_lock_is_installed(venv: Path, lock: Path) -> None:
    programs = Recorder()
    environment.make(programs, "runtime", venv, lock)
    lock.write_text("django==5.2.20 --hash=sha256:01\n")
    assert environment.make(programs, "runtime", venv, lock)
    assert len(programs.commands) == 2


def test_a_failed_installation_is_taken_up_again(venv: Path, lock: Path) -> None:
    environment.make(Recorder(), "runtime", venv, lock)
    lock.write_text("django==5.2.20 --hash=sha256:01\n")
    with pytest.raises(Failed, match="check the network"):
        environment.make(Recorder(status=1), "runtime", venv, lock)
    lock.write_text("django==5.2.19 --hash=sha256:00\n")
    assert environment.make(Recorder(), "runtime", venv, lock)


def test_a_missing_venv_module_is_named_where_we_may_not_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    wanted = f"sudo apt-get install python{sys.version_info.major}.{sys.version_info.minor}-venv"
    with pytest.raises(Failed, match=wanted):
        environment.install_venv_module(Recorder(), "/usr/bin/apt-get")


def test_a_missing_venv_module_is_installed_by_root_on_debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    programs = Recorder()
    environment.install_venv_module(programs, "/usr/bin/apt-get")
    assert [command[1] for command in programs.commands] == ["update", "install"]


def test_an_unknown_kind_of_environment_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert environment.main(["prod"]) == 2
    assert "choose from runtime, dev" in capsys.readouterr().err


# --- health ------------------------------------------------------------------------------------------------------
class _Echo(BaseHTTPRequestHandler):
    """200 to the site's own name over HTTPS, 404 to everything else."""

    def do_GET(self) -> None:
        ours = (self.headers["Host"], self.headers["X-Forwarded-Proto"]) == ("crampinfo.example", "https")
        self.send_response(200 if ours else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_health_asks_as_the_proxy_would() -> None:
    with HTTPServer(("127.0.0.1", 0), _Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        assert health.status(server.server_port, "https://crampinfo.example") == 200
        assert health.status(server.server_port) == 404
        server.shutdown()


def test_health_of_nothing_is_zero() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert health.status(unused.getsockname()[1], timeout=0.5) == 0
