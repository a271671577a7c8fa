"""Holding the database against the ledger: what stands in one and not in the other, and putting it on record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.db import connection, connections, transaction
from django.db.models import Q
from django.db.models.signals import post_migrate, post_save
from django.dispatch import receiver

from crampinfo.editorial import ledger, publications
from crampinfo.editorial.models import LedgerEntry, Publishable, State
from crampinfo.editorial.signals import rows_changed
from crampinfo.lib import shown
from crampinfo.site.pagecache import news
from products import onrecord as products_onrecord
from products.models import Offer, Placement, Product
from reviews import onrecord as reviews_onrecord
from reviews.models import Methodology, Ranking, Review

OPENING = "Found when the ledger was opened."


@transaction.atomic
def note_everything() -> list[LedgerEntry]:
    """Put on record whatever is public and not on record as it stands. Returns the new entries; usually none."""
    before = ledger.head()
    if before is not None:
        ledger.note_settings()
    for key in Methodology.objects.filter(current_version__isnull=False).order_by("pk").values_list("pk", flat=True):
        reviews_onrecord.note_methodology(key)
    for key in _on_record("product"):
        products_onrecord.note_product(key)
        products_onrecord.note_offers(Offer.objects.filter(product=key).values_list("pk", flat=True))
    for placement in Placement.objects.filter(approved_at__isnull=False).order_by("pk"):
        products_onrecord.note_placement(placement)
    for review in Review.objects.filter(_public(Review)).order_by("pk"):
        reviews_onrecord.note_review(review)
    for ranking in Ranking.objects.filter(_public(Ranking)).order_by("pk"):
        reviews_onrecord.note_ranking(ranking)
    for model in _texts():
        for instance in model._base_manager.filter(_public(model)).order_by("pk"):
            publications.note(instance, title=str(instance))
    return list(LedgerEntry.objects.filter(number__gt=before.number if before is not None else 0).order_by("number"))


def _public(model: type[Any]) -> Q:
    """What is published, or was: a row that was withdrawn behind the ledger's back is news too."""
    return Q(state=State.PUBLISHED) | Q(first_published_at__isnull=False)


def _on_record(noun: str) -> Iterable[int]:
    subjects = LedgerEntry.objects.filter(kind=noun).order_by().values_list("subject", flat=True).distinct()
    return sorted(int(subject.partition(":")[2]) for subject in subjects)


def _texts() -> Iterable[type[Any]]:
    """Every model of things that are published, besides those that lists are made of."""
    published = (model for model in apps.get_models() if issubclass(model, Publishable))
    return [model for model in published if model.ledger_kind == "publication"]


@receiver(post_migrate, dispatch_uid="site.ledger")
def open_or_note_settings(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """After a migrate: settings that changed are noted, and a ledger that came after the content begins with it."""
    if sender.label != "site" or using != "default" or not _complete(using):
        return
    if LedgerEntry.objects.exists():
        ledger.note_settings()
    elif any(model.objects.filter(state=State.PUBLISHED).exists() for model in (Review, Ranking)):
        with ledger.because(OPENING):
            note_everything()


@receiver((post_save, rows_changed), sender=LedgerEntry, dispatch_uid="site.ledger_pages")
def tell_pages(raw: bool = False, **kwargs: Any) -> None:
    """Pages that are made from the ledger depend on all of it: they are told once a transaction, when it commits."""
    if not raw and not any(waiting[1] is _tell for waiting in connection.run_on_commit):
        transaction.on_commit(_tell)


def _tell() -> None:
    news.publish({shown.table(LedgerEntry._meta.db_table)})


def _complete(using: str) -> bool:
    """Whether every table is there; a migrate may stop half-way."""
    tables = set(connections[using].introspection.table_names())
    needed: list[type[Any]] = [LedgerEntry, Product, Placement, Offer, Methodology, *_texts(), Review, Ranking]
    return tables >= {model._meta.db_table for model in needed}
