"""What the whole site does when something changed: index it for search (its pages: pagecache.listeners)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from modelsearch import index

from crampinfo.editorial.signals import content_changed
from products.models import Product
from reviews.models import Review


@receiver(content_changed, dispatch_uid="site.search")
def reindex(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """Index what can be found, drop what no longer can."""
    if isinstance(instance, Product):  # a review's title is its product's name
        instance = Review.objects.filter(product=instance.pk).first()
    if not isinstance(instance, index.Indexed):
        return
    if type(instance).get_indexed_objects().filter(pk=instance.pk).exists():
        index.insert_or_update_object(instance)
    else:
        index.remove_object(instance)


@receiver(post_save, sender=Product, dispatch_uid="site.product")
def reindex_review(instance: Product, raw: bool = False, **kwargs: Any) -> None:
    """A product is saved without its review being published."""
    if not raw:
        transaction.on_commit(lambda: reindex(type(instance), instance))
