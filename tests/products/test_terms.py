"""Terms by country and category: marketplaces with codes of their own, commissions that managers alone see."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from crampinfo.editorial.roles import Role
from products import affiliate, bodies, terms
from products.clicks import Source
from products.models import AffiliateProgramme, Category, LinkMode, Offer
from tests import factories
from tests.admin.forms import filled, told
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db

LINES = "DE northshop-de.example crampinfo-21\nGB northshop-uk.example crampinfo-22"


@pytest.fixture
def world() -> AffiliateProgramme:
    """An Amazon-like programme: direct links, a site and a code a country."""
    return factories.programme(
        "world",
        link_mode=LinkMode.DIRECT,
        partner_parameter="tag",
        partner_code="crampinfo-20",
        marketplaces=terms.stored(terms.read_marketplaces(LINES)),
    )


def offer(programme: AffiliateProgramme, host: str, country: str = "") -> Offer:
    made = Offer(product=factories.product(), merchant=programme.merchant, programme=programme, country=country)
    made.url, made.currency = f"https://{host}/p/1", "EUR"
    made.save()
    return made


@pytest.mark.parametrize(
    ("host", "country", "code"),
    [
        ("northshop.example", "US", "crampinfo-20"),
        ("northshop-de.example", "DE", "crampinfo-21"),
        ("www.northshop-uk.example", "GB", "crampinfo-22"),
    ],
)
def test_each_marketplace_has_its_own_code(host: str, country: str, code: str, world: AffiliateProgramme) -> None:
    """The link leads straight to the marketplace's own host, with the code that counts there."""
    made = offer(world, host, country)
    assert affiliate.address(made, Source("list-a", "row")) == f"https://{host}/p/1?tag={code}"


@pytest.mark.parametrize(
    ("host", "country", "field"),
    [
        ("elsewhere.example", "DE", "url"),
        ("northshop-de.example.evil.example", "DE", "url"),
        ("northshop-de.example", "GB", "country"),
    ],
)
def test_an_offer_is_on_the_marketplace_of_its_country(
    host: str, country: str, field: str, world: AffiliateProgramme
) -> None:
    with pytest.raises(ValidationError) as caught:
        offer(world, host, country)
    assert list(caught.value.message_dict) == [field]


def test_links_to_a_marketplace_become_offers_too(world: AffiliateProgramme) -> None:
    made = offer(world, "northshop-de.example", "DE")
    assert bodies.settle(f'<p><a href="{made.url}">there</a></p>') == f'<p><a data-offer="{made.pk}">there</a></p>'
    with pytest.raises(ValidationError):
        bodies.settle('<p><a href="https://northshop-uk.example/other">there</a></p>')


@pytest.mark.parametrize(
    "text",
    [
        "DE",
        "de shop.example x",
        "DE https://shop.example x",
        "DE shop.example a b",
        "DE shop.example x\nDE two.example y",
        "DE a.example x\nAT a.example y",
        "DE www.shop.example x",
        "DE shöp.example x",
    ],
)
def test_lines_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        terms.read_marketplaces(text)


@pytest.mark.parametrize("value", [{"a": 1}, [["DE"]], [["DE", "a.example", 1]], "x", [["DE", "not-a-host", ""]]])
def test_what_is_stored_is_checked(value: Any, world: AffiliateProgramme) -> None:
    world.marketplaces = value
    with pytest.raises(ValidationError):
        world.full_clean()


def test_a_host_of_another_merchant_is_refused(world: AffiliateProgramme) -> None:
    factories.merchant("pharmacy")
    world.marketplaces = [["DE", "pharmacy.example", "x"]]
    with pytest.raises(ValidationError) as caught:
        world.full_clean()
    assert "marketplaces" in caught.value.message_dict


def test_codes_need_their_parameter(world: AffiliateProgramme) -> None:
    world.partner_parameter = world.partner_code = ""
    with pytest.raises(ValidationError) as caught:
        world.full_clean()
    assert "partner_parameter" in caught.value.message_dict


class TestCommissions:
    def test_by_category(self) -> None:
        programme = factories.programme(commissions={"supplement": "7.5"}, commission_percent=Decimal(4))
        assert programme.commission_for(Category.SUPPLEMENT) == Decimal("7.5")
        assert programme.commission_for(Category.ACCESSORY) == Decimal(4)

    @pytest.mark.parametrize(
        "text",
        ["supplement", "supplement x", "hats 4", "supplement 101", "supplement NaN", "supplement 1.234",
         "supplement 4\nsupplement 5"],
    )  # fmt: skip
    def test_lines_that_are_none(self, text: str) -> None:
        with pytest.raises(ValueError, match="“"):
            terms.read_commissions(text, Category.values)

    @pytest.mark.parametrize("role", [Role.EDITOR, Role.REVIEWER])
    def test_who_writes_or_judges_sees_none(self, role: Role) -> None:
        programme = factories.programme(commissions={"supplement": "7.53"})
        address = f"/admin/products/affiliateprogramme/{programme.pk}/change/"
        assert signed_in(role).get(address).status_code == 403

    def test_a_manager_types_both(self, world: AffiliateProgramme) -> None:
        manager = signed_in(Role.AFFILIATE_MANAGER)
        address = f"/admin/products/affiliateprogramme/{world.pk}/change/"
        typed = {"commissions": "accessory 3,5\nsupplement 7.53", "marketplaces": f"{LINES}\nFR northshop-fr.example"}
        data = filled(manager.get(address), "_save", **typed)
        assert manager.post(address, {**data, "_save": "1"}).status_code == 302
        world.refresh_from_db()
        assert world.commissions == {"accessory": "3.5", "supplement": "7.53"}
        assert [row[0] for row in world.marketplaces] == ["DE", "GB", "FR"]
        assert "supplement 7.53" in manager.get(address).content.decode()
        wrong = {**data, "marketplaces": "Germany", "_save": "1"}
        assert "write country, host and partner code" in manager.post(address, wrong).content.decode()


@pytest.mark.parametrize("way", ["form", "action"])
def test_every_way_to_pause_says_what_it_leaves(way: str) -> None:
    made = factories.offer(factories.product())
    factories.review(made.product)
    manager = signed_in(Role.AFFILIATE_MANAGER)
    address = "/admin/products/affiliateprogramme/"
    if way == "form":
        address += f"{made.programme_id}/change/"
        data = {**filled(manager.get(address)), "is_paused": "on", "_save": "1"}
    else:
        data = {"action": "pause_selected", "_selected_action": made.programme_id}
    answer = manager.post(address, data, follow=True)
    assert AffiliateProgramme.objects.get().is_paused
    words = " ".join(told(answer))
    assert "1 product is left without an offer: Acme 100. Pages: Review" in words
