"""Start other programs, and stop every one of them when this one stops."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType

ROOT = Path(__file__).resolve().parent.parent
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Program = subprocess.Popen[str]


class Stopped(BaseException):
    """Someone asked this program to stop (Ctrl-C, TERM, a closed terminal); no handler of errors may swallow it."""


class Failed(Exception):
    """What to tell the person at the terminal: a sentence that says what to do."""


class Programs:
    """The programs started inside a `with` block; leaving it, for whatever reason, ends those that still run."""

    def __init__(self, seconds_to_stop: float = 10.0) -> None:
        self.seconds_to_stop = seconds_to_stop
        self.running: list[Program] = []
        self._starting = False
        self._asked_to_stop = False

    def __enter__(self) -> Programs:
        self._before = {signum: signal.signal(signum, self._on_signal) for signum in STOP_SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # From here on a Ctrl-C changes nothing: the wait below has an end.
            for signum in STOP_SIGNALS:
                signal.signal(signum, signal.SIG_IGN)
        finally:
            self._stop_all()
        for signum, handler in self._before.items():
            signal.signal(signum, handler)

    def start(
        self,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        stdout: int | None = None,
        keep: Sequence[int] = (),
    ) -> Program:
        """Start a program that inherits the open files in keep.

        It gets a session of its own, so that signals reach it through us alone, once.
        """
        # A signal between the fork and the line that remembers the process would leave an orphan behind.
        self._starting = True
        try:
            program = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.STDOUT if stdout else None,
                text=True,
                start_new_session=True,
                pass_fds=keep,
            )
            self.running.append(program)
        finally:
            self._starting = False
        if self._asked_to_stop:
            raise Stopped
        return program

    def run(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> int:
        """Run a program to its end and return its exit status."""
        program = self.start(command, env)
        status = program.wait()
        self.running.remove(program)
        return status

    def lines(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> Iterator[str]:
        """Run a program and hand on each line it prints; CalledProcessError when it fails."""
        program = self.start(command, env, stdout=subprocess.PIPE)
        yield from program.stdout or ()
        status = program.wait()
        self.running.remove(program)
        if status:
            raise subprocess.CalledProcessError(status, command)

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        # Make hands on a signal that the whole group got already: the second one must not break off the stopping
        # that the first one began.
        asked_before, self._asked_to_stop = self._asked_to_stop, True
        if not self._starting and not asked_before:
            raise Stopped

    def _stop_all(self) -> None:
        for program in self.running:
            _signal_group(program, signal.SIGTERM)
        deadline = time.monotonic() + self.seconds_to_stop
        for program in self.running:
            with suppress(subprocess.TimeoutExpired):
                program.wait(max(0.0, deadline - time.monotonic()))
        for program in self.running:
            # A group may outlive its first process: a worker of a dead server would still hold the port.
            _signal_group(program, signal.SIGKILL)
            program.wait()
        self.running.clear()


def _signal_group(program: Program, signum: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signum)
