"""The Spanish catalogue is whole and built, and a Spanish page speaks Spanish from its first word to its last."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bs4 import Tag
from django.db.models import QuerySet, TextChoices
from django.utils import translation
from django.utils.translation.template import templatize

from articles.models import Article
from crampinfo.editorial.models import Disclosure, Reference
from crampinfo.editorial.models.reference import Certainty, Design, Direction
from products.dose import Market
from products.models import LinkMode, PlacementKind, PriceSource, Slot
from products.models.catalogue import Category, Form
from reviews.models import Acquisition, EvidenceKind, Ranking, Review
from reviews.scoring import GateFacts, gate_failures
from scripts import build_messages
from tests.pages import reading

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po"
# Templates of the pages that readers see, and modules whose texts stand there; the rest speaks to those who sign in.
READ = {"articles", "figures", "includes", "products", "reviews", "site"}
PUBLIC = (
    *("*/views.py", "*/site/views.py", "*/templatetags/*.py", "*/editorial/templatetags/*.py", "*/site/feeds.py"),
    *("*/editorial/pages.py", "*/editorial/paging.py", "*/editorial/citations.py", "*/lib/words.py"),
    *("reviews/history.py", "reviews/comparing.py", "reviews/doses.py", "reviews/filters.py", "reviews/offers.py"),
    *("reviews/changefeed.py", "reviews/exportviews.py", "*/site/schema.py", "*/site/exports.py"),
    *("reviews/ownweights.py", "reviews/past.py", "reviews/pastview.py", "reviews/difference.py"),
    "products/shopping.py",
)
CHOICES: tuple[type[TextChoices], ...] = (
    *(Acquisition, Category, Certainty, Design, Direction, EvidenceKind, Form, LinkMode, PlacementKind, PriceSource),
)
_STRING = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*[urb]*({_STRING}(?:\s*,\s*[urb]*{_STRING})*)")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|&\w+;|</?\w+>")
GUIDE = "/guides/calambres-nocturnos-que-ayuda/"
ORIGINAL = "/guides/preventing-night-cramps/"
# Words of our pages that no Spanish text has.
ENGLISH = (
    *("Guides", "Questions", "Reviews", "Search", "Money", "Home", "Published", "Updated", "Source", "Studied"),
    *("Result", "References", "Related", "Sample", "ambulance", "The", "and", "of", "with", "page", "calf", "toes"),
    *("covers", "week", "others", "editor", "paid", "ads", "Privacy", "Terms", "Contact", "About", "reference"),
)


@cache
def entries() -> tuple[build_messages.Entry, ...]:
    return tuple(build_messages.entries(SOURCE.read_text(encoding="utf-8")))


@cache
def finished() -> set[str]:
    """The keys of every finished message; of a plural, that of its singular."""
    return {key.split("\0")[0] for key in build_messages.catalogue(entries())}


def in_templates() -> Iterator[tuple[str, str]]:
    """(file, key) of every text of the public templates, found as Django's own tools find them."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        name = str(path.relative_to(ROOT))
        if path.parent != ROOT / "templates" and path.relative_to(ROOT / "templates").parts[0] not in READ:
            continue
        for call in _CALL.finditer(templatize(path.read_text(encoding="utf-8"), origin=name)):
            parts = [ast.literal_eval(text) for text in re.findall(_STRING, call[2])]
            yield name, "\x04".join(parts[:2]) if "p" in call[1] else parts[0]


def in_python() -> Iterator[tuple[str, str]]:
    """(file, key) of every text of the modules that speak to readers."""
    for path in sorted({path for pattern in PUBLIC for path in ROOT.glob(pattern)}):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name in ("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext"):
                first = node.args[0]  # type: ignore[attr-defined]
                if isinstance(first, ast.Constant):
                    yield str(path.relative_to(ROOT)), str(first.value)


def test_the_built_file_is_that_of_its_source() -> None:
    assert SOURCE.with_suffix(".mo").read_bytes() == build_messages.build(SOURCE), "run scripts/build_messages.py"


