"""Bodies: cleaned on every path that saves, and links to shops are offers or refused."""

from __future__ import annotations

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Article
from products import bodies
from products.models import Offer
from tests import factories

pytestmark = pytest.mark.django_db

DIRTY = "<h1>Why</h1><p onclick='x()'>Nobody <a href='javascript:x()'>knows</a>.</p><script>alert(1)</script>"
CLEAN = "<h2>Why</h2><p>Nobody <a>knows</a>.</p>"


@pytest.fixture
def offer() -> Offer:
    return factories.offer(factories.product())


def refusal(text: str) -> str:
    with pytest.raises(ValidationError) as caught:
        bodies.settle(text)
    return caught.value.messages[0]


def test_it_works(offer: Offer) -> None:
    text = f'<p>At <a href="{offer.url}">the shop</a>.</p>'
    assert bodies.settle(text) == f'<p>At <a data-offer="{offer.pk}">the shop</a>.</p>'


class TestPaths:
    """However a text gets in, it is stored clean, with its contents beside it."""

    def article(self) -> Article:
        return Article(
            slug="a",
            title="A",
            summary="A.",
            key_answer="A.",
            body=DIRTY,
            author=factories.author(),
            topic=factories.topic(),
        )

    def check(self) -> None:
        stored = Article.objects.get()
        assert stored.body == CLEAN
        assert stored.contents == [[2, "s-why", "Why"]]

    def test_save(self) -> None:
        self.article().save()
        self.check()

    def test_create(self) -> None:
        factories.article(published=False, body=DIRTY)
        self.check()

    def test_bulk_create(self) -> None:
        Article.objects.bulk_create([self.article()])
        self.check()

    def test_update_or_create(self) -> None:
        factories.article("a", published=False)
        Article.objects.update_or_create(slug="a", defaults={"body": DIRTY})
        self.check()

    def test_some_fields_alone(self) -> None:
        article = factories.article(published=False)
        article.body = DIRTY
        article.save(update_fields=["body"])
        self.check()

    def test_a_form(self) -> None:
        article = self.article()
        article.full_clean()
        assert article.body == CLEAN

    def test_a_queryset_refuses(self) -> None:
        article = factories.article(published=False)
        article.body = DIRTY
        for way in (
            lambda: Article.objects.update(body=DIRTY),
            lambda: Article.objects.bulk_update([article], ["body"]),
        ):
            with pytest.raises(FieldError, match="A text is cleaned when its object is saved"), transaction.atomic():
                way()
        assert "script" not in Article.objects.get().body


class TestShops:
    @pytest.mark.parametrize(
        "address",
        [
            "https://northshop.example/p/unknown",
            "http://northshop.example/",
            "HTTPS://NORTHSHOP.example/p/acme-100",
            "https://www.northshop.example/p/acme-100",
            "//northshop.example/p/acme-100",
            "https:northshop.example/p/acme-100",
            "https:\\\\northshop.example/p/acme-100",
            "/\\northshop.example/p/acme-100",
            "https://nhs.example@northshop.example/",
            "https://north%73hop.example/",
            "\thttps://northshop.example/p/acme-100",
        ],
    )
    def test_a_link_to_a_shop_without_an_offer_is_refused(self, offer: Offer, address: str) -> None:
        said = refusal(f'<p><a href="{address}">Buy</a></p>')
        assert said.startswith("These links lead to shops, but we have no such offer: ")
        assert said.endswith(". Make the offer, or take them out.")
        assert address.strip() in said

    def test_every_link_is_named_once(self, offer: Offer) -> None:
        text = "".join(f'<a href="https://northshop.example/{path}">x</a>' for path in ("a", "b", "a"))
        assert "https://northshop.example/a, https://northshop.example/b. Make" in refusal(text)

    @pytest.mark.parametrize(
        "address",
        ["https://www.nhs.uk/cramps", "/guides/x/", "#top", "mailto:me@a.example", "https://mynorthshop.example/"],
    )
    def test_other_links_stay(self, offer: Offer, address: str) -> None:
        text = f'<p><a href="{address}">x</a></p>'
        assert bodies.settle(text) == text

    def test_the_shop_is_the_one_whose_host_it_is(self, offer: Offer) -> None:
        outlet = factories.merchant("outlet", host="outlet.northshop.example")
        cheap = factories.offer(factories.product("b"), at=outlet, paid=False)
        assert bodies.settle(f'<a href="{cheap.url}">x</a>') == f'<a data-offer="{cheap.pk}">x</a>'

    def test_an_ampersand_in_an_address(self, offer: Offer) -> None:
        unpaid = factories.offer(factories.product("b"), paid=False, url="https://pharmacy.example/p?a=1&b=2")
        assert (
            bodies.settle('<a href="https://pharmacy.example/p?a=1&amp;b=2">x</a>')
            == f'<a data-offer="{unpaid.pk}">x</a>'
        )

    def test_many_links_are_few_queries(self, offer: Offer, django_assert_max_num_queries: object) -> None:
        text = "".join(f'<a href="https://nhs.example/{n}">x</a><a data-offer="{offer.pk}">y</a>' for n in range(50))
        assert callable(django_assert_max_num_queries)
        with django_assert_max_num_queries(3):
            bodies.settle(text)


