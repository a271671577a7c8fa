"""What authors declare about brands."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models import Author
from products.models.catalogue import Brand


class ConflictDeclaration(models.Model):
    """What an author declares about a brand: one a review, at most 12 months old (rules.md US-DISC-12)."""

    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="conflicts")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="conflicts")
    declared_on = models.DateField(_("declared on"))
    has_conflict = models.BooleanField(_("has a conflict"))
    relationship = models.CharField(
        _("relationship"), max_length=120, blank=True, help_text=_("Employment, family, shares ...")
    )
    statement = models.CharField(
        _("statement"), max_length=400, blank=True, help_text=_("Printed on the review, word for word.")
    )
    is_demo = models.BooleanField(_("demo"), default=False)

    class Meta:
        ordering = ("-declared_on",)
        verbose_name = _("conflict declaration")
        constraints = (
            models.UniqueConstraint(
                name="products_conflict_once_a_day",
                fields=("author", "brand", "declared_on"),
                violation_error_message=_("This author already declared on this brand that day."),
            ),
            models.CheckConstraint(
                name="products_conflict_is_stated",
                condition=Q(has_conflict=False) | ~Q(statement=""),
                violation_error_message=_("A conflict needs the sentence readers will see."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.author} / {self.brand}: {self.statement or _('no conflict')}"
