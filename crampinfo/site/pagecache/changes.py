"""Which pages a change concerns: from a row that was saved or deleted to the tags of the pages that show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from articles.models import Article, Question
from crampinfo.lib import shown
from products.models import Offer, Product
from reviews.models import Ranking, RankingEntry, RankingRejection, Review

from crampinfo.site.pagecache import news, spare  # isort: skip  (the rooms below come first)

OURS = frozenset({"editorial", "products", "reviews", "articles"})
# Saved all the time, shown on no public page.
SILENT = frozenset(
    {
        *("products.clickcount", "products.clickbatch", "products.clicktotal", "products.conversion"),
        *("products.linkcheck", "products.feed", "products.feedrun", "products.feedrejection", "products.feeditem"),
        *("products.doubtfulclick", "editorial.acknowledgement", "editorial.autosave", "editorial.ledgerentry"),
        *("editorial.revision", "editorial.workingcopy", "editorial.expertreading", "editorial.fieldnote"),
        *("editorial.handover", "editorial.internallink"),
    }
)
# Few, and on pages of every kind: a change of one renders everything again. So does one of a model named nowhere.
ANYWHERE = frozenset(
    {
        *("editorial.disclosure", "editorial.authorisedclaim", "editorial.topic", "products.compound"),
        *("reviews.criterion", "reviews.methodologyversion", "reviews.weight"),
    }
)
# A row whose page is another's: the column that leads there, and to what. Own rows, without an entry's columns, stand
# on pages that load them.
OWNERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "articles.article": (("translation_of_id", "articles.article"),),
    "articles.question": (("translation_of_id", "articles.question"),),
    "articles.page": (),
    "articles.faqentry": (("article_id", "articles.article"),),
    "articles.pagestep": (("page_id", "articles.page"),),
    "articles.comment": (),
    "editorial.author": (),
    "editorial.credential": (("author_id", "editorial.author"),),
    "editorial.citation": (),
    "editorial.medicalreview": (),
    "editorial.evidence": (),
    "editorial.reference": (),
    "editorial.referenceoutcome": (("reference_id", "editorial.reference"),),
    "editorial.picture": (),
    "products.brand": (),
    "products.merchant": (),
    "products.affiliateprogramme": (),
    "products.product": (),
    "products.certification": (("product_id", "products.product"),),
    "products.ingredient": (("product_id", "products.product"),),
    "products.offer": (("product_id", "products.product"),),
    "products.price": (("offer_id", "products.offer"),),
    "products.slot": (),
    "products.placement": (
        ("slot_id", "products.slot"),
        ("product_id", "products.product"),
        ("offer_id", "products.offer"),
    ),
    "products.conflictdeclaration": (("brand_id", "products.brand"),),
    "reviews.methodology": (),
    "reviews.review": (("product_id", "products.product"),),
    "reviews.score": (("review_id", "reviews.review"),),
    "reviews.testrecord": (("review_id", "reviews.review"),),
    "reviews.badge": (("review_id", "reviews.review"),),
    "reviews.ranking": (),
    "reviews.rankingentry": (("ranking_id", "reviews.ranking"), ("product_id", "products.product")),
    "reviews.rankingrejection": (("ranking_id", "reviews.ranking"),),
}
# What a page prints of other texts and reviews near its own, without loading them (articles.related).
_BESIDE: Mapping[str, tuple[str, ...]] = {
    "articles.article": ("slug", "title", "summary", "topic_id", "language", "state", "publish_at", "retire_at"),
    "articles.question": ("slug", "title", "summary", "topic_id", "language", "state", "publish_at", "retire_at"),
    "reviews.review": ("verdict", "language", "state", "publish_at", "retire_at", "product_id"),
    "products.product": ("slug", "name"),
}
_MARK = "_seen_beside_others"


class Changes:
    """The changes of one transaction, told when it commits. Found again among its hooks, so that a savepoint that is
    rolled back takes those it made along."""

    def __init__(self) -> None:
        self.rows: dict[str, set[int]] = defaultdict(set)
        self.beside: dict[str, set[int]] = defaultdict(set)
        self.tags: set[str] = set()

    def __call__(self) -> None:
        """Work out what is concerned, and tell it."""
        if sum(map(len, self.rows.values())) > news.MAX_TAGS:
            self.tags.add(news.EVERYTHING)
        if news.EVERYTHING not in self.tags:
            self.tags |= concerned(self.rows, self.beside)
        if self.rows["products.product"]:
            spare.forget(_addresses(self.rows["products.product"]))
        news.publish(self.tags)

    def add(self, instance: models.Model, *, beside: bool) -> None:
        """Note a row, without a question to the database; beside says that pages of others may print it anew."""
        label = instance._meta.label_lower
        if label not in OWNERS:
            self.tags.add(news.EVERYTHING)
            return
        self.tags.add(f"table:{instance._meta.db_table}")
        for owner, key in _owners(instance):
            self.rows[owner].add(key)
        if beside and label in _BESIDE:
            self.beside[label].add(int(instance.pk))


def note(instance: models.Model, *, beside: bool = True) -> None:
    """This row has changed: its pages are rendered again as soon as the transaction has committed."""
    if instance._meta.app_label not in OURS or instance._meta.label_lower in SILENT or instance.pk is None:
        return
    if instance.__module__ == "__fake__":
        return  # a migration's model: it runs before the log's table exists, and before any page
    connection = transaction.get_connection()
    found = next((hook for _, hook, *_ in connection.run_on_commit if isinstance(hook, Changes)), None)
    changes = found or Changes()
    changes.add(instance, beside=beside)
    if found is None or not connection.in_atomic_block:
        transaction.on_commit(changes)


def remember(instance: models.Model) -> None:
    """Before a row is saved: does it change in what pages of others print of it."""
    label = instance._meta.label_lower
    names = _BESIDE.get(label)
    if names is None or instance.pk is None:
        return
    stored = type(instance)._base_manager.filter(pk=instance.pk).values(*names).first()
    instance.__dict__[_MARK] = stored is None or any(stored[name] != getattr(instance, name) for name in names)


def is_changed_beside(instance: models.Model) -> bool:
    """What remember found; a row it was not asked about counts as changed."""
    return bool(instance.__dict__.pop(_MARK, True))


def _owners(instance: models.Model) -> list[tuple[str, int]]:
    """The row itself and those whose pages it stands on."""
    label = instance._meta.label_lower
    found = [(label, instance.pk)]
    found += [(owner, getattr(instance, column)) for column, owner in OWNERS[label]]
    generic = getattr(instance, "content_type", None)
    if generic is not None and generic.model_class() is not None:
        found.append((generic.model_class()._meta.label_lower, instance.object_id))  # type: ignore[attr-defined]
    return [(owner, int(key)) for owner, key in found if key is not None]


def concerned(rows: Mapping[str, Iterable[int]], beside: Mapping[str, Iterable[int]]) -> set[str]:
    """The tags of pages that show these rows, or something that rests on them: a handful of small queries."""
    found = {label: set(keys) for label, keys in rows.items()}
    products = found.setdefault("products.product", set())
    products |= _keys(Offer, "product_id", pk__in=found.get("products.offer"))
    products |= _keys(Review, "product_id", pk__in=found.get("reviews.review"))
    # Another offer of the product may take over, or give back, the links of one that a text names.
    found.setdefault("products.offer", set()).update(_keys(Offer, "pk", product__in=products))
    rankings = found.setdefault("reviews.ranking", set())
    for listing in (RankingEntry, RankingRejection):
        rankings |= _keys(listing, "ranking_id", product__in=products)
    rankings |= _keys(Ranking, "pk", slots__in=found.get("products.slot"))
    found.setdefault("reviews.review", set()).update(_keys(Review, "pk", alternatives__in=products))
    tags = {shown.row(label, key) for label, keys in found.items() for key in keys}
    return tags | {shown.row("near", topic) for topic in _near(beside)}


def _keys(model: type[models.Model], column: str, **condition: Any) -> set[int]:
    """The values of a column where the condition's list is not empty."""
    if not any(condition.values()):
        return set()
    return set(model._default_manager.filter(**condition).order_by().values_list(column, flat=True))


def _near(beside: Mapping[str, Iterable[int]]) -> set[int]:
    """The main topics of the texts that may name these texts, reviews or products as related."""
    topics: set[int] = set()
    products = set(beside.get("products.product", ()))
    products |= _keys(Review, "product_id", pk__in=beside.get("reviews.review"))
    for model in (Article, Question):
        mine = beside.get(model._meta.label_lower)
        topics |= _keys(model, "topic_id", pk__in=mine) | _keys(model, "topics", pk__in=mine)
        products |= _keys(model, "products", pk__in=mine)
    topics |= _keys(Product, "topics", pk__in=products)
    topics.discard(None)  # a text without further topics
    products.discard(None)
    for model in (Article, Question):
        shares = Q(topics__in=topics) | Q(products__in=products)
        topics |= set(model.objects.filter(shares).order_by().values_list("topic_id", flat=True).distinct())
    return topics


def _addresses(products: Iterable[int]) -> list[str]:
    """The pages on which a product is sold."""
    reviews = [
        review.get_absolute_url() for review in Review.objects.filter(product__in=products).select_related("product")
    ]
    lists = Ranking.objects.filter(entries__product__in=products).distinct()
    return [*reviews, *(ranking.get_absolute_url() for ranking in lists)]
