"""What stands beside a publishable thing's form: its state, what the gate says, its readings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crampinfo.editorial import handover, rulebook
from crampinfo.editorial.acknowledgements import may_sign
from crampinfo.editorial.admin import refusal, signing
from crampinfo.editorial.findings import Finding
from crampinfo.editorial.models import Publishable, State


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: where it leads to in the form, what it says, the rule behind it, and who let it pass.

    target is the id of the very field, where there may be one; quote is its sentence in three parts, the words in the
    middle; key names the field for a reason, '' where this person can't give one.
    """

    anchor: str
    sentence: str
    blocks: bool
    target: str = ""
    words: str = ""
    quote: tuple[str, str, str] | None = None
    rule: str = ""
    asks: str = ""
    source: str = ""
    signed: str = ""
    key: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A place that has to do with this object."""

    kind: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything the side of the form prints."""

    state: str
    label: str
    sentences: tuple[str, ...]
    findings: tuple[Line, ...]
    asked: bool  # whether anybody has asked the gate about this content
    checked: bool
    closed: str = ""
    reading: str = ""  # where somebody qualified records that they have read it
    links: Sequence[Use] = ()  # what else this person can do with it
    sign: str = ""  # where somebody who can't change it sends reasons for findings

    @property
    def blocking(self) -> int:
        """How many findings stop it."""
        return sum(line.blocks for line in self.findings)

    @property
    def asks(self) -> int:
        """How many want a written reason."""
        return sum(not line.blocks and not line.signed for line in self.findings)

    @property
    def signs(self) -> bool:
        """Whether this person can give a reason here."""
        return any(line.key for line in self.findings)


def lines(
    findings: list[Finding], model: type[models.Model], fields: Sequence[str], request: HttpRequest | None = None
) -> tuple[Line, ...]:
    """The findings with the id of what they speak of: a field, or the rows of children; for whoever asks."""
    return tuple(_line(finding, model, fields, request) for finding in findings)


def _line(finding: Finding, model: type[models.Model], fields: Sequence[str], request: HttpRequest | None) -> Line:
    known = rulebook.rules().get(finding.rule_id)
    open_to = request is not None and finding.signed is None and may_sign(request.user, finding)
    key = signing.key(finding) if open_to else ""
    return Line(
        _anchor(finding.field, fields),
        refusal.sentence(finding, model),
        finding.stops,
        target=_target(finding.field),
        words=finding.excerpt,
        quote=_quote(finding),
        rule=known.id if known is not None else "",
        asks=known.rule if known is not None else "",
        source=known.source if known is not None else "",
        signed=_signed(finding),
        key=key,
        typed=request.POST.get(key, "") if key and request is not None else "",
    )


def _quote(finding: Finding) -> tuple[str, str, str] | None:
    """The sentence with the words cut out of its middle."""
    at = finding.sentence.find(finding.excerpt) if finding.excerpt else -1
    if at < 0:
        return None
    return finding.sentence[:at], finding.excerpt, finding.sentence[at + len(finding.excerpt) :]


def _signed(finding: Finding) -> str:
    if finding.signed is None:
        return ""
    return _("Let pass by %(name)s (%(role)s) on %(on)s: %(reason)s") % {
        "name": finding.signed.name,
        "role": finding.signed.role,
        "on": date_format(timezone.localtime(finding.signed.on)),
        "reason": finding.signed.reason,
    }


def _target(name: str) -> str:
    """The id of a finding's field in the form: id_body, or id_faq-1-answer for faq[2].answer."""
    row = re.fullmatch(r"(\w+)\[(\d+)\]\.(\w+)", name)
    return f"id_{row[1]}-{int(row[2]) - 1}-{row[3]}" if row else f"id_{name}"


def _anchor(name: str, fields: Sequence[str]) -> str:
    relation = name.partition("[")[0].removesuffix("_id")
    if relation in fields:
        return f"id_{relation}"
    return f"{relation}-group" if relation else "content-main"


def state_sentences(instance: Publishable) -> tuple[str, ...]:
    """Where it stands, in words and dates."""
    found = []
    if instance.state == State.PUBLISHED and instance.publish_at is not None:
        if instance.publish_at > timezone.now():
            found.append(_("Appears %(when)s.") % {"when": _when(instance.publish_at)})
        else:
            found.append(_("Readers see it since %(when)s.") % {"when": _when(instance.publish_at)})
        if instance.shows_updated and instance.content_changed_at is not None:
            found.append(_("Updated %(when)s.") % {"when": _when(instance.content_changed_at)})
        if instance.retire_at is not None:
            found.append(_("Disappears %(when)s.") % {"when": _when(instance.retire_at)})
    elif instance.state == State.RETIRED:
        found.append(_("Its address answers “not found”."))
    review = instance.medical_review
    if review is not None and review.void_since is not None:
        found.append(
            _("Read by %(who)s %(when)s, but its evidence box says something else now: that reading no longer counts.")
            % _reading(review)
        )
    elif review is not None and instance.reviewed is None:
        found.append(
            _("Read by %(who)s %(when)s, but changed since: that reading no longer counts.") % _reading(review)
        )
    elif review is not None:
        found.append(_("Medically reviewed by %(who)s %(when)s.") % _reading(review))
    return tuple(found)


def to_be_read(instance: Publishable) -> tuple[str, ...]:
    """On a sensitive topic, on its way to readers: that somebody qualified comes first."""
    if instance.state not in (State.IN_REVIEW, State.APPROVED) or not handover.wants_reading(instance):
        return ()
    return (_("Its topic is sensitive: a medical reviewer has to read it before it is published. Nobody has yet."),)


def _reading(review: models.Model) -> dict[str, str]:
    return {"who": str(review.reviewer), "when": date_format(review.reviewed_on)}  # type: ignore[attr-defined]


def _when(moment: object) -> str:
    return date_format(timezone.localtime(moment), "j F Y, H:i")  # type: ignore[arg-type]
