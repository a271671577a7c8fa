"""Paid links: the disclosure that is true for a page, and no link without it above."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from crampinfo.editorial.models import Disclosure
from products import affiliate
from products.affiliate import PageMoney, UndisclosedLinkError
from products.models import Offer
from reviews.models import Review
from tests import factories

pytestmark = pytest.mark.django_db

STRIP = "{% load money %}{% disclosure %}"
LINK = "{% load money %}{% paid_link offer %}"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en-gb"):
        yield


def priced_offer(**fields: Any) -> Offer:
    factories.offer(factories.product(), **fields)
    found: Offer = Offer.objects.for_pages().get()
    return found


def content() -> Review:
    """Something with the disclosures of its language."""
    if not Review.objects.exists():
        factories.review(factories.product("reviewed"))
    found: Review = Review.objects.with_disclosures().get()
    return found


def texts(kind: str, language: str = "en-gb") -> str:
    text: str = Disclosure.objects.current(kind, language).get().text
    return text


def render(template: str, **context: Any) -> str:
    return Template(template).render(Context(context))


def test_it_works() -> None:
    offer = priced_offer()
    money = affiliate.page_money("review-acme", content(), offers=[offer])
    html = render(STRIP + LINK, money=money, offer=offer)
    assert html.index('data-disclosure="top"') < html.index("data-aff")
    assert texts("commission") in html
    assert 'rel="sponsored nofollow noopener"' in html
    assert f'href="/go/{offer.pk}/review-acme.row~' in html
    assert '<p class="near" data-disclosure="near">Paid link</p>' in html
    assert "https://northshop.example" not in html


class TestDisclosure:
    def kinds(self, *offers: Offer, **facts: Any) -> list[str]:
        return [item.kind for item in affiliate.page_money("p", content(), offers=offers, **facts).sentences]

    def test_nothing_commercial_says_nothing(self) -> None:
        assert self.kinds() == []
        assert render(STRIP, money=affiliate.page_money("p", content())).strip() == ""

    def test_an_offer_that_pays_nothing_says_nothing(self) -> None:
        assert self.kinds(priced_offer(paid=False)) == []

    def test_commission(self) -> None:
        assert self.kinds(priced_offer()) == ["commission"]

    @pytest.mark.parametrize("how", ["free", "discounted", "loaned"])
    def test_a_sample(self, how: str) -> None:
        assert self.kinds(acquisition=how) == ["sample"]

    @pytest.mark.parametrize("how", ["bought", "not_handled"])
    def test_no_sample(self, how: str) -> None:
        assert self.kinds(acquisition=how) == []

    def test_everything_at_once_in_its_order(self) -> None:
        found = self.kinds(priced_offer(), influenced=True, advertised=True, acquisition="free", owned=True)
        assert found == ["influenced", "placement", "commission_plain", "sample", "ownership"]

    def test_an_influenced_list_claims_no_untouched_order(self) -> None:
        """The sentence that commission changes no order would be false there."""
        money = affiliate.page_money("p", content(), offers=[priced_offer()], influenced=True)
        assert texts("commission") not in [item.text for item in money.sentences]

    def test_the_programme_s_own_sentence(self) -> None:
        offer = priced_offer()
        offer.programme.required_sentence = "As a North Partner we earn."
        money = affiliate.page_money("p", content(), offers=[offer, offer])
        assert [item.text for item in money.sentences] == [texts("commission"), "As a North Partner we earn."]

    def test_a_programme_that_ended_needs_none(self) -> None:
        offer = priced_offer()
        offer.programme.required_sentence = "As a North Partner we earn."
        offer.programme.is_paused = True
        assert self.kinds(offer) == []

    def test_in_the_language_of_the_page(self) -> None:
        review = content()
        Review._base_manager.filter(pk=review.pk).update(language="es")
        money = affiliate.page_money("p", content(), offers=[priced_offer()])
        assert [item.text for item in money.sentences] == [texts("commission", "es")]

    def test_a_text_that_is_missing_leaves_none(self, caplog: pytest.LogCaptureFixture) -> None:
        offer = priced_offer()
        row = content()
        row.disclosure_sample = None  # type: ignore[attr-defined]
        money = affiliate.page_money("review-acme", row, offers=[offer], acquisition="free")
        assert money.sentences == ()
        assert "Page review-acme has commercial content but no disclosure text for it" in caplog.text
        with pytest.raises(UndisclosedLinkError):
            render(STRIP + LINK, money=money, offer=offer)


class TestWithoutDisclosure:
    def test_it_raises_in_tests(self) -> None:
        offer = priced_offer()
        money = affiliate.page_money("review-acme", content(), offers=[offer])
        with pytest.raises(
            UndisclosedLinkError, match="Paid link to Northshop asked for on review-acme without a disclosure above it"
        ):
            render(LINK + STRIP, money=money, offer=offer)

    def test_elsewhere_it_is_plain_text_and_logged(self, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
        settings.TESTING = False
        offer = priced_offer()
        money = affiliate.page_money("review-acme", content(), offers=[offer])
        with caplog.at_level(logging.ERROR):
            assert render(LINK, money=money, offer=offer) == "Northshop"
        assert [record.getMessage() for record in caplog.records] == [
            "Paid link to Northshop asked for on review-acme without a disclosure above it."
        ]

    def test_a_page_that_knows_no_money(self, settings: Any) -> None:
        offer = priced_offer()
        with pytest.raises(UndisclosedLinkError, match="on a page without"):
            render(LINK, offer=offer)
        settings.TESTING = False
        assert render(LINK, offer=offer) == "Northshop"

    def test_in_a_body(self, settings: Any) -> None:
        offer = priced_offer()
        template = "{% load money %}{% body text %}"
        text = f'<p>At <a data-offer="{offer.pk}">the <b>shop</b></a>.</p>'
        with pytest.raises(UndisclosedLinkError):
            render(template, text=text, body_offers={offer.pk: offer}, money=PageMoney("p"))
        settings.TESTING = False
        assert (
            render(template, text=text, body_offers={offer.pk: offer}, money=PageMoney("p"))
            == "<p>At the <b>shop</b>.</p>"
        )
        assert render(template, text=text) == "<p>At the <b>shop</b>.</p>"

    def test_an_advert_needs_one_too(self) -> None:
        """A placement is paid for, with or without a programme."""
        with pytest.raises(UndisclosedLinkError):
            affiliate.shop_link(priced_offer(paid=False), PageMoney("p"), "band", advertised=True)

    def test_a_link_that_pays_nothing_needs_none(self) -> None:
        html = render(LINK, offer=priced_offer(paid=False), money=PageMoney("p"))
        assert "Pays us nothing" in html
        assert 'href="https://pharmacy.example/p/acme-100"' in html
        assert 'rel="nofollow noopener"' in html
        assert "data-aff" not in html
        assert "/go/" not in html


class TestLink:
    def shop_link(self, offer: Offer, **more: Any) -> affiliate.ShopLink:
        link = affiliate.shop_link(offer, PageMoney("list-x", disclosed=True), "row", **more)
        assert link is not None
        return link

    def direct(self, **terms: Any) -> Offer:
        programme = factories.programme(
            link_mode="direct", partner_parameter="tag", partner_code="us-21", allowed_parameters=["tag", "id"]
        )
        for name, value in terms.items():
            setattr(programme, name, value)
        programme.save()
        return priced_offer(url="https://northshop.example/p?id=7#top")

    def test_texts_are_told_apart(self) -> None:
        money = PageMoney("p", disclosed=True)
        offer = priced_offer()
        links = [affiliate.shop_link(offer, money, "row") for _ in range(3)]
        assert [link.product for link in links if link] == ["Acme 100", "Acme 100 (2)", "Acme 100 (3)"]

    def test_a_direct_programme_is_linked_directly_with_our_code(self) -> None:
        assert self.shop_link(self.direct()).url == "https://northshop.example/p?id=7&tag=us-21#top"

    def test_an_address_without_a_query(self) -> None:
        factories.programme(link_mode="direct", partner_parameter="tag", partner_code="a b&c")
        assert self.shop_link(priced_offer()).url == "https://northshop.example/p/acme-100?tag=a+b%26c"

    def test_it_carries_allowed_parameters_alone(self) -> None:
        offer = self.direct()
        assert offer.programme.refused_parameters(offer.url) == []
        assert set(self.shop_link(offer).url.partition("?")[2].partition("#")[0].split("&")) == {"id=7", "tag=us-21"}

    def test_a_programme_that_does_not_run_is_not_paid(self) -> None:
        link = self.shop_link(self.direct(is_paused=True, keeps_plain_links=True))
        assert (link.url, link.paid, link.rel) == ("https://northshop.example/p?id=7#top", False, "nofollow noopener")

    def test_an_advert_is_paid_for_without_a_programme(self) -> None:
        offer = priced_offer(paid=False)
        link = self.shop_link(offer, advertised=True)
        assert (link.paid, link.rel) == (True, "sponsored nofollow noopener")
        assert link.url.startswith(f"/go/{offer.pk}/list-x.row~")

    def test_an_invented_shop_leads_to_a_page_of_ours(self) -> None:
        offer = self.direct()
        offer.merchant.is_demo = True
        assert self.shop_link(offer).url == f"/demo-shop/{offer.pk}/"

    def test_in_a_body_it_says_who_is_paid(self) -> None:
        offer = priced_offer()
        money = affiliate.page_money("article-x", content(), offers=[offer])
        text = f'<p><a data-offer="{offer.pk}">tablets</a></p>'
        html = render(
            "{% load money %}{% disclosure %}{% body text %}", text=text, body_offers={offer.pk: offer}, money=money
        )
        assert 'data-aff>tablets<span class="visually-hidden"> at Northshop</span></a>' in html
        assert '<small class="near-inline" data-disclosure="near">(Paid link)</small>' in html

    def test_a_hostile_shop_name_is_text(self) -> None:
        offer = priced_offer()
        offer.merchant.name = offer.product.name = '<img src=x onerror="x()">'
        html = render(STRIP + LINK, money=affiliate.page_money("p", content(), offers=[offer]), offer=offer)
        assert "<img" not in html


class TestPriced:
    def test_it_works(self) -> None:
        offer = priced_offer()
        made = affiliate.priced(offer, offer.product, Decimal("99.954"))
        assert (made.amount, made.currency, made.per_day, made.per_100_mg, made.days) == (
            Decimal("8.40"), "EUR", Decimal("0.14"), Decimal("0.14"), 60,
        )  # fmt: skip
        assert made.is_paid

    def test_a_stale_price_is_none(self) -> None:
        offer = priced_offer()
        later = timezone.now() + timezone.timedelta(hours=80)
        made = affiliate.priced(offer, offer.product, Decimal(100), later)
        assert (made.amount, made.currency, made.as_of, made.per_day, made.days) == (None, "", None, None, None)

    def test_what_is_not_known_is_not_computed(self) -> None:
        offer = priced_offer()
        offer.product.servings_per_day = None
        made = affiliate.priced(offer, offer.product, None)
        assert (made.amount, made.per_day, made.per_100_mg, made.days) == (Decimal("8.40"), None, None, None)

    def test_who_pays_nothing(self) -> None:
        paid = affiliate.PricedOffer(priced_offer())
        assert not affiliate.pays_us_nothing([paid])
        assert affiliate.pays_us_nothing([])


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        ("8.4", "EUR", "en-gb", "€8.40"),
        ("1234.5", "GBP", "en-gb", "£1,234.50"),
        ("8.4", "USD", "en-gb", "$8.40"),
        ("8.4", "CHF", "en-gb", "CHF\u00a08.40"),
        ("8.4", "EUR", "es", "8,40\u00a0€"),
    ],
)
def test_an_amount_as_the_language_writes_it(amount: str, currency: str, language: str, text: str) -> None:
    template = Template("{% load money %}{{ amount|money:currency }}")
    with translation.override(language):
        assert template.render(Context({"amount": Decimal(amount), "currency": currency})) == text
