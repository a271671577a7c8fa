"""What the gates look at, read from a product: one failed gate keeps it out of every order, whatever its score."""

from __future__ import annotations

from decimal import Decimal

from products.models import Product
from reviews import scoring, standing


def facts(product: Product, daily: Decimal | None) -> scoring.GateFacts:
    """The facts of a product; daily is mg of magnesium a day, None where nobody can tell."""
    return scoring.GateFacts(
        elemental_mg_per_day=daily,
        markets=standing.markets(),
        label_warns_limit=product.label_warns_limit,
        label_readable=product.label_readable,
        recalled=product.is_recalled,
        is_supplement=product.is_supplement,
    )
