"""What the command says while it works and when it is done."""

from __future__ import annotations

from typing import Any, Self

from crampinfo.site.contentfiles.load.run import Report

OUTCOMES = ("created", "changed", "unchanged", "kept")


class Counter:
    """A counter line on a terminal; silent anywhere else."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream if stream.isatty() else None
        self._count = 0

    def step(self, what: str) -> None:
        """One step further."""
        self._count += 1
        if self._stream is not None:
            self._stream.write(f"\r\x1b[K{self._count:>5}  {what[:70]}", str, ending="")
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._stream is not None:
            self._stream.write("\r\x1b[K", str, ending="")


def closing_sentence(report: Report, dry_run: bool) -> str:
    """What was done, counted."""
    totals = ", ".join(f"{report.total(outcome)} {outcome}" for outcome in OUTCOMES)
    kinds = "; ".join(
        f"{kind} " + ", ".join(f"{counter[outcome]} {outcome}" for outcome in OUTCOMES if counter[outcome])
        for kind, counter in report.counts.items()
    )
    head = "Dry run, nothing was kept: " if dry_run else ""
    files = f"{report.files} file{'s' if report.files != 1 else ''}"
    return f"{head}{files}: {totals}" + (f" ({kinds})." if kinds else ".")
