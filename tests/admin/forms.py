"""Filling in the admin's forms as a browser would: what the page offers, with some fields changed."""

from __future__ import annotations

from typing import Any

from django.forms import MultiWidget


def filled(answer: Any, verb: str = "save", **changes: Any) -> dict[str, Any]:
    """The POST of a change page with its fields and rows as they came; changes name fields, rows as faq-0-answer."""
    context = answer.context or answer.context_data  # an unrendered page has the latter alone
    data: dict[str, Any] = {"_verb": verb, "_seen": context.get("seen", "")}
    data["_copy"] = context.get("shown", "")
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            data |= _typed(bound)
    data |= {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in data.items() if value is not None}


def _typed(bound: Any) -> dict[str, Any]:
    value = bound.value()
    widget = getattr(bound.field.widget, "widget", bound.field.widget)
    if isinstance(widget, MultiWidget):
        parts = value if isinstance(value, list) else widget.decompress(value)
        shown = [inner.format_value(part) for inner, part in zip(widget.widgets, parts, strict=True)]
        return {f"{bound.html_name}_{number}": part if part is not None else "" for number, part in enumerate(shown)}
    if isinstance(value, bool):
        return {bound.html_name: "on"} if value else {}
    if value is None and getattr(widget, "allow_multiple_selected", False):
        return {}
    if isinstance(value, (list, tuple)):
        return {bound.html_name: [getattr(item, "pk", item) for item in value]}
    return {bound.html_name: "" if value is None else value}


def with_row(data: dict[str, Any], prefix: str, **fields: Any) -> dict[str, Any]:
    """The same POST with one row more."""
    number = int(data[f"{prefix}-TOTAL_FORMS"])
    row = {f"{prefix}-{number}-{name}": value for name, value in fields.items()}
    return {**data, f"{prefix}-TOTAL_FORMS": number + 1, **row}


def errors_of(answer: Any) -> dict[str, list[str]]:
    """What the form said, by field."""
    assert answer.status_code == 200, answer.status_code
    return {name: list(said) for name, said in answer.context["adminform"].form.errors.items()}


def told(answer: Any) -> list[str]:
    """The messages on the page that followed."""
    return [str(message) for message in answer.context["messages"]]