def test_the_built_file_is_one() -> None:
    with SOURCE.with_suffix(".mo").open("rb") as file:
        messages = gettext.GNUTranslations(file)
    assert messages.gettext("Paid link") == "Enlace pagado"
    assert messages.pgettext("date", "Updated") == "Actualizado el"
    counted = [messages.ngettext("%(total)s review", "%(total)s reviews", number) for number in (0, 1, 2)]
    assert counted == ["%(total)s reseñas", "%(total)s reseña", "%(total)s reseñas"]


def test_no_entry_is_fuzzy_or_there_twice() -> None:
    found = entries()
    assert [entry.key for entry in found if entry.fuzzy] == []
    keys = [entry.key for entry in found]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_placeholders_are_those_of_the_english() -> None:
    wrong = []
    for entry in entries():
        english = [entry.parts[name] for name in ("msgid", "msgid_plural") if name in entry.parts]
        allowed = [sorted(_PLACEHOLDER.findall(text)) for text in english]
        if entry.key:
            wrong += [(entry.key, form) for form in entry.forms if sorted(_PLACEHOLDER.findall(form)) not in allowed]
    assert wrong == []


def test_every_text_of_a_public_template_is_there() -> None:
    found = list(in_templates())
    assert len(found) > 350
    assert {"Paid link", "date\x04Updated", "%(total)s review", "j M Y", "Soleus"} <= {key for _, key in found}
    assert [(name, key) for name, key in found if key not in finished()] == [], "add them to locale/es"


def test_every_text_of_a_public_module_is_there() -> None:
    found = list(in_python())
    assert len(found) > 70
    assert [(name, key) for name, key in found if key not in finished()] == [], "add them to locale/es"


def test_every_choice_that_readers_see_is_there() -> None:
    with translation.override("en-gb"):
        labels = [str(label) for kind in CHOICES for label in kind.labels]
    assert [label for label in labels if label not in finished()] == []


@pytest.mark.parametrize(("mg", "readable"), [(None, True), (300, False), (401, False)])
def test_every_reason_against_a_product_is_there(mg: int | None, readable: bool) -> None:
    facts = GateFacts(
        elemental_mg_per_day=None if mg is None else Decimal(mg),
        markets=tuple(Market),
        label_warns_limit=False,
        label_readable=readable,
        recalled=True,
        is_supplement=True,
    )
    asked: list[str] = []

    def say(text: str) -> str:
        asked.append(text)
        return text

    assert all(failure.told(say) for failure in gate_failures(facts))
    assert len(asked) >= 2
    assert [text for text in asked if text not in finished()] == []


def spoken(page: reading.Page) -> list[str]:
    """Every text and text attribute of a page that is not marked as being in another language."""
    said: list[str] = []
    for tag in page.soup.find_all(True):
        if tag.find_parent(lang=_other) is not None or (tag.name != "html" and _other(tag.get("lang"))):
            continue
        said += [
            str(tag[name]) for name in ("aria-label", "alt", "title", "placeholder", "data-label") if tag.get(name)
        ]
        if tag.name not in ("script", "style"):
            said += [text.strip() for text in tag.find_all(string=True, recursive=False) if text.strip()]
    return said


@cache
def translated() -> set[str]:
    """Every English text that is another one in Spanish."""
    return {key for key, text in build_messages.catalogue(entries()).items() if key != text}


def _other(language: Any) -> bool:
    return bool(language) and language != "es"


def test_the_guide_is_in_spanish(site: None) -> None:
    page = reading.get(GUIDE)
    said = spoken(page)
    assert page.one("html")["lang"] == "es"
    assert page.headers["Content-Language"] == "es"
    assert [text for text in said if text in translated()] == []
    ours = [text for text in said if text.rstrip(".") not in issuers()]
    word = re.compile(rf"(?<![/\w])(?:{'|'.join(ENGLISH)})(?![/\w])")
    assert [text for text in ours if word.search(text)] == []


def issuers() -> set[str]:
    """Authorities keep their own names."""
    return set(Reference.objects.values_list("authors", flat=True))


