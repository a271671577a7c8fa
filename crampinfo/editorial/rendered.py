"""The gate's last step: the page as readers would get it, inspected as a tree (rules.md section 14, 6 and 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import models

from crampinfo.editorial import acknowledgements, ahead, gate
from crampinfo.editorial.findings import Finding, Severity
from crampinfo.editorial.models import Publishable
from crampinfo.lib.dom import Page

PAGE = "page"
"""The field of findings about a page as a whole."""

Rule = Callable[[Any, Page], Iterable[Finding]]
_rules: list[tuple[type[models.Model], Rule]] = []


def rule(model: type[models.Model]) -> Callable[[Rule], Rule]:
    """Register a generator of findings about the pages of a model and its subclasses."""

    def register(function: Rule) -> Rule:
        _rules.append((model, function))
        return function

    return register


def inspect(instance: Publishable, html: str | None = None) -> list[Finding]:
    """Everything wrong with the page of a stored object, rendered as if it were published now unless html is given."""
    try:
        page = Page(ahead.html(instance) if html is None else html)
    except ahead.NotShown as error:
        return [Finding("PUB-02", Severity.BLOCK, PAGE, "", str(error), "Mend it, then ask again.")]
    return inspect_page(instance, page)


def inspect_page(instance: Publishable, page: Page) -> list[Finding]:
    """Everything wrong with the page of an object, as it was rendered."""
    return [finding for model, ask in _rules if isinstance(instance, model) for finding in ask(instance, page)]


def inspect_plain(shown: Any, page: Page) -> list[Finding]:
    """Everything wrong with a page that is no publishable thing's, by the rules for all pages.

    shown has what they read of its object: language, is_demo, author (None) and get_absolute_url.
    """
    return [finding for model, ask in _rules if model is Publishable for finding in ask(shown, page)]


def check(instance: Publishable, by: User | None = None) -> list[Finding]:
    """The findings, or GateRefused: see gate.refuse. The object's row holds what is to be published."""
    findings = acknowledgements.applied(instance, inspect(instance))
    gate.refuse(findings, by)
    return findings


def everything(instance: Publishable) -> list[Finding]:
    """What the whole gate says of a stored object. The page is dear: it is read only if nothing before stops it."""
    found = gate.inspect(instance)
    if not any(finding.stops for finding in acknowledgements.applied(instance, found)):
        found += inspect(instance)
    return acknowledgements.applied(instance, found)
