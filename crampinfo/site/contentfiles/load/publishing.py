"""After loading: publish what is to be public, record history, turn the gate's findings into problems."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from crampinfo.editorial import revisions, workflow
from crampinfo.editorial.gate import Finding, GateRefused, Severity
from crampinfo.editorial.models import Publishable, Revision, State
from crampinfo.editorial.signals import announce
from crampinfo.site.contentfiles.load import saving
from crampinfo.site.contentfiles.load.desk import is_live
from crampinfo.site.contentfiles.parse import Entry
from crampinfo.site.contentfiles.problems import Problem, Rejected
from crampinfo.site.contentfiles.reading import Item, model_names

_CHILD = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")
# Children whose name in the file is another than in the model.
_PARTS = {"rejections": "rejected"}


def finish(entry: Entry, obj: Any, created: bool) -> None:
    """Publish a publishable with a date, or write its revision; announce anything else. Raises Rejected."""
    if not isinstance(obj, Publishable):
        announce(obj)
        return
    words = "Imported" if created else "Changed by an import"
    published = getattr(entry.item, "published", None)
    if published is None and not is_live(obj):
        _draft(obj, words)
        return
    # Like every relative date, one of publication is set once.
    dated = published is not None and not (published.relative and obj.publish_at)
    at = published.at if published is not None and dated else None
    try:
        workflow.publish(obj, at=at, first_published_at=at, summary=words)
    except GateRefused as refused:
        raise Rejected(_problems(refused.findings, entry.item)) from refused
    except ValidationError as error:
        raise Rejected(saving.explain(error, entry.item)) from error


def _draft(obj: Publishable, words: str) -> None:
    """A draft's history; what was approved or in review has changed under the reviewer, so it is a draft again."""
    fresh = revisions.content_hash(obj)
    newest = (
        Revision.objects.filter(content_type__model=obj._meta.model_name, object_id=obj.pk).order_by("-number").first()
    )
    if newest is not None and newest.content_hash == fresh:
        return
    if obj.state in (State.IN_REVIEW, State.APPROVED):
        workflow.reopen(obj)
    else:
        revisions.record(obj, summary=words, author=None)


def _problems(findings: list[Finding], item: Item) -> Iterator[Problem]:
    lines = Path(item.where.file).read_text(encoding="utf-8-sig").split("\n")
    for finding in findings:
        if finding.severity is Severity.BLOCK:
            yield Problem(item.where.file, _line(finding, item, lines), str(finding))


def _line(finding: Finding, item: Item, lines: list[str]) -> int:
    """The line of the finding's words where they can be found, else of its field."""
    part, field = _place(finding.field, item)
    start = saving.line_of(part, field)
    in_text = part is item and hasattr(item, "body") and start == item.body.line
    later = [line for line in part.where.lines.values() if line > start]
    end = len(lines) if in_text or not later else min(later) - 1
    plain = html.unescape(re.sub(r"<[^>]+>", "", finding.excerpt)).strip()
    words = plain.split()
    for piece in (plain, " ".join(words[:3]), words[0] if words else ""):
        for at in range(start, min(end, len(lines)) + 1):
            if piece and piece in lines[at - 1]:
                return at
    return start


def _place(field: str, item: Item) -> tuple[Item, str]:
    """The item, or part of one, and its field that a gate's field name means."""
    match = _CHILD.fullmatch(field)
    name = match[1] if match else field
    parts = getattr(item, _PARTS.get(name, name), None)
    if match and isinstance(parts, tuple) and len(parts) >= int(match[2]):
        part = parts[int(match[2]) - 1]
        # Scores are stored in another order than they are written: their field says enough.
        if isinstance(part, Item) and name != "scores":
            return part, model_names(type(part)).get(match[3], match[3])
    return item, model_names(type(item)).get(name, _PARTS.get(name, name))
