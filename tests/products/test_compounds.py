"""The exact compounds of rules.md 13.2: their shares of magnesium, and that these are what chemistry says."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from products.models import Compound

pytestmark = pytest.mark.django_db

SHARES = {
    "oxide": "60.3",
    "hydroxide": "41.7",
    "carbonate": "28.8",
    "citrate-trimagnesium": "16.2",
    "citrate-hydrogen": "11.3",
    "bisglycinate": "14.1",
    "malate": "15.5",
    "chloride-anhydrous": "25.5",
    "chloride-hexahydrate": "12.0",
    "sulfate-anhydrous": "20.1",
    "sulfate-heptahydrate": "9.9",
    "taurate": "8.9",
    "l-threonate": "8.3",
    "lactate": "12.0",
    "orotate": "7.3",
}
ATOMS_OF_MAGNESIUM = {"citrate-trimagnesium": 3}


def test_it_works() -> None:
    assert {compound.slug: f"{compound.fraction * 100:.1f}" for compound in Compound.objects.all()} == SHARES


@pytest.mark.parametrize("slug", SHARES)
def test_the_share_follows_from_the_molar_mass(slug: str) -> None:
    """24.305 g/mol for each atom of magnesium, to a tenth of a per cent (published tables round differently)."""
    compound = Compound.objects.get(slug=slug)
    computed = Decimal("24.305") * ATOMS_OF_MAGNESIUM.get(slug, 1) / compound.molar_mass
    assert abs(computed - compound.fraction) <= Decimal("0.0011")


def test_every_compound_says_where_its_share_is_from() -> None:
    assert not Compound.objects.filter(source="").exists()


def test_salts_of_one_everyday_name_differ() -> None:
    named = Compound.objects.filter(everyday_name="citrate")
    assert sorted(str(compound.fraction) for compound in named) == ["0.1130", "0.1620"]


@pytest.mark.parametrize("fraction", ["0", "-0.1", "1.0001"])
def test_a_share_that_is_none(fraction: str) -> None:
    compound = Compound(
        slug="x", name="X", everyday_name="x", formula="X", molar_mass=Decimal(1), fraction=Decimal(fraction)
    )
    with pytest.raises(ValidationError) as caught:
        compound.full_clean()
    assert caught.value.messages == ["The magnesium share is a number above 0 and up to 1, such as 0.162."]