class TestOffers:
    def test_a_stored_reference_stays(self, offer: Offer) -> None:
        text = f'<p><a data-offer="{offer.pk}">x</a></p>'
        assert bodies.settle(text) == text

    @pytest.mark.parametrize(
        "path",
        [
            "/go/{}/page.body~abcdefgh/",
            "/go/{}/",
            "/go/{}",
            "../../go/{}/x/",
            "/%67o/{}/",
            "http://127.0.0.1:8000/go/{}/x/",
        ],
    )
    def test_our_own_redirect_becomes_one(self, offer: Offer, path: str) -> None:
        assert bodies.settle(f'<a href="{path.format(offer.pk)}">x</a>') == f'<a data-offer="{offer.pk}">x</a>'

    def test_the_redirect_of_another_site_is_its_own(self, offer: Offer) -> None:
        text = f'<a href="https://nhs.example/go/{offer.pk}/">x</a>'
        assert bodies.settle(text) == text

    @pytest.mark.parametrize("path", ["/go/999999/x/", "/go/", "/go/abc/", "/go/99999999999999999999/"])
    def test_one_that_leads_nowhere_is_refused(self, offer: Offer, path: str) -> None:
        assert f"no such offer: {path}." in refusal(f'<a href="{path}">x</a>')

    def test_a_number_of_no_offer_is_refused(self, offer: Offer) -> None:
        assert "no such offer: offer:999999." in refusal('<a data-offer="999999">x</a>')

    @pytest.mark.parametrize("number", ["abc", "-1", "1e3", "", "1 onclick"])
    def test_what_is_no_number_is_no_reference(self, number: str) -> None:
        assert bodies.settle(f'<a data-offer="{number}">x</a>') == "<a>x</a>"

    def test_their_numbers_in_order(self, offer: Offer) -> None:
        other = factories.offer(factories.product("b"))
        one, two = (f'<a data-offer="{pk}">x</a>' for pk in (other.pk, offer.pk))
        text = f'{one}<a href="/a/">y</a>{two}{one}'
        assert bodies.offer_ids(text) == [other.pk, offer.pk]


def test_a_text_that_is_too_long_is_refused() -> None:
    assert refusal("a" * 1_000_001) == "The text has 1,000,001 characters; 1,000,000 are the limit: split it."


LINKS = st.sampled_from(
    ["https://northshop.example/p/acme-100", "/guides/x/", "#a", "https://nhs.example/?a=1&amp;b=2"]
)
PIECES = st.one_of(
    st.builds('<a href="{}">{}</a>'.format, LINKS, st.sampled_from(["x", "<b>y</b>", "&amp;"])),
    st.sampled_from(
        [
            "<h1>a</h1>",
            "<h4>b</h4>",
            "<p>c",
            "</p>",
            "<ol start='4'><li>d</ol>",
            "<table><tr><th>e<td>f</table>",
            "[@a]",
        ]
    ),
)


@given(text=st.lists(PIECES, max_size=8).map("".join))
def test_settling_twice_changes_nothing(text: str) -> None:
    if not Offer.objects.exists():
        factories.offer(factories.product())
    once = bodies.settle(text)
    assert bodies.settle(once) == once
    assert "northshop" not in once
