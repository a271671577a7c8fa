"""Warnings that a text brings along, whether or not its author thought of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from crampinfo.editorial import safety

register = template.Library()


@register.inclusion_tag("includes/quinine.html")
def quinine_warning(*texts: str, faq: Iterable[Any] = ()) -> dict[str, bool]:
    """The warning on quinine, where one of the texts, or of the short questions and answers, names it."""
    more = (f"{entry.question} {entry.answer}" for entry in faq)
    return {"needed": safety.names_quinine(*texts, *more)}
