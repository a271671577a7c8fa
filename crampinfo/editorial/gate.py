"""The publish gate: one registry of rules, asked on every path before something is published.

Rules are asked from cheap to dear (rules.md section 14). The page itself is read last, and only when nothing before
stopped it: that needs the object stored, see crampinfo.editorial.rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from crampinfo.editorial import acknowledgements, passages
from crampinfo.editorial.findings import Finding, GateRefused, Severity
from crampinfo.editorial.models import Publishable

__all__ = ["Finding", "GateRefused", "Severity", "Step", "check", "inspect", "missing", "rule", "texts"]


class Step(IntEnum):
    """When a rule is asked (rules.md section 14): cheap ones first."""

    LEFTOVERS = 1
    REQUIRED = 2
    CLAIMS = 3
    EVIDENCE = 4
    RELATIONS = 5


Rule = Callable[[Any], Iterable[Finding]]


class _Asked(NamedTuple):
    model: type[models.Model]
    ask: Rule
    step: Step


_rules: list[_Asked] = []


def rule(model: type[models.Model], step: Step = Step.REQUIRED) -> Callable[[Rule], Rule]:
    """Register a generator of findings for a model and its subclasses, abstract ones too; asked step by step."""

    def register(function: Rule) -> Rule:
        _rules.append(_Asked(model, function, step))
        _rules.sort(key=lambda asked: asked.step)
        return function

    return register


def inspect(instance: Publishable, *, notes: bool = False) -> list[Finding]:
    """Everything that is wrong with an object as it stands, saved or not; its text is cleaned in memory on the way.

    notes adds what only looks wrong and was let pass. The page is not rendered.
    """
    invalid = list(_invalid(instance))
    with passages.read_once():
        found = [finding for asked in _rules if isinstance(instance, asked.model) for finding in asked.ask(instance)]
    named = {finding.field for finding in found if finding.code == "PUB-02"}
    found += [finding for finding in invalid if finding.field not in named]
    return [finding for finding in found if notes or finding.severity is not Severity.NOTE]


def _invalid(instance: Publishable) -> Iterator[Finding]:
    """What the model's own checks refuse (PUB-02)."""
    try:
        _full_clean(instance)
    except ValidationError as error:
        for field, sentences in error.message_dict.items():
            for sentence in sentences:
                name = "" if field == NON_FIELD_ERRORS else field
                yield Finding("PUB-02", Severity.BLOCK, name, "", sentence, _("Correct it, then publish again."))


def _full_clean(instance: Publishable) -> None:
    """full_clean without questions that are answered already: each related row is fetched once and is there then.

    What every publishable thing must hold (its dates, its hash) is asked of the object in hand, not of the database.
    """
    there = [field.name for field in instance._meta.fields if field.is_relation and _there(instance, field.name)]
    errors: dict[str, Any] = {}
    try:
        instance.full_clean(exclude=there, validate_constraints=False)
    except ValidationError as error:
        errors = error.update_error_dict(errors)
    if instance.retire_at and instance.publish_at and instance.retire_at <= instance.publish_at:
        errors.setdefault(NON_FIELD_ERRORS, []).append(
            ValidationError(_("It would retire before it is published: set a later retiring time."))
        )
    own = {constraint.name % {"app_label": "", "class": ""} for constraint in Publishable._meta.constraints}
    for constraint in instance._meta.constraints:
        if not any(constraint.name.endswith(name.lstrip("_")) for name in own):
            try:
                constraint.validate(type(instance), instance, exclude=set(errors))
            except ValidationError as error:
                errors.setdefault(NON_FIELD_ERRORS, []).extend(error.error_list)
    if errors:
        raise ValidationError(errors)


def _there(instance: Publishable, name: str) -> bool:
    """Whether the row that a field leads to is there; it is kept for whoever asks next."""
    try:
        return getattr(instance, name) is not None
    except ObjectDoesNotExist:
        return False


def refuse(findings: list[Finding], by: User | None = None) -> None:
    """Raise GateRefused when a finding stops it or, where a person publishes, wants a reason that nobody wrote."""
    if any(finding.stops or (by is not None and finding.asks) for finding in findings):
        raise GateRefused(findings)


def check(instance: Publishable, by: User | None = None) -> list[Finding]:
    """The findings, or GateRefused; see refuse."""
    findings = acknowledgements.applied(instance, inspect(instance, notes=True))
    refuse(findings, by)
    return findings


def missing(instance: models.Model, code: str, **remedies: str) -> Iterator[Finding]:
    """A blocking finding for each named field that is empty."""
    for field, remedy in remedies.items():
        value = getattr(instance, field)
        if value is None or (isinstance(value, str) and not value.strip()):
            yield Finding(code, Severity.BLOCK, field, "", _("It is empty."), remedy)


def texts(instance: Publishable) -> Iterator[tuple[str, str]]:
    """Every piece of text of an object with the field it stands in; see crampinfo.editorial.passages."""
    return ((passage.field, passage.text) for passage in passages.of(instance))
