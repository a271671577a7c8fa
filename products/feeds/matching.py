"""Which of our products a shop's item is: by GTIN, by what somebody decided before, or a guess that waits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from products.feeds.rows import Item
from products.models import Feed, FeedItem, MatchState, Product
from products.shoppage import folded

_LEAST = 0.5  # of all words of both names that they share: below that a guess helps nobody
_COMMON = 200  # a word that more products have tells nothing


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Our products by GTIN (14 digits) and by the words of their names; read once a run."""

    by_gtin: Mapping[str, int]
    words: Mapping[int, frozenset[str]]
    by_word: Mapping[str, frozenset[int]]

    def guess(self, item: Item) -> int | None:
        """The product whose name and brand share most words with the item's, if they share at least half."""
        wanted = _words(f"{item.brand} {item.title}")
        near: Counter[int] = Counter()
        for word in wanted:
            found = self.by_word.get(word, frozenset())
            if len(found) <= _COMMON:
                near.update(found)
        scored = [(shared / len(wanted | self.words[number]), -number) for number, shared in near.most_common(5)]
        share, number = max(scored, default=(0.0, 0))
        return -number if share >= _LEAST else None


def catalogue() -> Catalogue:
    """All products, in one query."""
    by_gtin: dict[str, int] = {}
    words: dict[int, frozenset[str]] = {}
    by_word: dict[str, set[int]] = defaultdict(set)
    for number, name, brand, gtin in Product.objects.values_list("pk", "name", "brand__name", "gtin").iterator():
        words[number] = frozenset(_words(f"{brand} {name}"))
        for word in words[number]:
            by_word[word].add(number)
        if gtin:
            by_gtin[gtin.zfill(14)] = number
    return Catalogue(by_gtin, words, {word: frozenset(found) for word, found in by_word.items()})


def decided(feed: Feed, ids: Iterable[str]) -> dict[str, FeedItem]:
    """What is known of these items of the shop, by their numbers."""
    return {item.item_id: item for item in FeedItem.objects.filter(feed=feed, item_id__in=list(ids))}


def product_of(item: Item, known: FeedItem | None, stock: Catalogue) -> int | None:
    """The product an item is for sure: what somebody said wins over the GTIN."""
    if known is not None and known.state == MatchState.MATCHED:
        return known.product_id
    return stock.by_gtin.get(item.gtin) if item.gtin else None


def _words(text: str) -> set[str]:
    return set("".join(ch if ch.isalnum() else " " for ch in folded(text)).split())
