"""What a list can be narrowed to: traits, price bands, counts beside other choices, addresses that ask for too much."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from products.affiliate import PricedOffer
from products.models import Ingredient, Product
from reviews import choices, filters, offers, standing, stock
from reviews.models import Ranking
from tests import factories

pytestmark = pytest.mark.django_db
D = Decimal


def listed(*products: Product) -> standing.Standing:
    factories.ranking(products=products)
    return standing.load(Ranking.objects.select_related("methodology__current_version").get())


def reviewed(slug: str, **fields: Any) -> Product:
    item = factories.product(slug, **fields)
    factories.review(item)
    return item


def traits_of(item: Product) -> dict[str, set[str]]:
    state = listed(item)
    found = stock.load(state, sold=True).traits[item.slug]
    return {name: set(values) for name, values in found.items()}


def test_it_works() -> None:
    item = reviewed("a", vegan=True)
    factories.offer(item, price="8.40")
    assert traits_of(item) == {
        "form": {"tablet"}, "compound": {"citrate-trimagnesium"}, "dose": {"100"}, "price": {"eur-25"},
        "certified": set(), "vegan": {"yes"}, "limit": {"yes"},
    }  # fmt: skip


def test_a_certificate_and_two_compounds() -> None:
    item = reviewed("a", mg="100")
    item.certifications.create(name="Mark", issuer="Somebody else")
    oxide = factories.Compound.objects.get(slug="oxide")
    Ingredient.objects.create(product=item, compound=oxide, compound_mg=D(100))
    found = traits_of(item)
    assert (found["certified"], found["compound"]) == ({"yes"}, {"citrate-trimagnesium", "oxide"})


@pytest.mark.parametrize(
    ("mg", "dose", "within"),
    # 16.2 % of it: 100 mg at 617, 101 at 623, 200 at 1235, 250 at 1543 and 251 at 1549 (printed figures decide).
    [
        ("617", "100", True), ("623", "200", True), ("1235", "200", True), ("1241", "300", True),
        ("1543", "300", True), ("1549", "300", False), ("1900", "more", False),
    ],
)  # fmt: skip
def test_ranges_of_the_dose(mg: str, dose: str, within: bool) -> None:
    found = traits_of(reviewed("a", mg=mg, label_warns_limit=True))
    assert (found["dose"], found["limit"]) == ({dose}, {"yes"} if within else set())


def test_an_accessory_has_no_dose_and_no_limit() -> None:
    strap = reviewed(
        "strap", mg=None, category="accessory", form="strap", servings_per_pack=None, servings_per_day=None
    )
    factories.offer(strap, price="12.00")
    found = traits_of(strap)
    assert (found["dose"], found["limit"], found["compound"], found["price"]) == (set(), set(), set(), {"eur-2500"})


@pytest.mark.parametrize(
    ("price", "band"),
    [
        ("0.06", "eur-10"), ("0.10", "eur-10"), ("0.11", "eur-25"), ("0.25", "eur-25"), ("0.50", "eur-50"),
        ("0.51", "eur-more"),
    ],
)  # fmt: skip
def test_bands_of_a_days_price(price: str, band: str) -> None:
    offer = PricedOffer(offer=None, amount=D(30), currency="EUR", per_day=D(price))  # type: ignore[arg-type]
    assert offers.band(offer, by_day=True) == band


def test_a_price_that_is_not_there_has_a_band_of_its_own() -> None:
    """A product nobody sells just now must not vanish from a list without a word."""
    nothing = PricedOffer(offer=None)  # type: ignore[arg-type]
    assert {offers.band(None, by_day=True), offers.band(nothing, by_day=True), offers.band(nothing, by_day=False)} == {
        "none"
    }
    assert offers.bands([], by_day=True) == {"none": "No current price"}


def test_the_words_of_the_bands() -> None:
    assert list(offers.bands(["GBP", "EUR", "EUR"], by_day=True).items()) == [
        ("eur-10", "Up to €0.10"), ("eur-25", "Over €0.10, up to €0.25"), ("eur-50", "Over €0.25, up to €0.50"),
        ("eur-more", "Over €0.50"),
        ("gbp-10", "Up to £0.10"), ("gbp-25", "Over £0.10, up to £0.25"), ("gbp-50", "Over £0.25, up to £0.50"),
        ("gbp-more", "Over £0.50"), ("none", "No current price"),
    ]  # fmt: skip
    with translation.override("es"):
        assert offers.bands(["EUR"], by_day=False)["eur-2500"] == "Más de 10,00\u00a0€ y hasta 25,00\u00a0€"


def three() -> stock.Stock:
    """A vegan tablet, a vegan powder and a tablet."""
    items = (reviewed("a", vegan=True), reviewed("b", vegan=True, form="powder"), reviewed("c", vegan=False))
    return stock.load(listed(*items), sold=True)


def test_each_value_says_what_it_would_show_beside_the_others() -> None:
    groups, flags = three().facets({"vegan": ("yes",)})
    (form,) = groups
    assert (form.name, form.label) == ("form", "Form")
    assert [(one.value, one.label, one.count, one.chosen) for one in form.options] == [
        ("powder", "Powder", 1, False),
        ("tablet", "Tablets", 1, False),
    ]
    (vegan,) = flags
    assert [(one.count, one.chosen) for one in vegan.options] == [(2, True)]


def test_what_all_products_share_is_no_filter() -> None:
    """One compound, one dose, one limit kept by all: nothing to choose."""
    groups, flags = three().facets({})
    assert ([one.name for one in groups], [one.name for one in flags]) == (["form"], ["vegan"])


def read(query: str, goods: stock.Stock) -> choices.Choice:
    return choices.read(QueryDict(query), (), goods.traits.values())


def test_an_address_is_read_in_a_fixed_order() -> None:
    goods = three()
    choice = read("vegan=yes&form=tablet&form=powder&form=tablet&utm_source=x", goods)
    assert choice.filters == {"form": ("powder", "tablet"), "vegan": ("yes",)}
    assert choice.filter_pairs == [("form", "powder"), ("form", "tablet"), ("vegan", "yes")]
    assert (choice.is_made, choice.notices) == (True, ())


@pytest.mark.parametrize(
    "query", ["form=gummy", "form=", "vegan=no", "price=0", "dose=<script>", "limit=under&x=1", "form=Tablet"]
)
def test_what_no_product_here_has_is_left_out_with_a_word(query: str) -> None:
    choice = read(query, three())
    assert (choice.is_made, choice.filters) == (False, {})
    assert len(choice.notices) == (0 if query == "form=" else 1)
    assert choice.is_said_by(QueryDict("")) is True
    assert choice.is_said_by(QueryDict(query)) is False


def test_two_of_those_are_counted() -> None:
    (notice,) = read("form=gummy&form=spray&vegan=yes", three()).notices
    assert notice.startswith("No product here fits 2 of the filters")


def test_only_an_address_that_was_taken_as_it_stands_makes_a_page_to_keep() -> None:
    goods = three()
    for query, exact in (
        ("form=powder&vegan=yes", True), ("vegan=yes&form=powder", True), ("vegan=yes&order=editorial&after=a", True),
        ("vegan=yes&vegan=yes", False), ("vegan=yes&form=gummy", False), ("vegan=yes&w-x=1", False), ("", True),
    ):  # fmt: skip
        assert read(query, goods).is_said_by(QueryDict(query)) is exact, query


def test_nothing_is_sold_on_a_sensitive_topic() -> None:
    item = reviewed("a")
    factories.offer(item)
    goods = stock.load(listed(item), sold=False)
    assert (goods.offers, goods.traits["a"]["price"]) == ({}, frozenset({"none"}))


def test_names_are_those_that_addresses_may_hold() -> None:
    assert set(filters.NAMES) == set(choices.MANY) == set(three().traits["a"])
