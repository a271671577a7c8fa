"""Nothing was saved, and why: what the gate or another person's save said, put beside the fields of the form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crampinfo.editorial.gate import Finding, GateRefused, Severity

ASIDE = "_crampinfo_refusal"  # where a request keeps why its first attempt to save came to nothing


@dataclass(frozen=True, slots=True)
class Complaint:
    """One sentence and the field it belongs to; "" is the form as a whole."""

    field: str
    sentence: str


@dataclass(slots=True)
class Refusal:
    """Why a form came back; findings are everything the gate said, warnings too."""

    complaints: list[Complaint] = field(default_factory=list)
    findings: list[Finding] | None = None
    checked: bool = False  # it was only asked what the gate says


class Stop(Exception):
    """Leave a save that is under way: everything it did is undone and the form comes back with the refusal."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__()


def of_findings(findings: list[Finding], model: type[models.Model]) -> Refusal:
    """The findings that stop it as complaints; where only reasons are wanted, that they are."""
    shown = [finding for finding in findings if finding.severity is not Severity.NOTE]
    stopping = [finding for finding in shown if finding.stops]
    complaints = [Complaint(finding.field, sentence(finding, model)) for finding in stopping]
    if not complaints and any(finding.asks for finding in shown):
        complaints = [Complaint("", _("The gate warns: write beside each warning why it may stand, then publish."))]
    return Refusal(complaints, shown)


def of_warnings(findings: list[Finding], model: type[models.Model]) -> list[str]:
    """What the gate lets pass with a word."""
    return [sentence(finding, model) for finding in findings if finding.asks]


def of_error(error: ValidationError, model: type[models.Model]) -> Refusal:
    """Any refusal of a model, from the gate or from its own checks."""
    if isinstance(error, GateRefused):
        return of_findings(error.findings, model)
    if hasattr(error, "error_dict"):
        pairs = [(name, text) for name, texts in error.message_dict.items() for text in texts]
    else:
        pairs = [("", text) for text in error.messages]
    return Refusal([Complaint("" if name == "__all__" else name, str(text)) for name, text in pairs])


def sentence(finding: Finding, model: type[models.Model]) -> str:
    """A finding for the person at the form: where in words, what, what to do, and the rule's code."""
    where = place(finding.field, model)
    excerpt = f" “{finding.excerpt}”" if finding.excerpt else ""
    return f"{where}{': ' if where else ''}{finding.why}{excerpt} {finding.remedy} ({finding.code})"


def place(name: str, model: type[models.Model]) -> str:
    """A finding's field in words: "Text", or "FAQ entries 2, answer" for faq[2].answer."""
    relation, _bracket, rest = name.partition("[")
    try:
        found = model._meta.get_field(relation.removesuffix("_id"))
    except FieldDoesNotExist:
        return capfirst(relation.replace("_", " "))
    if not found.one_to_many:
        return capfirst(str(getattr(found, "verbose_name", relation)))
    child: Any = found.related_model
    many = capfirst(str(child._meta.verbose_name_plural))
    number, _dot, inner = rest.partition("].")
    if not inner:
        return many
    part = child._meta.get_field(inner.removesuffix("_id")).verbose_name
    return _("%(rows)s %(number)s, %(part)s") % {"rows": many, "number": number, "part": part}
