"""What make run started is stopped with it, whatever happens; and only that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from scripts import run
from scripts.programs import ROOT, Failed, Programs, Stopped

# A program with a child of its own, as the web server has workers; it prints the child's number.
FAMILY = ["sh", "-c", "sleep 300 & echo $!; wait"]
STUBBORN = ["sh", "-c", "trap '' TERM; echo $$; while :; do sleep 0.1; done"]
SUPERVISOR = """
import sys
from scripts.programs import Programs, Stopped
try:
    with Programs(seconds_to_stop={seconds}) as programs:
        for command in {commands}:
            programs.start(command)
        programs.{last}(["sleep", "300"])
except Stopped:
    print("stopped")
"""


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be counted by its parent does not."""
    try:
        with open(f"/proc/{pid}/stat") as facts:
            return facts.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def supervise(commands: list[list[str]], seconds: float = 10.0, last: str = "run") -> tuple[subprocess.Popen[str], int]:
    """A supervisor in a process of its own, and the first number that one of its programs printed."""
    code = SUPERVISOR.format(commands=commands, seconds=seconds, last=last)
    program = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    return program, int(program.stdout.readline())


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_children_and_their_children(signum: signal.Signals) -> None:
    program, grandchild = supervise([FAMILY])
    assert alive(grandchild)
    program.send_signal(signum)
    said, _ = program.communicate(timeout=20)
    assert said == "stopped\n"
    assert until(lambda: not alive(grandchild))


def test_what_ignores_the_signal_is_killed() -> None:
    program, stubborn = supervise([STUBBORN], seconds=0.3)
    program.terminate()
    program.communicate(timeout=20)
    assert until(lambda: not alive(stubborn))


def test_a_second_signal_does_not_leave_anything_behind() -> None:
    program, stubborn = supervise([STUBBORN], seconds=0.5)
    program.terminate()
    time.sleep(0.1)
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=20)
    assert until(lambda: not alive(stubborn))


def test_a_signal_that_comes_twice_at_once_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make hands TERM on to us when the whole group has got it already: the second is there as the stopping begins."""
    change, sent = signal.signal, []

    def again(signum: int, handler: object) -> object:
        if not sent:
            sent.append(signum)
            os.kill(os.getpid(), signal.SIGTERM)
        return change(signum, handler)  # type: ignore[arg-type]

    def asked_to_stop(children: list[subprocess.Popen[str]]) -> None:
        with Programs() as programs:
            children.append(programs.start(["sleep", "300"]))
            monkeypatch.setattr(signal, "signal", again)
            os.kill(os.getpid(), signal.SIGTERM)

    children: list[subprocess.Popen[str]] = []
    with pytest.raises(Stopped):
        asked_to_stop(children)
    monkeypatch.undo()
    assert sent == [signal.SIGINT]
    assert children[0].poll() is not None
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_program_we_did_not_start_is_left_alone() -> None:
    bystander = subprocess.Popen(["sleep", "300"])
    try:
        program, _ = supervise([FAMILY])
        program.terminate()
        program.communicate(timeout=20)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_signal_during_a_start_waits_until_the_program_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def interrupted(*args: object, **kwargs: object) -> object:
        child = start(["sleep", "300"], start_new_session=True, text=True)
        os.kill(os.getpid(), signal.SIGTERM)
        return child

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    programs = Programs()
    with pytest.raises(Stopped), programs:
        programs.start(["sleep", "300"])
    assert programs.running == []


def test_the_lines_of_a_failing_program_end_in_an_error() -> None:
    with Programs() as programs, pytest.raises(subprocess.CalledProcessError):
        assert list(programs.lines(["sh", "-c", "echo one; exit 3"])) == ["one\n"]


def test_one_part_that_ends_is_named_with_its_status() -> None:
    with Programs() as programs:
        parts = {"The web server": programs.start(["sleep", "300"]), "The background worker": programs.start(["false"])}
        assert until(lambda: run.first_ended(parts) != "")
        assert run.first_ended(parts).startswith("The background worker ended by itself with status 1")


def test_a_server_that_ends_before_it_answers_fails_the_start() -> None:
    with Programs() as programs, pytest.raises(Failed, match="The web server ended by itself with status 3"):
        run.wait_until_well({"The web server": programs.start(["sh", "-c", "exit 3"])}, port=1)


def test_a_server_that_never_answers_fails_the_start() -> None:
    with Programs() as programs, pytest.raises(Failed, match="did not answer at /healthz"):
        run.wait_until_well({"The web server": programs.start(["sleep", "300"])}, port=1, seconds=0.3)
