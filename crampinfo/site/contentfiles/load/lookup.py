"""Finding objects by slug while files are loaded, and saying which slugs nobody knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db import models

from articles.models import Article, Page, Question
from crampinfo.editorial.models import Author, Evidence, Reference, Topic
from crampinfo.site.contentfiles.parse import ANY, Parsed
from crampinfo.site.contentfiles.problems import Problem, nearest
from products.models import (
    AffiliateProgramme,
    Brand,
    Compound,
    ConflictDeclaration,
    Merchant,
    Offer,
    Placement,
    Product,
    Slot,
)
from reviews.models import Criterion, Methodology, Ranking, Review

MODELS: dict[str, type[models.Model]] = {
    "topic": Topic,
    "reference": Reference,
    "evidence": Evidence,
    "author": Author,
    "brand": Brand,
    "merchant": Merchant,
    "programme": AffiliateProgramme,
    "compound": Compound,
    "product": Product,
    "conflict": ConflictDeclaration,
    "methodology": Methodology,
    "slot": Slot,
    "review": Review,
    "ranking": Ranking,
    "placement": Placement,
    "article": Article,
    "question": Question,
    "page": Page,
}


class Dependent(Exception):
    """Something this object needs was not accepted, so the object can't be tried."""


class Lookup:
    """Objects by kind and slug, each fetched once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Any] = {}

    def find(self, kind: str, slug: str) -> Any:
        """The object, or None."""
        if (kind, slug) not in self._known:
            name = "product__slug" if kind == "review" else "slug"
            found = MODELS[kind]._base_manager.filter(**{name: slug}).first()
            if found is None:
                return None
            self._known[kind, slug] = found
        return self._known[kind, slug]

    def get(self, kind: str, slug: str) -> Any:
        """The object. Raises Dependent."""
        found = self.find(kind, slug)
        if found is None:
            raise Dependent(f"{kind} {slug}")
        return found

    def put(self, kind: str, slug: str, made: models.Model) -> None:
        """Remember what was just made."""
        self._known[kind, slug] = made

    def offer(self, product: str, merchant: str) -> Offer | None:
        """The product's offer at a merchant; the first by country where there are several."""
        found: Offer | None = (
            Offer.objects.filter(product=self.get("product", product), merchant=self.get("merchant", merchant))
            .order_by("country", "pk")
            .first()
        )
        return found

    def criterion(self, methodology: Methodology, slug: str) -> Criterion | None:
        """A criterion of a methodology."""
        return methodology.criteria.filter(slug=slug).first()


def unknown(parsed: Parsed) -> Iterator[Problem]:
    """A problem for each mention of an object that is neither in the files nor in the database.

    Slugs that may stand in a part of the files that could not be read are passed over: one error is enough.
    """
    in_files: dict[str, set[str]] = defaultdict(set)
    for entry in parsed.entries:
        in_files[entry.kind].add(entry.slug)
    wanted: dict[str, set[str]] = defaultdict(set)
    for named in parsed.mentions:
        wanted[named.mention.kind].add(named.mention.slug)
    stored = {kind: _stored(kind) if slugs - in_files[kind] else set() for kind, slugs in wanted.items()}
    for named in dict.fromkeys(parsed.mentions):
        kind, slug = named.mention.kind, named.mention.slug
        known = in_files[kind] | stored[kind]
        if slug not in known and not parsed.doubtful & {(kind, slug), (ANY, slug)}:
            sentence = (
                f"Unknown {kind} “{slug}”: it stands neither in these files nor on the site.{nearest(slug, known)}"
            )
            yield Problem(named.file, named.mention.line, sentence)


def _stored(kind: str) -> set[str]:
    return set(MODELS[kind]._base_manager.values_list("slug", flat=True))
