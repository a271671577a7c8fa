"""Audits kept: the last ones, what came and went between two, and what has changed on the site since the newest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count

from crampinfo.editorial import showing
from crampinfo.editorial.models import State
from crampinfo.site.audit.run import Report
from crampinfo.site.models import AuditRun

KEPT = 60  # two months of nightly runs


def keep(report: Report) -> AuditRun:
    """Store a run, and forget the oldest beyond the last sixty."""
    plain = report.as_dict()
    with transaction.atomic():
        run = AuditRun.objects.create(
            at=report.at,
            seconds=plain["seconds"],
            pages=report.pages,
            links=report.links,
            blocking=len(report.blocking),
            warnings=len(report.warnings),
            findings=plain["findings"],
        )
        old = AuditRun.objects.values_list("pk", flat=True)[KEPT:]
        AuditRun.objects.filter(pk__in=list(old)).delete()
    return run


@dataclass(frozen=True, slots=True)
class News:
    """The newest run beside the one before it: what is new, what is gone, and how many pages changed since it."""

    run: AuditRun
    new: list[dict[str, Any]]
    gone: list[dict[str, Any]]
    changed: int

    @property
    def by_rule(self) -> list[tuple[str, int]]:
        """Rules that are broken now, the most broken first."""
        return Counter(one["rule"] for one in self.run.findings).most_common()


def newest() -> News | None:
    """The last result, None before the first run."""
    last = list(AuditRun.objects.all()[:2])
    if not last:
        return None
    run, before = last[0], last[1] if len(last) > 1 else None
    new, gone = compared(run.findings, before.findings if before is not None else [])
    return News(run, new, gone, _published_since(run.at))


def _published_since(moment: datetime) -> int:
    """How many texts passed the gate since, of all kinds in one query."""
    first, *others = [
        kind._default_manager.order_by()
        .filter(state=State.PUBLISHED, gate_passed_at__gt=moment)
        .values("state")
        .annotate(n=Count("pk"))
        for kind in showing.publishables()
    ]
    return sum(row["n"] for row in first.union(*others, all=True))


def compared(
    now: list[dict[str, Any]], before: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Findings that are new, and those that are gone."""
    had, have = {_key(one) for one in before}, {_key(one) for one in now}
    return [one for one in now if _key(one) not in had], [one for one in before if _key(one) not in have]


def _key(one: dict[str, Any]) -> tuple[str, ...]:
    return one["path"], one["rule"], one["field"], one["excerpt"]
