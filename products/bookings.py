"""Booking what is sold: approving a placement and ending one early; saving one puts it on record."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial.signals import announce
from products.models import Placement


@transaction.atomic
def approve(placement: Placement, by: str, account: str = "") -> None:
    """Let a booking take effect between its dates; from now on its terms are fixed. by is the name readers see.

    account is the user name of whoever approves: not that of whoever booked, unless one person runs the whole site.
    """
    if placement.approved_at is not None:
        raise ValidationError(_("It is approved already."))
    if account and account == placement.booked_by and not settings.SINGLE_OPERATOR:
        raise ValidationError(_("You booked it: somebody else approves it."))
    placement.approved_by = by
    placement.approved_at = timezone.now()
    placement.save()
    announce(placement)


@transaction.atomic
def end_early(placement: Placement, reason: str, at: datetime | None = None) -> None:
    """Cut a booking short without rewriting the dates that were booked."""
    if placement.ended_early_at is not None:
        raise ValidationError(_("It has ended already."))
    placement.ended_early_at = at or timezone.now()
    placement.ended_reason = reason
    placement.save()
    announce(placement)
