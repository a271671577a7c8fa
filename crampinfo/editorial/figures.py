"""Our line drawings in running text: `[figure:stretch-wall]` stands for templates/figures/stretch-wall.svg."""

from __future__ import annotations

import re

from django.template import TemplateDoesNotExist
from django.template.loader import get_template

MARK = re.compile(r"\[figure:([^\[\]\n<]*)\]")


def exists(name: str) -> bool:
    """Whether we have a drawing of that name."""
    if not re.fullmatch(r"[a-z]+(?:-[a-z]+)*", name):
        return False
    try:
        get_template(f"figures/{name}.svg")
    except TemplateDoesNotExist:
        return False
    return True
