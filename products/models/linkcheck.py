"""What the link check last found behind an offer's address, and what a manager said about it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from products.models.commerce import Offer


class LinkState(models.TextChoices):
    """What an answer means. Blocked means that we may not look: it says nothing about the link."""

    UNKNOWN = "unknown", _("not checked yet")
    FINE = "fine", _("fine")
    MOVED = "moved", _("moved")
    GONE = "gone", _("gone")
    OUT_OF_STOCK = "out", _("out of stock")
    BLOCKED = "blocked", _("blocks robots")
    TIMED_OUT = "timeout", _("timed out")
    WRONG_PAGE = "wrong", _("wrong product page")
    REFUSED = "refused", _("address not allowed")


# What a manager should look at; the others need nobody.
TROUBLE = frozenset({LinkState.MOVED, LinkState.GONE, LinkState.TIMED_OUT, LinkState.WRONG_PAGE, LinkState.REFUSED})
# How often an answer must be the same before it counts: one bad night of a shop is no news.
CONFIRMED_AFTER = {LinkState.GONE: 2, LinkState.WRONG_PAGE: 2, LinkState.TIMED_OUT: 3}
# What takes an offer from the pages once it is confirmed.
HOLDS = frozenset({LinkState.GONE, LinkState.WRONG_PAGE, LinkState.REFUSED})


class LinkCheckQuerySet(models.QuerySet):
    """Querysets of link checks."""

    def due(self, now: datetime) -> LinkCheckQuerySet:
        """Those whose time has come, of offers that readers may meet or that wait for their link to work."""
        return self.filter(
            Q(offer__ends_at__isnull=True) | Q(offer__ends_at__gt=now),
            due_at__lte=now,
            offer__is_paused=False,
            offer__merchant__is_demo=False,
        )

    def wanting(self) -> LinkCheckQuerySet:
        """Trouble that is confirmed and that nobody has accepted."""
        confirmed = Q()
        for state in TROUBLE:
            confirmed |= Q(state=state, times__gte=CONFIRMED_AFTER.get(state, 1))
        return self.filter(confirmed).exclude(accepted_answer=models.F("answer"))


class LinkCheck(models.Model):
    """The last answer at an offer's address. times counts how often in a row it has been the same."""

    offer = models.OneToOneField(Offer, on_delete=models.CASCADE, related_name="link_check", verbose_name=_("offer"))
    state = models.CharField(_("state"), max_length=8, choices=LinkState, default=LinkState.UNKNOWN)
    detail = models.CharField(_("what we found"), max_length=300, blank=True)
    status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    final_address = models.CharField(_("leads to"), max_length=2000, blank=True)
    answer = models.CharField(max_length=80, blank=True)
    validator = models.CharField(max_length=200, blank=True)
    times = models.PositiveIntegerField(_("times in a row"), default=0)
    since = models.DateTimeField(_("since"), null=True, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    due_at = models.DateTimeField(_("next check"), default=timezone.now, db_index=True)
    accepted_answer = models.CharField(max_length=80, blank=True)
    accepted_by = models.CharField(_("accepted by"), max_length=99, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)

    objects: ClassVar = LinkCheckQuerySet.as_manager()

    class Meta:
        ordering = ("-since",)
        verbose_name = _("link check")

    def __str__(self) -> str:
        return f"{self.offer}: {self.get_state_display()}"

    @property
    def is_accepted(self) -> bool:
        """Whether a manager has accepted this very answer."""
        return self.accepted_answer != "" and self.accepted_answer == self.answer

    @property
    def is_confirmed(self) -> bool:
        """Whether the answer has been the same often enough to count."""
        return self.times >= CONFIRMED_AFTER.get(LinkState(self.state), 1)

    @property
    def wants_somebody(self) -> bool:
        """The same rule as LinkCheckQuerySet.wanting."""
        return self.state in TROUBLE and self.is_confirmed and not self.is_accepted
