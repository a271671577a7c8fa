"""What a list asks of a booking, before anybody approves it: that its product is one of the list's, and the cap."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial import whereused
from products.models import Placement, PlacementKind, Slot, terms_asked
from reviews import gates, scoring
from reviews.models import Ranking, RankingEntry, RankingRejection

_MOVES = (PlacementKind.ORDER, PlacementKind.ADJUSTMENT)

whereused.found_in(Slot, gettext_lazy("sells it"), Ranking, "slots")
whereused.found_in(Ranking, gettext_lazy("is booked in it"), Placement, "slot__rankings")


@receiver(terms_asked, dispatch_uid="reviews.bookings")
def refuse_what_does_not_fit(placement: Placement, **kwargs: Any) -> None:
    """Refuse a product that a list of the slot has rejected, and a place or points for one that it does not rank."""
    lists = list(Ranking.objects.filter(slots=placement.slot_id))
    rejected = RankingRejection.objects.filter(ranking__in=lists, product=placement.product_id).first()
    if rejected is not None:
        words = _("%(list)s considered this product and left it out (%(reason)s): it can't be placed there.")
        raise ValidationError({"product": words % {"list": rejected.ranking, "reason": rejected.reason}})
    if placement.kind not in _MOVES or not lists:
        return
    if not RankingEntry.objects.filter(ranking__in=lists, product=placement.product_id).exists():
        words = _("%(list)s does not rank this product: there is nothing to move.")
        raise ValidationError({"product": words % {"list": lists[0]}})
    _refuse_what_a_gate_keeps_out(placement)
    if placement.kind == PlacementKind.ADJUSTMENT:
        for ranking in lists:
            placement.refuse_past_the_cap(Placement.objects.filter(slot__rankings=ranking))


def _refuse_what_a_gate_keeps_out(placement: Placement) -> None:
    product = placement.product
    failed = scoring.gate_failures(gates.facts(product, product.elemental_a_day()))
    if failed:
        words = _("It is not recommended, so it has no place that could be moved: %(why)s")
        raise ValidationError({"product": words % {"why": failed[0].sentence}})
