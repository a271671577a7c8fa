"""What a reader must know before a supplement's button: kidneys, medicines, the limits, the usual unwanted effect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings

from products import dose
from products.dose import Market
from products.models import Offer

register = template.Library()


@register.inclusion_tag("includes/safety.html")
def before_you_take_it(needed: object = True) -> dict[str, Any]:
    """The notice, with the limits of the markets served; nothing where it is not needed (rules.md HC-10)."""
    limits = [dose.LIMITS[Market(name)] for name in settings.MARKETS]
    return {"needed": bool(needed), "limits": [(limit.market.value, f"{limit.mg.normalize():f}") for limit in limits]}


@register.simple_tag
def sells_supplements(offers: Iterable[Offer], button: Any = None) -> bool:
    """Whether a text's links, or its call-out, lead to a supplement."""
    sold = [offer.product for offer in offers]
    sold += [button.offer.product] if button else []
    return any(product.is_supplement for product in sold)
