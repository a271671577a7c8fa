"""From a raw row to an item we understand, by the feed's mapping; or to the reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError

from crampinfo.lib import urls
from products.feeds import amounts
from products.feeds.reading import Raw
from products.models.catalogue import validate_gtin
from products.models.feed import FIELDS

# Columns that feeds usually have for each of our fields, the likeliest first.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "product_id", "aw_product_id", "merchant_product_id", "sku", "item_id", "offer_id"),
    "title": ("title", "name", "product_name", "product name"),
    "link": ("link", "url", "merchant_deep_link", "deeplink", "product_url", "product url"),
    "price": ("price", "search_price", "price.value", "current_price", "amount"),
    "sale_price": ("sale_price", "sale price"),
    "currency": ("currency", "price.currency", "currency_code"),
    "shipping": ("shipping", "delivery_cost", "shipping_cost", "delivery cost", "shipping cost"),
    "gtin": ("gtin", "ean", "upc", "barcode", "gtin13"),
    "availability": ("availability", "in_stock", "stock", "stock_status"),
    "category": ("product_type", "product type", "google_product_category", "category", "merchant_category"),
    "brand": ("brand", "brand_name", "manufacturer"),
}
_IN = frozenset({"instock", "in", "yes", "y", "true", "1", "available", "limitedavailability"})
_OUT = frozenset({"outofstock", "out", "no", "n", "false", "0", "soldout", "unavailable", "discontinued"})


class RowError(Exception):
    """A row that is not taken: of which of our fields, why, and what it said there."""

    def __init__(self, field: str, reason: str, excerpt: str = "") -> None:
        super().__init__(reason)
        self.field, self.reason, self.excerpt = field, reason, excerpt[:120]


@dataclass(frozen=True, slots=True)
class Item:
    """What a row offers. gtin has 14 digits or is empty; in_stock and shipping are None where the feed does not say."""

    number: int
    id: str
    title: str
    link: str
    amount: Decimal
    currency: str
    gtin: str = ""
    in_stock: bool | None = None
    shipping: Decimal | None = None
    category: str = ""
    brand: str = ""


def guess_mapping(columns: Iterable[str]) -> dict[str, str]:
    """Our fields and the columns that most likely hold them."""
    have = set(columns)
    found = {name: next((column for column in usual if column in have), "") for name, usual in _USUAL.items()}
    return {name: column for name, column in found.items() if column}


def missing(mapping: Mapping[str, str]) -> list[str]:
    """Fields that must have a column and have none."""
    return [name for name, _words, required in FIELDS if required and not mapping.get(name)]


def category_of(raw: Raw, mapping: Mapping[str, str]) -> str:
    """The row's category as it stands there; the filter reads it before anything else is looked at."""
    return raw.columns.get(mapping.get("category", ""), "")


def understand(raw: Raw, mapping: Mapping[str, str], hosts: Sequence[str], currency: str, country: str = "") -> Item:
    """The item of a row. hosts are the shop's, currency and country are the feed's. Raises RowError."""
    if raw.trouble:
        raise RowError("", raw.trouble)
    said = {name: raw.columns.get(mapping.get(name, ""), "") for name, _words, _required in FIELDS}
    number = said["id"]
    if not number:
        raise RowError("id", "The shop's own number is missing.")
    if len(number) > 120:
        raise RowError("id", "The shop's own number has over 120 characters.", number)
    if not said["title"]:
        raise RowError("title", "The name is missing.")
    amount, code = _price(said, currency)
    return Item(
        number=raw.number,
        id=number,
        title=_clean(said["title"])[:300],
        link=_link(said["link"], hosts),
        amount=amount,
        currency=code,
        gtin=_gtin(said["gtin"]),
        in_stock=_stock(said["availability"]),
        shipping=_shipping(said["shipping"], code, country),
        category=said["category"][:300],
        brand=_clean(said["brand"])[:120],
    )


def _price(said: Mapping[str, str], currency: str) -> tuple[Decimal, str]:
    code = said["currency"].upper() or currency
    if code and not re.fullmatch(r"[A-Z]{3}", code):
        raise RowError("currency", "A currency is three capital letters, such as EUR.", said["currency"])
    name = "sale_price" if said["sale_price"] else "price"
    try:
        return amounts.read(said[name], code)
    except ValueError as error:
        raise RowError(name, str(error), said[name]) from error


def _shipping(text: str, currency: str, country: str) -> Decimal | None:
    """What delivery costs: a price, or Google's country:region:service:price, several with commas between.

    None where nothing is said for the feed's country. Where a country has several services, the first is the usual one.
    """
    for part in re.split(r",(?=\s*[A-Z]{2}:)", text):
        where, _colon, cost = part.strip().rpartition(":")
        if not cost.strip() or (where and where.partition(":")[0] not in ("", country)):
            continue
        try:
            if re.fullmatch(r"0+([.,]0*)?(\s?[A-Z]{3}|\s?[€£$])?", cost.strip()):
                return Decimal(0)
            return amounts.read(cost, currency)[0]
        except ValueError as error:
            raise RowError("shipping", str(error), text) from error
    return None


def _link(address: str, hosts: Sequence[str]) -> str:
    problem = urls.problem_with(address)
    if problem:
        raise RowError("link", problem, address)
    if not any(urls.belongs_to(urls.host_of(address), host) for host in hosts):
        raise RowError("link", f"The address is not on {', '.join(hosts)}.", address)
    return address


def _gtin(text: str) -> str:
    digits = re.sub(r"[\s-]", "", text).lstrip("'")
    if not digits or not digits.strip("0"):
        return ""
    try:
        validate_gtin(digits)
    except ValidationError as error:
        raise RowError("gtin", error.messages[0], text) from error
    return digits.zfill(14)


def _stock(text: str) -> bool | None:
    word = re.sub(r"[^a-z0-9]", "", text.lower().rpartition("/")[2])
    return True if word in _IN else False if word in _OUT else None


def _clean(text: str) -> str:
    if not text.isprintable():
        text = "".join(ch for ch in text if ch.isprintable() or ch.isspace())
    return " ".join(text.split())
