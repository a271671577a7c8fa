"""The evidence box's figure."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from crampinfo.editorial.models import Evidence
from crampinfo.lib import charts

register = template.Library()

# Measures that compare by division: no difference is 1, not 0.
RATIOS = {"RR", "OR", "HR"}


@register.simple_tag
def interval_figure(evidence: Evidence | None) -> charts.Interval | None:
    """The drawn outcome of an evidence box, None when it draws none or its numbers are incomplete."""
    outcome = evidence.outcome if evidence is not None else None
    if evidence is None or outcome is None or evidence.axis_min is None or evidence.axis_max is None:
        return None
    if outcome.effect is None or outcome.ci_low is None or outcome.ci_high is None:
        return None
    numbers = {
        "low": charts.signed(outcome.ci_low),
        "high": charts.signed(outcome.ci_high),
        "effect": charts.signed(outcome.effect),
    }
    value = _("%(effect)s (%(low)s to %(high)s)") % numbers
    null = Decimal(1) if outcome.measure in RATIOS else Decimal(0)
    holds = outcome.ci_low <= null <= outcome.ci_high
    verdict = _("The interval includes no difference.") if holds else _("The interval does not include no difference.")
    words = {
        "value": value,
        "unit": outcome.unit,
        "low_label": evidence.axis_low_label,
        "high_label": evidence.axis_high_label,
        "summary": _("%(value)s %(unit)s, with its 95 percent interval. %(verdict)s")
        % {"value": value, "unit": outcome.unit, "verdict": verdict},
    }
    return charts.interval(
        outcome.effect, outcome.ci_low, outcome.ci_high, (evidence.axis_min, evidence.axis_max), null, words
    )
