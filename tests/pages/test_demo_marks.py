"""What is invented is marked, and neither indexed nor marked up; the showcase shows it as if it were real (DEMO-01)."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import override_settings

from articles.models import Article, Question
from articles.models import Page as OwnPage
from crampinfo.editorial.models import Author
from products.models import Brand, Merchant, Product
from reviews.models import Ranking, Review
from tests.pages import demo
from tests.pages.reading import Page, get, visible

BANNER = "Demo: every brand, shop and person here is invented."
SAMPLE = ("Sample text, not medically reviewed", "Texto de muestra, sin revisión médica")
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def invented_names() -> set[str]:
    """Brands, products, shops and people; the ones a page can't name without being of the demonstration."""
    return {
        str(name)
        for model in (Brand, Merchant, Product, Author)
        for name in model._default_manager.filter(is_demo=True).values_list("name", flat=True)
    }


def sitemap() -> dict[str, str]:
    """Path and lastmod of each address."""
    page = get("/sitemap.xml")
    assert page.status == 200
    urls = ElementTree.fromstring(page.content).findall("s:url", SITEMAP)
    found = {str(url.findtext("s:loc", "", SITEMAP)): str(url.findtext("s:lastmod", "", SITEMAP)) for url in urls}
    assert all(address.startswith(settings.SITE_URL) for address in found)
    return {address.removeprefix(settings.SITE_URL): lastmod for address, lastmod in found.items()}


def test_the_banner_is_on_every_page(pages: dict[str, Page]) -> None:
    assert [path for path, page in pages.items() if BANNER not in visible(page.one("[data-demo-banner]"))
            and page.one("html")["lang"] != "es"] == []  # fmt: skip


def test_what_names_something_invented_is_not_indexed(pages: dict[str, Page]) -> None:
    names = invented_names()
    assert len(names) > 30
    loose = [
        (path, found)
        for path, page in pages.items()
        if not page.is_noindex and (found := sorted(name for name in names if name in visible(page.one("main"))))
    ]
    assert loose == []


def test_header_and_meta_agree(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        metas = [str(tag["content"]) for tag in page.all("meta[name=robots]")]
        assert metas == ([page.headers["X-Robots-Tag"]] if page.is_noindex else []), path


def test_each_text_says_that_it_is_sample_text(pages: dict[str, Page]) -> None:
    texts = [
        text for model in (Article, Question, Review, Ranking) for text in model._default_manager.filter(is_demo=True)
    ]
    assert len(texts) > 35
    for text in texts:
        said = visible(pages[text.get_absolute_url()].one("main"))
        assert any(sample in said for sample in SAMPLE), text


def test_no_structured_data_about_what_is_invented(pages: dict[str, Page]) -> None:
    assert {path: page.graph for path, page in pages.items() if page.is_noindex and page.graph} == {}


def test_no_demo_person_has_a_title_or_qualification(pages: dict[str, Page]) -> None:
    """DEMO-03."""
    for author in Author.objects.filter(is_demo=True):
        assert not {"Dr", "Dr.", "MD", "PhD", "Professor"} & set(f"{author.name} {author.role}".split())
        assert author.credentials.count() == 0


def test_demo_shops_are_on_example_hosts_and_open_a_page_of_ours(pages: dict[str, Page]) -> None:
    """DEMO-02."""
    assert all(host.endswith(".example") for host in Merchant.objects.values_list("host", flat=True))
    links = [str(link["href"]) for page in pages.values() for link in page.all("a[href^='/demo-shop/']")]
    page = get(links[0])
    assert page.status == 200
    assert page.is_noindex
    assert "demo shop" in page.text.lower()


def test_the_sitemap_has_no_demo_row(pages: dict[str, Page]) -> None:
    found = sitemap()
    assert {"/privacy/", "/terms/"} <= found.keys()
    assert not {text.get_absolute_url() for text in Article.objects.filter(is_demo=True)} & found.keys()
    assert not any(path.startswith(("/reviews/", "/lists/", "/guides/", "/questions/")) for path in found)


def test_what_is_in_the_sitemap_can_be_indexed(pages: dict[str, Page]) -> None:
    """SEO-TECH-01: and what can be indexed is in it."""
    found = sitemap()
    assert [path for path in found if pages[path].status != 200 or pages[path].is_noindex] == []
    assert {path for path, page in pages.items() if not page.is_noindex} == found.keys()


# --- the showcase ---


def test_the_showcase_has_no_marks(showcase: dict[str, Page]) -> None:
    for name, page in showcase.items():
        assert page.all("[data-demo-banner]") == [], name
        assert not any(sign in page.text for sign in (BANNER, *SAMPLE, "for the demonstration")), name


def test_the_showcase_is_indexable(showcase: dict[str, Page]) -> None:
    """All but searches, comparisons, and views of a list that has a canonical one."""
    hidden = {name for name, page in showcase.items() if page.is_noindex}
    views = {"an influenced list without advertising", "a filtered list", "a list by own weights"}
    compared = {"two products compared", "four products compared", "nothing to compare"}
    assert hidden == views | compared | set(demo.PAST) | {
        "an influenced list by own weights",
        "search",
        "search without a find",
    }


def test_the_showcase_is_in_its_sitemap(site: None, pages: dict[str, Page]) -> None:
    with override_settings(SHOWCASE=True):
        found = sitemap()
        rows = [
            row
            for model in (Article, Question, Review, Ranking, OwnPage)
            for row in model._default_manager.filter(is_demo=True)
        ]
        assert {row.get_absolute_url() for row in rows} <= found.keys()
        assert {"/", "/guides/", "/lists/"} <= found.keys()
        for path in list(found)[::6]:
            page = get(path)
            assert page.status == 200
            assert not page.is_noindex, path
            assert page.one("link[rel=canonical]")["href"] == settings.SITE_URL + path


def test_dates_in_the_sitemap_are_those_of_the_content(site: None) -> None:
    with override_settings(SHOWCASE=True):
        found = sitemap()
    for article in Article.objects.all():
        assert article.content_changed_at is not None
        assert found[article.get_absolute_url()][:10] == article.content_changed_at.date().isoformat()


def test_a_real_row_beside_demo_rows_is_indexed() -> None:
    demo.force(Article, "what-causes-leg-cramps", is_demo=False)
    page = get("/guides/what-causes-leg-cramps/")
    assert not page.is_noindex
    assert page.nodes("Article")
    assert "/guides/what-causes-leg-cramps/" in sitemap()
    assert not any(sample in visible(page.one("main")) for sample in SAMPLE)


@pytest.mark.parametrize("name", [*demo.REVIEWS, *demo.LISTS])
def test_money_is_marked_in_the_showcase_too(name: str, showcase: dict[str, Page]) -> None:
    page = showcase[name]
    assert bool(page.all("[data-aff]")) <= bool(page.all("[data-disclosure=top]")), name
