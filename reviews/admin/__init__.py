"""The admin of judgement."""

from django.db.models import Exists, OuterRef

from products.admin.catalogue import ProductAdmin
from reviews.admin import methodology, ranking, review, scores, seen
from reviews.models import Review

__all__ = ["methodology", "ranking", "review", "scores", "seen"]

ProductAdmin.known_above["has_review"] = Exists(Review.objects.filter(product=OuterRef("pk")))
