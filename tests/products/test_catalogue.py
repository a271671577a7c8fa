"""What can be bought: servings, recalls, GTINs, ingredients and the dose they make."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from products.models import Brand, Compound, ConflictDeclaration, Ingredient, Product
from products.models.catalogue import validate_gtin
from tests import factories

pytestmark = pytest.mark.django_db


def refusals(instance: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        instance.full_clean()
    return caught.value.messages


def product(**fields: Any) -> Product:
    """Not stored."""
    defaults = {
        "slug": "new", "name": "New", "brand": factories.brand(), "category": "supplement", "form": "tablet",
        "servings_per_pack": 60, "servings_per_day": Decimal(1),
    }  # fmt: skip
    return Product(**{**defaults, **fields})


def test_it_works() -> None:
    made = factories.product(mg="617")
    assert made.elemental_per_serving() == Decimal("99.954")
    assert made.elemental_a_day() == Decimal("99.954")
    assert (made.is_supplement, made.is_recalled, str(made)) == (True, False, "Acme 100")


@pytest.mark.parametrize(
    "fields",
    [
        {"servings_per_pack": 0},
        {"servings_per_day": Decimal(0)},
        {"servings_per_day": Decimal(-1)},
        {"servings_per_day": Decimal("50.1")},
    ],
)
def test_servings_that_are_none(fields: dict[str, Any]) -> None:
    assert refusals(product(**fields)) == ["Servings must be above 0, and at most 50 a day."]


@pytest.mark.parametrize("field", ["servings_per_pack", "servings_per_day"])
def test_a_supplement_without_servings(field: str) -> None:
    assert refusals(product(**{field: None})) == [
        "A supplement needs its servings a pack and a day: prices and doses are computed from them."
    ]


def test_an_accessory_has_none() -> None:
    product(category="accessory", form="roller", servings_per_pack=None, servings_per_day=None).full_clean()


def test_a_recall_without_a_notice() -> None:
    assert refusals(product(recalled_on=timezone.localdate())) == [
        "Say what was recalled and why: readers see the notice."
    ]


class TestGtin:
    @pytest.mark.parametrize("gtin", ["96385074", "012345678905", "4006381333931", "00012345600012"])
    def test_it_works(self, gtin: str) -> None:
        validate_gtin(gtin)

    @pytest.mark.parametrize("gtin", ["4006381333932", "96385075", "012345678906"])
    def test_a_wrong_last_digit(self, gtin: str) -> None:
        assert refusals(product(gtin=gtin)) == [
            "The GTIN's last digit does not match the others: check it against the label."
        ]

    @pytest.mark.parametrize(
        "gtin", ["123", "400638133393", "4006381333931 ", "400638133393X", "４００６３８１３３３９３１"]
    )
    def test_what_is_none(self, gtin: str) -> None:
        said = refusals(product(gtin=gtin))
        assert said[0] in (
            "A GTIN has 8, 12, 13 or 14 digits and nothing else.",
            "The GTIN's last digit does not match the others: check it against the label.",
        )

    def test_of_another_product(self) -> None:
        factories.product(gtin="4006381333931")
        assert refusals(product(gtin="4006381333931")) == ["Another product has this GTIN."]

    def test_many_without_one(self) -> None:
        factories.product(gtin="")
        product(gtin="").full_clean()


class TestIngredient:
    @pytest.mark.parametrize("mg", ["0", "-1", "20000.01"])
    def test_an_amount_that_is_none(self, mg: str) -> None:
        made = Ingredient(
            product=factories.product(mg=None), compound=Compound.objects.get(slug="oxide"), compound_mg=Decimal(mg)
        )
        assert refusals(made) == ["An amount is above 0 and at most 20,000 mg a serving."]

    def test_a_compound_twice(self) -> None:
        made = factories.product()
        again = Ingredient(product=made, compound=made.ingredients.get().compound, compound_mg=Decimal(1))
        assert refusals(again) == ["This compound is already listed: add up its amounts."]

    def test_two_compounds_make_one_dose(self) -> None:
        made = factories.product(mg="100", compound="oxide", servings_per_day=Decimal("1.5"))
        Ingredient.objects.create(product=made, compound=Compound.objects.get(slug="taurate"), compound_mg=Decimal(200))
        assert made.elemental_per_serving() == Decimal("78.1")  # 100 × 0.603 + 200 × 0.089
        assert made.elemental_a_day() == Decimal("117.15")
        annotated = Product.objects.with_daily_dose().get()
        assert annotated.elemental_per_day.quantize(Decimal("0.0001")) == Decimal("117.1500")

    def test_without_ingredients_the_dose_is_unknown(self) -> None:
        made = factories.product(mg=None)
        assert made.elemental_per_serving() is None
        assert made.elemental_a_day() is None
        assert Product.objects.with_daily_dose().get().elemental_per_day is None

    def test_without_servings_a_day_only_a_serving_is_known(self) -> None:
        made = factories.product(category="accessory", servings_per_day=None)
        assert made.elemental_per_serving() == Decimal("99.954")
        assert made.elemental_a_day() is None


class TestConflict:
    def declared(self, **fields: Any) -> ConflictDeclaration:
        defaults = {"author": factories.author(), "brand": factories.brand(), "declared_on": timezone.localdate()}
        return ConflictDeclaration(**{**defaults, "has_conflict": False, **fields})

    def test_a_conflict_without_its_sentence(self) -> None:
        assert refusals(self.declared(has_conflict=True)) == ["A conflict needs the sentence readers will see."]

    def test_once_a_day(self) -> None:
        self.declared().save()
        assert refusals(self.declared()) == ["This author already declared on this brand that day."]

    def test_in_words(self) -> None:
        assert str(self.declared()) == "Maren / Acme: no conflict"


def test_brands_have_slugs_of_any_script() -> None:
    Brand(slug="ácmé-магний", name="Acme").full_clean()
    assert Brand(slug="ácmé").get_absolute_url() == "/brands/%C3%A1cm%C3%A9/"
