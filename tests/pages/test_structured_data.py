"""Structured data says only what its page shows, of real rows alone, and stays in its element (rules section 6)."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from articles.models import Article
from crampinfo.editorial import rendered
from crampinfo.editorial.models import MedicalReview
from products.models import Price, Product
from tests.pages import demo
from tests.pages.reading import Page, get, visible, walk

# Codes and types that name themselves in no words of a page.
CODED = {
    "@type",
    "@id",
    "@context",
    "inLanguage",
    "priceCurrency",
    "bestRating",
    "worstRating",
    "position",
    "numberOfItems",
}
DATES = {"datePublished", "dateModified", "lastReviewed"}
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
RETIRED = {"FAQPage", "QAPage", "HowTo", "ClaimReview", "AggregateRating"}
NASTY = "</script><script>alert(1)</script> & Sons\u2028"


def test_it_works(showcase: dict[str, Page]) -> None:
    for name in ("a guide", "a question", "a review", "an isolated list", "an author", "home"):
        assert showcase[name].graph, name


@pytest.mark.parametrize("name", demo.TYPES)
def test_every_string_can_be_read_on_the_page(name: str, showcase: dict[str, Page]) -> None:
    """LD-00."""
    page = showcase[name]
    days = {str(tag["datetime"])[:10] for tag in page.all("time[datetime]")}
    text = page.text.replace("\xa0", " ")
    for node in walk(page.graph):
        for key, value in node.items():
            if key in CODED or isinstance(value, dict | list) or str(value).startswith("http"):
                continue
            if key in DATES:
                assert str(value)[:10] in days, f"{name}: {key} {value}"
            else:
                assert " ".join(str(value).split()) in text, f"{name}: {key} {value}"


def test_dates_have_a_time_zone(showcase: dict[str, Page]) -> None:
    """LD-ART-01."""
    for page in showcase.values():
        for node in page.nodes("Article", "MedicalWebPage", "Review"):
            for key in ("datePublished", "dateModified"):
                assert key not in node or timezone.datetime.fromisoformat(node[key]).utcoffset() is not None, page


def test_articles(showcase: dict[str, Page]) -> None:
    for name in demo.ARTICLES:
        [node] = showcase[name].nodes("Article", "MedicalWebPage")
        assert node["headline"] == visible(showcase[name].one("h1"))
        assert [author["@type"] for author in node["author"]] == ["Person"]
        assert get(node["author"][0]["url"].removeprefix(settings.SITE_URL)).status == 200
        assert node["url"] == showcase[name].one("link[rel=canonical]")["href"]


def test_a_review_is_nested_in_its_product(showcase: dict[str, Page]) -> None:
    """LD-PROD-01, -02, LD-REV-01, LD-PC-01."""
    for name in demo.REVIEWS:
        page = showcase[name]
        [product] = page.nodes("Product")
        review = product["review"]
        assert review["@type"] == "Review"
        assert review["author"]["@type"] == "Person"
        assert len(review["author"]["name"]) < 100
        assert len(review["positiveNotes"]["itemListElement"]) + len(review["negativeNotes"]["itemListElement"]) >= 2
        positions = [item["position"] for item in review["positiveNotes"]["itemListElement"]]
        assert positions == list(range(1, len(positions) + 1))


def test_the_rating_is_the_editorial_score(showcase: dict[str, Page]) -> None:
    rating = showcase["a review"].nodes("Rating")
    printed = visible(showcase["a review"].one(".review-score [data-score]")).split("of")[0].strip()
    assert [(node["ratingValue"], node["bestRating"], node["worstRating"]) for node in rating] == [(printed, "10", "0")]


def test_no_rating_where_a_gate_failed(showcase: dict[str, Page]) -> None:
    assert showcase["a review with a failed gate"].nodes("Rating") == []


def test_offers_only_with_a_price_that_is_shown(showcase: dict[str, Page]) -> None:
    """LD-PROD-03."""
    page = showcase["a review"]
    shown = [visible(tag) for tag in page.all("[data-price]")]
    offers = page.nodes("Offer")
    assert offers
    for offer in offers:
        assert any(offer["price"] in text and SYMBOLS[offer["priceCurrency"]] in text for text in shown)
    with override_settings(SHOWCASE=True):
        Price._base_manager.update(as_of=timezone.now() - timedelta(days=30))
        assert get(page.path).nodes("Offer") == []


def test_a_list_is_in_visible_order_without_adverts(showcase: dict[str, Page]) -> None:
    """LD-LIST-01, LD-AD-01."""
    page = showcase["an isolated list"]
    [node] = page.nodes("ItemList")
    assert [item["name"] for item in node["itemListElement"]] == [
        visible(tag) for tag in page.all("[data-rank-item] h3")
    ]
    assert [item["position"] for item in node["itemListElement"]] == list(range(1, node["numberOfItems"] + 1))
    assert all(item["url"].startswith(f"{settings.SITE_URL}/reviews/") for item in node["itemListElement"])
    advertised = visible(page.one("[data-ad-slot] h2"))
    assert advertised not in json.dumps(page.graph)


def test_an_influenced_list_marks_up_nothing_but_its_place(showcase: dict[str, Page]) -> None:
    """LD-AD-01."""
    assert {node["@type"] for node in walk(showcase["an influenced list"].graph)} == {"BreadcrumbList", "ListItem"}
    assert showcase["an influenced list without advertising"].graph == []


def test_breadcrumbs_are_those_one_sees(showcase: dict[str, Page]) -> None:
    """LD-BC-01."""
    for name, page in showcase.items():
        lists = page.nodes("BreadcrumbList")
        steps = page.all("nav.breadcrumb li")
        if not steps or page.is_noindex:
            assert lists == [], name
            continue
        [node] = lists
        items = node["itemListElement"]
        assert [item["position"] for item in items] == list(range(1, len(items) + 1)), name
        assert [item["name"] for item in items] == [visible(step) for step in steps], name
        seen = [f"{settings.SITE_URL}{link['href']}" for step in steps for link in step.select("a")]
        assert [item["item"] for item in items if "item" in item] == seen, name


def test_the_site_is_described_once_and_does_not_rate_itself(showcase: dict[str, Page]) -> None:
    """LD-ORG-01, LD-REV-04."""
    [organisation] = [node for node in showcase["home"].graph if node["@type"] == "Organization"]
    assert not {"aggregateRating", "review"} & organisation.keys()
    for address in (
        organisation["publishingPrinciples"],
        organisation["correctionsPolicy"],
        organisation["contactPoint"]["url"],
    ):
        assert get(address.removeprefix(settings.SITE_URL)).status == 200, address
    assert organisation["logo"].endswith(".svg")


def test_a_profile_says_who_it_is(showcase: dict[str, Page]) -> None:
    """LD-PROF-01."""
    [profile] = [node for node in showcase["an author"].graph if node["@type"] == "ProfilePage"]
    person = profile["mainEntity"]
    assert (person["@type"], person["name"], person["jobTitle"]) == ("Person", "Tomas Arden", "Product reviewer")
    assert person["image"].startswith(settings.SITE_URL)


def test_a_medical_page_names_its_reader() -> None:
    """LD-MED-01: only while the text is the one that was read."""
    text = Article.objects.get(slug="what-causes-leg-cramps")
    read = MedicalReview.objects.create(
        content=text, reviewer=text.author, content_hash=text.content_hash, reviewed_on=date(2026, 1, 2)
    )
    demo.force(Article, text.slug, medical_review=read)
    with override_settings(SHOWCASE=True):
        [node] = [node for node in get(text.get_absolute_url()).graph if "headline" in node]
        assert (node["@type"], node["lastReviewed"]) == ("MedicalWebPage", "2026-01-02")
        assert node["reviewedBy"]["name"] == text.author.name
        demo.force(Article, text.slug, content_hash="another")
        [node] = [node for node in get(text.get_absolute_url()).graph if "headline" in node]
    assert (node["@type"], "reviewedBy" in node) == ("Article", False)


def test_nothing_is_marked_up_that_google_has_retired(showcase: dict[str, Page]) -> None:
    """LD-FAQ-01, LD-QA-01, LD-HOW-01, LD-REV-02."""
    found = {node.get("@type") for page in showcase.values() for node in walk(page.graph)}
    assert not RETIRED & found
    assert {"Article", "Product", "Review", "ItemList", "BreadcrumbList", "ProfilePage"} <= found


def test_a_name_cannot_break_out() -> None:
    """LD-SEC-01: in the element, in the page, in titles."""
    Product._base_manager.filter(slug="vintermark-bisglycinate-50").update(name=NASTY)
    with override_settings(SHOWCASE=True):
        for path in ("/reviews/vintermark-bisglycinate-50/", "/lists/magnesium-supplements/", "/reviews/"):
            page = get(path)
            assert "alert(1)" in page.html, path
            assert "<script>alert" not in page.html, path
            assert page.all("script:not([src]):not([type='application/ld+json'])") == [], path
        raw = re.search(
            r'<script type="application/ld\+json">(.*?)</script>',
            get("/reviews/vintermark-bisglycinate-50/").html,
            re.S,
        )
        assert raw is not None
        assert not set("<>&\u2028\u2029") & set(raw[1])
        names: list[Any] = [node["name"] for node in walk(json.loads(raw[1])) if node.get("@type") == "Product"]
        assert names == [NASTY]


def test_the_image_of_an_article_is_its_picture_on_the_page(showcase: dict[str, Page]) -> None:
    """LD-ART-01: absolute, there at first sight of the words, and none where the page shows none."""
    page = showcase["a guide"]
    [node] = page.nodes("Article", "MedicalWebPage")
    shown = page.one("main .lead-picture img")
    assert node["image"] == [f"{settings.SITE_URL}{shown['src']}"]
    assert page.one('meta[property="og:image"]')["content"] == node["image"][0]
    assert (shown["width"], shown["height"], bool(shown["alt"])) == ("1200", "675", True)
    order = [page.html.index(mark) for mark in ('class="key-answer"', 'class="lead-picture"', 'class="prose"')]
    assert order == sorted(order)
    for name in set(demo.ARTICLES) - {"a guide"}:
        [node] = showcase[name].nodes("Article", "MedicalWebPage")
        assert "image" not in node
        assert not showcase[name].all(".lead-picture, meta[property='og:image']")


def test_data_that_name_another_picture_are_found() -> None:
    guide = Article.objects.select_related("picture").get(slug="preventing-night-cramps")
    with override_settings(SHOWCASE=True):
        html = get(guide.get_absolute_url()).html
    assert [one.code for one in rendered.inspect(guide, html)] == []
    for other in (html.replace('<img src="/media/pictures', '<img src="/media/x'), html.replace('"image":[', '"i":[')):
        assert other != html
        assert [one.code for one in rendered.inspect(guide, other)] == ["LD-ART-01"]
