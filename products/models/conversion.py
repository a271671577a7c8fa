"""What links earned, as the networks report it: one row a transaction, nothing about who bought."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.models.commerce import Offer, currency_code
from products.models.programme import AffiliateProgramme


class ConversionStatus(models.TextChoices):
    """What a network says of it; only what was reversed earns nothing."""

    PENDING = "pending", _("pending")
    APPROVED = "approved", _("approved")
    REVERSED = "reversed", _("reversed")


class Conversion(models.Model):
    """A purchase that a network reported, with the place of our link that led to it. Amounts are in currency."""

    programme = models.ForeignKey(AffiliateProgramme, on_delete=models.PROTECT, related_name="conversions")
    reference = models.CharField(_("the network's number"), max_length=120)
    happened_on = models.DateField(_("day"))
    offer = models.ForeignKey(Offer, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversions")
    page = models.CharField(_("page"), max_length=120)
    slot = models.CharField(_("slot"), max_length=40)
    amount = models.DecimalField(_("sale"), max_digits=11, decimal_places=2, null=True, blank=True)
    commission = models.DecimalField(_("commission"), max_digits=11, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, validators=(currency_code,))
    status = models.CharField(_("status"), max_length=8, choices=ConversionStatus, default=ConversionStatus.PENDING)
    imported_at = models.DateTimeField(_("read at"), auto_now=True)

    class Meta:
        ordering = ("-happened_on", "-pk")
        verbose_name = _("conversion")
        indexes = (models.Index(fields=("happened_on",), name="products_conversion_day"),)
        constraints = (
            models.UniqueConstraint(name="products_conversion_once", fields=("programme", "reference")),
            models.CheckConstraint(
                name="products_conversion_commission",
                condition=Q(commission__gte=0),
                violation_error_message=_("A commission can't be negative: a reversed one has that status."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme} {self.reference}"
