"""Where a reader shops: a country and a currency, chosen in the address of a page and kept nowhere else.

Nothing is guessed from a reader's network or language, and no cookie remembers the choice: an address without one shows
every offer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy, ngettext

from products.models import Offer

COUNTRY, CURRENCY = "country", "currency"
PARAMETERS = (COUNTRY, CURRENCY)
# ISO 3166 codes of countries whose shops we are likely to list; any other one is called by its code.
NAMES: Mapping[str, object] = {
    "AT": gettext_lazy("Austria"),
    "AU": gettext_lazy("Australia"),
    "BE": gettext_lazy("Belgium"),
    "CA": gettext_lazy("Canada"),
    "CH": gettext_lazy("Switzerland"),
    "CZ": gettext_lazy("Czechia"),
    "DE": gettext_lazy("Germany"),
    "DK": gettext_lazy("Denmark"),
    "ES": gettext_lazy("Spain"),
    "FI": gettext_lazy("Finland"),
    "FR": gettext_lazy("France"),
    "GB": gettext_lazy("United Kingdom"),
    "GR": gettext_lazy("Greece"),
    "IE": gettext_lazy("Ireland"),
    "IT": gettext_lazy("Italy"),
    "LU": gettext_lazy("Luxembourg"),
    "MX": gettext_lazy("Mexico"),
    "NL": gettext_lazy("Netherlands"),
    "NO": gettext_lazy("Norway"),
    "NZ": gettext_lazy("New Zealand"),
    "PL": gettext_lazy("Poland"),
    "PT": gettext_lazy("Portugal"),
    "SE": gettext_lazy("Sweden"),
    "US": gettext_lazy("United States"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """A value that can be chosen, with its words."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Shopping:
    """A choice, '' where none is made; what can be chosen; and sentences about what was not taken.

    as_given says whether the address writes it just so: only then is its page worth keeping.
    """

    country: str = ""
    currency: str = ""
    countries: tuple[Option, ...] = ()
    currencies: tuple[Option, ...] = ()
    notices: tuple[str, ...] = ()
    as_given: bool = True

    @property
    def is_made(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.country or self.currency)

    @property
    def is_offered(self) -> bool:
        """Whether there is anything to choose between, or a choice to take back."""
        return self.is_made or len(self.countries) > 1 or len(self.currencies) > 1

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The choice as an address or a form's hidden fields hold it."""
        return [(name, value) for name, value in ((COUNTRY, self.country), (CURRENCY, self.currency)) if value]

    @property
    def query(self) -> str:
        """The choice to put behind a page's address: ?country=IE, or ''."""
        return f"?{urlencode(self.pairs)}" if self.is_made else ""

    @property
    def words(self) -> str:
        """What is chosen: Ireland, EUR."""
        return ", ".join(filter(None, (country_name(self.country) if self.country else "", self.currency)))

    def fits(self, offer: Offer) -> bool:
        """Whether an offer is for that country (or for all) and in that currency."""
        return (not self.country or offer.country in ("", self.country)) and (
            not self.currency or offer.currency == self.currency
        )


def read(asked: Mapping[str, str], offers: Iterable[Offer]) -> Shopping:
    """The choice an address makes among these offers; what none of them has is left out, with a sentence."""
    rows = list(offers)
    countries = {offer.country for offer in rows if offer.country}
    currencies = {offer.currency for offer in rows}
    said = [asked.get(name, "") for name in PARAMETERS]
    country, currency = (value.strip().upper() for value in said)
    unknown = [value for value, known in ((country, countries), (currency, currencies)) if value and value not in known]
    country, currency = country if country in countries else "", currency if currency in currencies else ""
    options = (Option(code, country_name(code), code == country) for code in countries)
    return Shopping(
        country,
        currency,
        tuple(sorted(options, key=lambda option: option.label)),
        tuple(Option(code, code, code == currency) for code in sorted(currencies)),
        (_unknown(len(unknown)),) if unknown else (),
        said == [country, currency],
    )


def country_name(code: str) -> str:
    """A country's name in the page's language, or its code."""
    return str(NAMES.get(code, code))


def _unknown(count: int) -> str:
    return ngettext(
        "No offer here is for the country or in the currency of the address: that choice was left out.",
        "No offer here is for the country or in the currency of the address: these choices were left out.",
        count,
    )
