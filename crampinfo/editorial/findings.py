"""What the gate says: findings, how heavy they are, and the refusal that carries them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import field as field_with
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError

from crampinfo.editorial import rulebook


class Severity(StrEnum):
    """BLOCK stops publishing; WARN wants a written reason; NOTE is only kept: words that merely look like a claim."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Signed:
    """Who answers for letting a finding pass: name, role, reason, and when."""

    name: str
    role: str
    reason: str
    on: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a stable code, where, the words, why, and what to do about it.

    rule is the rule's id in docs/rules.md ('' when the code is one). start and end (exclusive) are the place of the
    words in the stored text of the field; sentence is what stands around them. None of these make two findings differ.
    """

    code: str
    severity: Severity
    field: str
    excerpt: str
    why: str
    remedy: str
    rule: str = field_with(default="", compare=False)
    start: int | None = field_with(default=None, compare=False)
    end: int | None = field_with(default=None, compare=False)
    sentence: str = field_with(default="", compare=False)
    signed: Signed | None = field_with(default=None, compare=False)

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        words = f" “{self.excerpt}”" if self.excerpt else ""
        return f"{self.code} {where}{self.why}{words} {self.remedy}"

    @property
    def rule_id(self) -> str:
        """The rule it stands under."""
        return self.rule or self.code

    @property
    def source(self) -> str:
        """Where the rule comes from, '' for a check of our own models."""
        known = rulebook.rules().get(self.rule_id)
        return known.source if known else ""

    @property
    def stops(self) -> bool:
        """Whether it stops publishing as things stand."""
        return self.severity is Severity.BLOCK and self.signed is None

    @property
    def asks(self) -> bool:
        """Whether it wants a written reason before publishing."""
        return self.severity is Severity.WARN and self.signed is None

    @property
    def never_signed(self) -> bool:
        """Whether nobody, Compliance neither, may let it pass (rules.md section 14)."""
        return self.severity is Severity.BLOCK and rulebook.never_overridden(self.rule_id)

    @property
    def place(self) -> str:
        """The field without the numbers of its rows, which move when another row goes."""
        return re.sub(r"\[\d+\]", "", self.field)

    @property
    def words(self) -> str:
        """What a signature is bound to: the sentence, or the excerpt where there is none."""
        return self.sentence or self.excerpt

    def signed_by(self, signature: Signed) -> Finding:
        """The same finding, let pass."""
        return replace(self, signed=signature)

    def as_dict(self) -> dict[str, Any]:
        """For the revision that keeps it; what is not known is left out."""
        plain = {name: value for name, value in asdict(self).items() if value not in (None, "") or name in _ALWAYS}
        if self.signed is not None:
            plain["signed"] = {**asdict(self.signed), "on": self.signed.on.isoformat()}
        return plain | {"severity": str(self.severity)}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Finding:
        """A finding as a revision kept it."""
        signed = kept.get("signed")
        values = {**kept, "severity": Severity(kept["severity"])}
        if signed:
            values["signed"] = Signed(**{**signed, "on": datetime.fromisoformat(signed["on"])})
        return cls(**values)


_ALWAYS = ("code", "severity", "field", "excerpt", "why", "remedy")


class GateRefused(ValidationError):
    """The gate found something that stops it; findings holds everything it found."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        stopping = [finding for finding in findings if finding.stops] or [one for one in findings if one.asks]
        super().__init__([str(finding) for finding in stopping])
