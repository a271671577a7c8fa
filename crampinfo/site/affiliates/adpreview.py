"""A booking on its page before it is approved: exactly what will be labelled "Ad"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.models import Article, Question
from crampinfo.editorial import preview
from crampinfo.site.affiliates import pages
from products.models import Placement
from reviews.models import Ranking


@pages.page(pages.SEES_BOOKINGS)
@require_safe
def shown(request: HttpRequest, key: int) -> HttpResponse:
    """The first live page that sells its slot, as if the booking ran now; nothing of it is kept."""
    placement = get_object_or_404(Placement.objects.select_related("slot"), pk=key)
    where = _page(placement)
    if where is None:
        return _back(request, key, _("No page that readers see sells this slot."))
    try:
        with preview.undone():
            _run_now(placement)
            return preview.page(where, request)
    except preview.NotShown as why:
        return _back(request, key, str(why))


def _page(placement: Placement) -> Any:
    """A list, or a text, whose slot it is."""
    found = Ranking.objects.published().filter(slots=placement.slot).order_by("title").first()
    for model in (Article, Question):
        found = found or model.objects.published().filter(button_slot=placement.slot).order_by("title").first()
    return found


def _run_now(placement: Placement) -> None:
    """Written past the checks of bookings: it is undone a moment later."""
    now = timezone.now()
    row: models.QuerySet[Placement] = models.QuerySet(Placement).filter(pk=placement.pk)
    row.update(
        approved_at=placement.approved_at or now,
        approved_by=placement.approved_by or "preview",
        starts_at=now - timedelta(minutes=5),
        ends_at=max(placement.ends_at, now + timedelta(hours=1)),
        ended_early_at=None,
    )


def _back(request: HttpRequest, key: int, words: str) -> HttpResponse:
    messages.warning(request, words)
    return HttpResponseRedirect(reverse("admin:products_placement_change", args=[key]))