def test_its_dates_and_numbers_are_spanish(site: None) -> None:
    page = reading.get(GUIDE)
    months = "ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic"
    dates = [tag.get_text() for tag in page.all("time")]
    assert dates
    assert [text for text in dates if not re.fullmatch(rf"\d{{1,2}} (?:{months}) \d{{4}}", text)] == []
    assert "−0,18 (−0,84 a 0,49) calambres por semana" in page.text
    assert "intervalo del 95 por ciento" in str(page.one("svg.interval")["aria-label"])
    assert [text for text in spoken(page) if re.search(r"\d\.\d", text) and not text.startswith("doi ")] == []


def test_what_stays_english_says_so(site: None) -> None:
    page = reading.get(GUIDE)
    titles = page.all(".references li span[lang='en']")
    assert len(titles) == len(page.all(".references > li")) > 5
    assert page.all(".reference-summary") == [], "our summaries of sources are English"
    assert reading.get(ORIGINAL).all(".reference-summary")
    assert reading.get(ORIGINAL).all(".references [lang]") == []


def test_the_two_pages_name_each_other(site: None) -> None:
    page, original = reading.get(GUIDE), reading.get(ORIGINAL)
    expected = {"es": GUIDE, "en-gb": ORIGINAL}
    for one in (page, original):
        named = {str(link["hreflang"]): str(link["href"]) for link in one.all("link[rel='alternate'][hreflang]")}
        assert {code: reading.urlsplit(address).path for code, address in named.items()} == expected
    assert _links(page, "en-gb") == [ORIGINAL]
    assert _links(original, "es") == [GUIDE]


def _links(page: reading.Page, language: str) -> list[str]:
    links: list[Tag] = page.all(f"a[hreflang='{language}']")
    return [reading.urlsplit(str(link["href"])).path for link in links]


def test_its_disclosure_is_spanish(site: None) -> None:
    assert reading.get(GUIDE).all(".disclosure") == []
    guide = _unguarded(Article).filter(slug="calambres-nocturnos-que-ayuda")
    guide.update(button_slot=Slot.objects.get(slug="guide-button"))
    page = reading.get(GUIDE)
    text = Disclosure.objects.current("placement", "es").get().text
    assert reading.visible(page.one(".disclosure")).startswith(f"Aviso de publicidad {text}")
    assert "Espacio pagado por el anunciante" in reading.visible(page.one(".ad-label"))
    assert reading.visible(page.one("[data-disclosure='near']")) == "Enlace pagado"


def test_a_list_would_be_in_spanish(site: None) -> None:
    _unguarded(Ranking).update(language="es")
    isolated, influenced = reading.get("/lists/magnesium-supplements/"), reading.get("/lists/accessories/")
    assert "Publicidad: orden influido por pagos" in influenced.text
    assert re.search(r"Pagado por .+? hasta el \d+ \w{3} \d{4}", influenced.text)
    assert "7,8 editorial + 0,4 pagado = 8,2 mostrado." in influenced.text
    assert "supera el límite superior de la UE, de 250 mg (el 152 % de ese límite)" in isolated.text
    assert re.search(r"\d+,\d\d € al día\s*leído el \d+ \w{3} \d{4}, \d\d:\d\d", isolated.text)
    for page in (isolated, influenced):
        assert [text for text in spoken(page) if text in translated()] == []


def test_a_review_would_be_in_spanish(site: None) -> None:
    _unguarded(Review).update(language="es")
    page = reading.get("/reviews/brambeck-oxide-225/")
    assert [text for text in spoken(page) if text in translated()] == []
    assert "635 ÷ 100 = 6,35, redondeado a 6,4" in page.text
    assert "6,7 (octubre de 2025)" in str(page.one(".history-plot")["aria-label"])
    assert "Primera reseña" in page.text


def _unguarded(model: Any) -> QuerySet[Any]:
    """Rows without the guard that keeps live ones from being changed in bulk."""
    return QuerySet(model)
