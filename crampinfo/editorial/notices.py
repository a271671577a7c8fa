"""Notices by e-mail: that something was handed to somebody. Of the text they hold its title, nothing else."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from crampinfo.editorial.models import Handover

_LONGEST = 120  # characters of a title in a subject


def line(text: str) -> str:
    """Words for a header: one line, nothing unprintable, of bounded length."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return Truncator(" ".join(plain.split())).chars(_LONGEST)


def handed(row: Handover) -> EmailMessage | None:
    """The letter to whoever something was handed to; None where nobody is left to write to."""
    to = row.assignee
    if to is None or not to.is_active or not to.email:
        return None
    return EmailMessage(
        subject=_("[%(site)s] Handed to you: %(title)s") % {"site": settings.SITE_NAME, "title": line(row.title)},
        body="\n".join(_lines(row)),
        to=[to.email],
    )


def _lines(row: Handover) -> list[str]:
    kind = capfirst(str(row.content_type.name))
    state = str(row.get_to_state_display()).lower()
    by = row.by.get_full_name() or row.by.get_username() if row.by is not None else _("Somebody")
    what = _("%(by)s handed this to you: %(title)s") % {"by": by, "title": line(row.title)}
    stands = _("%(kind)s, draft of changes, %(state)s") if row.of_changes else _("%(kind)s, %(state)s")
    found = [what, stands % {"kind": kind, "state": state}]
    if row.due is not None:
        found.append(_("Due: %(day)s") % {"day": date_format(row.due, "l j F Y")})
    if row.note:
        found += ["", _("Note: %(note)s") % {"note": row.note}]
    route = f"admin:{row.content_type.app_label}_{row.content_type.model}_change"
    return [*found, "", f"{settings.SITE_URL}{reverse(route, args=[row.object_id])}"]
