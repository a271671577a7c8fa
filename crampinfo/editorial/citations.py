"""Citations in running text: `[@slug]` becomes a number that leads to the reference list and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.html import format_html
from django.utils.translation import gettext as _

from crampinfo.editorial.models import Citation, Reference
from crampinfo.lib.prepared import Prepared

MARK = re.compile(r"\s?\[@([-\w]+)\]", re.ASCII)
_TAG_OR_MARK = re.compile(rf"<[^>]*>|{MARK.pattern}", re.ASCII)

_cited = Prepared(lambda kind, pk: Citation.objects.filter(content_type=kind, object_id=pk).select_related("reference"))


def of(content: models.Model) -> list[Citation]:
    """What a text cites, in its order, with the references."""
    return _cited.rows(kind=ContentType.objects.get_for_model(content).pk, pk=content.pk)


@dataclass(slots=True)
class Numbered:
    """A reference with its number on this page and the anchors of the places that cite it."""

    number: int
    reference: Reference
    uses: list[str] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The id of its line in the list."""
        return f"ref-{self.number}"

    @property
    def backlinks(self) -> list[str]:
        """The ids of the places that cite it."""
        return self.uses


class Numbering:
    """A page's references, numbered in the order of its list; collects who cites what while texts are rendered."""

    def __init__(self, citations: Iterable[Citation]) -> None:
        self.entries = [Numbered(number, citation.reference) for number, citation in enumerate(citations, 1)]
        self._by_slug = {entry.reference.slug: entry for entry in self.entries}

    def render(self, html: str) -> str:
        """Replace the marks of sanitised HTML by links; a mark whose reference is not in the list disappears."""
        return _TAG_OR_MARK.sub(lambda match: match[0] if match[1] is None else self._link(match), html)

    def _link(self, match: re.Match[str]) -> str:
        entry = self._by_slug.get(match[1])
        if entry is None:
            return ""
        anchor = f"c{entry.number}-{len(entry.uses) + 1}"
        entry.uses.append(anchor)
        return format_html(
            '<sup class="cite"><a id="{}" href="#{}" aria-label="{}">{}</a></sup>',
            anchor,
            entry.anchor,
            _("Reference %(number)s") % {"number": entry.number},
            entry.number,
        )


def without_marks(text: str) -> str:
    """The text without its citation marks, for places that have no reference list."""
    return MARK.sub("", text)
