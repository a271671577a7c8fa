"""The offers of a list's products: priced, in the order rows show them, and the bands that readers filter prices by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.lib.prepared import Prepared
from products import affiliate, standins
from products.affiliate import PricedOffer
from products.models import Ingredient, Offer
from products.shopping import Shopping
from products.templatetags.money import money
from reviews import doses

NO_PRICE = "none"
OVER = "more"
# The upper ends of the bands: of a day's price where the products are taken daily, else of the price.
A_DAY = (Decimal("0.10"), Decimal("0.25"), Decimal("0.50"))
AT_ONCE = (Decimal(10), Decimal(25), Decimal(50))


def of_products(
    products: Iterable[int], ingredients: Mapping[int, Sequence[Ingredient]]
) -> dict[int, tuple[PricedOffer, ...]]:
    """What can be bought where, by product id, in one query; prices only while they are fresh."""
    now = timezone.now()
    found: dict[int, list[PricedOffer]] = defaultdict(list)
    for offer in _sold.rows(products=list(products)):
        serving = doses.per_serving(ingredients.get(offer.product_id, ()))
        found[offer.product_id].append(affiliate.priced(offer, offer.product, serving, now))
    return {product: standins.by_price(offers) for product, offers in found.items()}


_sold = Prepared(lambda products: Offer.objects.for_pages().filter(product__in=products))


def for_reader(offers: Sequence[PricedOffer], shopping: Shopping) -> tuple[PricedOffer, ...]:
    """Those that fit where the reader shops, in the order they would have by themselves."""
    if not shopping.is_made:
        return tuple(offers)
    return standins.by_price(item for item in offers if shopping.fits(item.offer))


def band(offer: PricedOffer | None, *, by_day: bool) -> str:
    """The price band of a row: its currency and the upper end in cents (eur-25), or NO_PRICE."""
    price = None if offer is None else offer.per_day if by_day else offer.amount
    if offer is None or price is None:
        return NO_PRICE
    end = next((str(int(bound * 100)) for bound in (A_DAY if by_day else AT_ONCE) if price <= bound), OVER)
    return f"{offer.currency.lower()}-{end}"


def bands(currencies: Iterable[str], *, by_day: bool) -> dict[str, str]:
    """Every band of these currencies in order, with its words."""
    found: dict[str, str] = {}
    bounds = A_DAY if by_day else AT_ONCE
    for code in sorted(set(currencies)):
        said = [money(bound, code) for bound in bounds]
        first, last = said[0], said[-1]
        keys = [f"{code.lower()}-{int(bound * 100)}" for bound in bounds]
        found[keys[0]] = _("Up to %(price)s") % {"price": first}
        for key, low, high in zip(keys[1:], said, said[1:], strict=False):
            found[key] = _("Over %(low)s, up to %(high)s") % {"low": low, "high": high}
        found[f"{code.lower()}-{OVER}"] = _("Over %(price)s") % {"price": last}
    return found | {NO_PRICE: _("No current price")}
