"""The admin's home, fetched by its template: the page is the only one that needs it."""

from __future__ import annotations

from typing import Any

from django import template

from crampinfo.site.admin import home

register = template.Library()


@register.simple_tag(takes_context=True)
def what_needs_me(context: dict[str, Any]) -> home.Home:
    """Everything the home page prints for whoever is signed in."""
    return home.build(context["request"])
