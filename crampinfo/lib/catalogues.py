"""One catalogue a language, where Django keeps one an app and a chain of fallbacks behind them.

Django 5.2 means to merge catalogues of one plural rule, but compares a rule's code with a rule, so that none are ever
merged; and each English one brings a fallback of its own. A word without a translation, which in English is every
word of ours, was looked up in some twenty dictionaries each time a template printed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from gettext import GNUTranslations
from typing import Any

from django.utils.translation import trans_real

Plural = Callable[[int], int]
Catalogue = dict[Any, str]


def merge(language: str) -> None:
    """Give what Django has loaded for a language a single catalogue a plural rule, and no fallbacks.

    Every text comes out as before: what stood first still wins, for a plural by its message and not by its form.
    """
    whole: Any = trans_real.translation(language)
    strings: Catalogue = {}
    rules: list[tuple[Plural, Catalogue]] = [(whole.plural, {})]
    counted: set[str] = set()  # messages whose plurals are known
    for link in _chain(whole):
        before = frozenset(counted)
        for plural, catalogue in _catalogues(link):
            new = {key: text for key, text in catalogue.items() if isinstance(key, tuple) and key[0] not in counted}
            _of_rule(rules, plural).update(new)
            counted |= {key[0] for key in new}
            for key, text in catalogue.items():
                # A link that knows a message by its plurals alone answers with one of them; no later link is asked.
                if isinstance(key, str) and key not in before:
                    strings.setdefault(key, text)
    rules[0][1].update(strings)
    merged: Any = trans_real.TranslationCatalog()
    merged._catalogs = [catalogue for _plural, catalogue in rules]
    merged._plurals = [plural for plural, _catalogue in rules]
    whole._catalog, whole._fallback = merged, None


def _chain(whole: Any) -> Iterator[Any]:
    """A translation and its fallbacks, in the order they are asked."""
    link = whole
    while isinstance(link, GNUTranslations):
        yield link
        link = link._fallback  # type: ignore[attr-defined]


def _catalogues(link: Any) -> Iterator[tuple[Plural, Catalogue]]:
    known = link._catalog
    if isinstance(known, dict):
        yield link.plural, known
    else:
        yield from zip(known._plurals, known._catalogs, strict=True)


def _of_rule(rules: list[tuple[Plural, Catalogue]], plural: Plural) -> Catalogue:
    """The catalogue for a plural rule; two rules are one when they were compiled from the same words."""
    for known, catalogue in rules:
        if known.__code__ == plural.__code__:
            return catalogue
    rules.append((plural, {}))
    return rules[-1][1]
