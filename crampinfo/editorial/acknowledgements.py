"""Letting a finding pass: a reason in writing by somebody whose role allows it (rules.md section 14)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied

from crampinfo.editorial.findings import Finding, Severity, Signed
from crampinfo.editorial.models import Acknowledgement, Publishable
from crampinfo.editorial.models.acknowledgement import mark_of

# Permissions that no model has by itself; which role has which is said in crampinfo.site.roles.
ACKNOWLEDGE = "editorial.acknowledge_warning"
OVERRIDE = "editorial.override_finding"


def applied(instance: Publishable, findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each with the signature that lets it pass where there is one; at most one query."""
    found = list(findings)
    if instance.pk is None or not any(finding.severity is not Severity.NOTE for finding in found):
        return found
    kept = {(row.code, row.place, row.mark): row for row in _of(instance).order_by("pk")}
    return [_signed(finding, kept.get((finding.code, finding.place, mark_of(finding.words)))) for finding in found]


def _of(instance: Publishable) -> Any:
    kind = ContentType.objects.get_for_model(instance)
    return Acknowledgement.objects.filter(content_type=kind, object_id=instance.pk)


def _signed(finding: Finding, row: Acknowledgement | None) -> Finding:
    # A warning that has become heavier since is not covered by what was signed then.
    if row is None or finding.never_signed or (row.severity == "warn" and finding.severity is Severity.BLOCK):
        return finding
    return finding.signed_by(Signed(row.name, row.role, row.reason, row.created_at))


def may_sign(user: Any, finding: Finding) -> bool:
    """Whether this person may let a finding pass: a warning, what blocks, or, for some findings, nobody may."""
    if finding.never_signed or finding.severity is Severity.NOTE:
        return False
    return bool(user.has_perm(OVERRIDE if finding.severity is Severity.BLOCK else ACKNOWLEDGE))


def sign(instance: Publishable, finding: Finding, by: Any, reason: str) -> Acknowledgement:
    """Write down why a finding may stand. Raises PermissionDenied, or ValidationError for a reason that is none."""
    if not may_sign(by, finding):
        raise PermissionDenied("This finding can't be let pass by this role.")
    return Acknowledgement.objects.create(
        content_type=ContentType.objects.get_for_model(instance),
        object_id=instance.pk,
        code=finding.code,
        place=finding.place[:80],
        words=finding.words[:600],
        mark=mark_of(finding.words),
        severity=finding.severity,
        reason=reason.strip(),
        by=by,
        name=by.get_full_name() or by.get_username(),
        role=_role(by),
    )


def _role(by: Any) -> str:
    """The role somebody signs in, by its name; an operator without one is called that."""
    names = list(by.groups.order_by("name").values_list("name", flat=True))
    return "Compliance" if "Compliance" in names else ", ".join(names)[:40] or "operator"
