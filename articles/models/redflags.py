"""The signs that need help, as guides, questions and the page for a cramp right now carry them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RedFlags(models.Model):
    """When to get help: two lists, one sign a line. They stand above everything that is sold (rules.md HC-25)."""

    red_flags_emergency = models.TextField(_("call an ambulance"), blank=True, help_text=_("One sign a line."))
    red_flags_today = models.TextField(_("be seen today"), blank=True, help_text=_("One sign a line."))

    class Meta:
        abstract = True

    @property
    def red_flags(self) -> bool:
        """Whether there are any."""
        return bool(self.emergency_list or self.today_list)

    @property
    def emergency_list(self) -> list[str]:
        """Signs for which one calls an ambulance."""
        return self.red_flags_emergency.splitlines()

    @property
    def today_list(self) -> list[str]:
        """Signs with which one is seen today."""
        return self.red_flags_today.splitlines()
