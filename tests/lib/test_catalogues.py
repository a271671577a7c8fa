"""One catalogue a language says what Django's many say."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.utils.translation import trans_real

from crampinfo.lib import catalogues

NUMBERS = (0, 1, 2, 5, 11, 21, 1_000_000)
UNKNOWN = "No catalogue holds these words"


def apart(language: str) -> Any:
    """A translation as Django loads it, beside the one that the site has merged."""
    found: Any = trans_real.DjangoTranslation(language)
    return found


def messages(translation: Any) -> set[str]:
    keys = [
        key for link in catalogues._chain(translation) for _rule, texts in catalogues._catalogues(link) for key in texts
    ]
    return {key if isinstance(key, str) else key[0] for key in keys} - {""} | {UNKNOWN}


def said(translation: Any, texts: set[str]) -> dict[str, list[str]]:
    return {
        text: [translation.gettext(text), *(translation.ngettext(text, f"many: {text}", n) for n in NUMBERS)]
        for text in texts
    }


@pytest.fixture(autouse=True)
def _as_the_site_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests may have made Django load its catalogues anew."""
    monkeypatch.setattr(trans_real, "_translations", {})
    apps.get_app_config("site").ready()


@pytest.mark.parametrize("language", ["en-gb", "es"])
def test_every_text_is_what_it_was(language: str) -> None:
    before = apart(language)
    texts = messages(before)
    assert len(texts) > 300
    assert said(trans_real.translation(language), texts) == said(before, texts)


@pytest.mark.parametrize("language", ["en-gb", "es"])
def test_nothing_is_left_to_fall_back_to(language: str) -> None:
    before, merged = apart(language), trans_real.translation(language)
    assert len([*catalogues._catalogues(before)]) > 3 or before._fallback, "else there was nothing to merge"
    assert merged._fallback is None
    assert len([*catalogues._catalogues(merged)]) <= 3
    assert said(merged, {UNKNOWN})[UNKNOWN][:3] == [UNKNOWN, f"many: {UNKNOWN}", UNKNOWN]


class Link(trans_real.DjangoTranslation):
    """A translation made by hand, in place of one from files."""

    def __init__(self, *catalogs: dict[Any, str], fallback: Any = None) -> None:
        self._catalog: Any = trans_real.TranslationCatalog()
        self._catalog._catalogs = list(catalogs)
        self._catalog._plurals = [lambda n: int(n != 1) for _catalog in catalogs]
        self.plural, self._fallback = self._catalog._plurals[0], fallback


@pytest.mark.parametrize(
    ("first", "behind"),
    [
        ({"Ad": "Anuncio"}, {"Ad": "Ad"}),
        ({("row", 0): "fila", ("row", 1): "filas"}, {"row": "row"}),
        ({"row": "fila"}, {("row", 0): "row", ("row", 1): "rows"}),
        ({}, {("row", 0): "row", ("row", 1): "rows", "Ad": "Advert"}),
    ],
)
def test_what_stands_first_wins(first: dict[Any, str], behind: dict[Any, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def made() -> Any:
        return Link(dict(first), fallback=Link(dict(behind)))

    merged = made()
    monkeypatch.setitem(trans_real._translations, "xx", merged)
    catalogues.merge("xx")
    assert said(merged, {"Ad", "row"}) == said(made(), {"Ad", "row"})
