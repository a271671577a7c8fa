"""Scores by review, and why a product is not recommended."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext

from reviews.scoring import GateFailure

register = template.Library()


@register.filter
def score_of(scores: Mapping[int, Decimal], review: int) -> str:
    """The score of a review as printed, a dash where its scores are incomplete."""
    score = scores.get(review)
    return "–" if score is None else number_format(score, 1)


@register.filter
def told(failure: GateFailure) -> str:
    """Why a product is not recommended, in the page's language."""
    return failure.told(gettext)
