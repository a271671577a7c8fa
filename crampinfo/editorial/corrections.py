"""Corrections: what readers are told, on the page and for good, of an error that stood there."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial import revisions
from crampinfo.editorial.models import Publishable, State

LONGEST = 500  # characters


def add(instance: Publishable, text: str) -> None:
    """Put one before the others, dated today; the caller publishes it with the change that it is about. "" is none.

    Raises ValidationError where there is nothing to correct: readers never saw it, or nothing of it changed.
    """
    told = " ".join(text.split())
    if not told:
        return
    if len(told) > LONGEST:
        raise ValidationError(
            _("A correction has at most %(most)s characters; this has %(n)s. Say what was wrong, and what is right.")
            % {"most": LONGEST, "n": len(told)}
        )
    if instance.state != State.PUBLISHED:
        raise ValidationError(_("Readers have not seen this text: change it without a correction."))
    if revisions.content_hash(instance) == instance.gate_hash:
        raise ValidationError(_("Nothing of the text was changed: mend the error together with its correction."))
    instance.corrections = [{"on": timezone.localdate().isoformat(), "text": told}, *instance.corrections]
