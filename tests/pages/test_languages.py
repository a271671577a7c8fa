"""A Spanish page is Spanish through and through, and tied to its English original both ways."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.utils import timezone

from articles.models import Article
from products.models import Placement, Slot
from tests.pages import demo
from tests.pages.reading import Page, get, squeeze, visible

SPANISH, ENGLISH = "/guides/calambres-nocturnos-que-ayuda/", "/guides/preventing-night-cramps/"
# The frame of a page, of a text, and of the pages that a Spanish reader may meet.
ENGLISH_CHROME = (
    *("Skip to content", "Guides", "Questions", "Reviews", "Lists", "Cramp now?", "Home", "Search", "On this page"),
    *("The short answer", "Published", "Updated", "References", "Related", "Short questions", "The evidence"),
    *("Studied", "In whom", "Result", "Source", "When to get help", "Call an ambulance", "Be seen today"),
    *("How we make money", "Privacy", "Contact", "No ads and no paid links", "Demo:", "Sample text", "Corrections"),
    *("Yellow means money", "Not medical advice", "Methodology", "Terms", "About"),
)
ENGLISH_MONTHS = re.compile(r"\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)\b")


@pytest.fixture
def spanish(pages: dict[str, Page]) -> Page:
    return pages[SPANISH]


def test_the_whole_page_is_spanish(spanish: Page) -> None:
    assert spanish.one("html")["lang"] == "es"
    assert spanish.headers["Content-Language"] == "es"
    own = BeautifulSoup(spanish.html, "html.parser")
    for foreign in own.select("[lang='en-gb'], .references p"):
        foreign.extract()  # titles of papers stay as they were published
    words = squeeze(own.body.strings) + " ".join(str(tag["aria-label"]) for tag in own.select("[aria-label]"))
    left = [word for word in ENGLISH_CHROME if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", words)]
    assert left == []


def test_dates_and_numbers_are_spanish(spanish: Page) -> None:
    shown = [visible(tag) for tag in spanish.all("time")]
    assert shown
    assert not any(ENGLISH_MONTHS.search(text) for text in shown), shown
    assert re.search(r"−0,18", spanish.text), "a decimal comma"


def test_a_spanish_page_with_something_sold_says_so_in_spanish() -> None:
    demo.force(Article, "calambres-nocturnos-que-ayuda", button_slot=Slot.objects.get(slug="guide-button"))
    assert Placement.objects.active().filter(slot__slug="guide-button").exists()
    page = get(SPANISH)
    strip = visible(page.one("[data-disclosure=top]"))
    assert "Ganamos una comisión" in strip
    assert "Un vendedor pagó" in strip
    assert {visible(tag) for tag in page.all("[data-disclosure=near]")} <= {"Enlace pagado"}
    label = visible(page.one("[data-ad-label]"))
    assert label.startswith("Anuncio")
    assert "Position paid" not in label


@pytest.mark.parametrize(("path", "other"), [(SPANISH, ENGLISH), (ENGLISH, SPANISH)])
def test_the_two_name_each_other(path: str, other: str, pages: dict[str, Page]) -> None:
    alternates = {str(tag["hreflang"]): str(tag["href"]) for tag in pages[path].all("link[rel=alternate][hreflang]")}
    assert alternates == {"es": f"{settings.SITE_URL}{SPANISH}", "en-gb": f"{settings.SITE_URL}{ENGLISH}"}
    [link] = pages[path].all(f"main a[href$='{other}'][hreflang]")
    assert link["lang"] == link["hreflang"] == ("en-gb" if other == ENGLISH else "es")


def test_a_page_without_a_translation_names_none(pages: dict[str, Page]) -> None:
    assert pages["/guides/what-causes-leg-cramps/"].all("link[hreflang]") == []


def test_a_translation_that_is_not_live_is_not_named() -> None:
    demo.force(Article, "calambres-nocturnos-que-ayuda", publish_at=timezone.now() + timedelta(days=1))
    assert get(ENGLISH).all("link[hreflang]") == []
    demo.force(Article, "calambres-nocturnos-que-ayuda", publish_at=timezone.now())
    demo.force(Article, "preventing-night-cramps", retire_at=timezone.now())
    assert get(SPANISH).all("link[hreflang]") == []


def test_what_is_in_another_language_says_so(pages: dict[str, Page]) -> None:
    """SC 3.1.2: Spanish words on English pages."""
    for path in ("/guides/", "/topics/", "/authors/lucia-romero/", "/search/?q=calambres"):
        page = pages.get(path) or get(path)
        for link in page.all("a[href*='calambres-nocturnos']"):
            marked = link.get("lang") == "es" or link.find_parent(attrs={"lang": "es"}) is not None
            assert marked, f"{path}: {link}"


def test_a_reader_is_not_sent_by_their_browser(pages: dict[str, Page]) -> None:
    """The address decides the language, so that a page is the same for everybody."""
    page = get(ENGLISH, **{"Accept-Language": "es"})
    assert page.content == pages[ENGLISH].content
