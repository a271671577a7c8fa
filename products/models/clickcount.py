"""Clicks as numbers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from products.models.commerce import Offer


class ClickCount(models.Model):
    """How often one offer was followed from one page and slot on one day. Nothing about who did."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="clicks")
    page = models.CharField(_("page"), max_length=120)
    slot = models.CharField(_("slot"), max_length=40)
    day = models.DateField(_("day"))
    count = models.PositiveIntegerField(_("clicks"), default=0)

    class Meta:
        ordering = ("-day",)
        verbose_name = _("click count")
        # The newest days are summed row by row, older ones from ClickTotal.
        indexes = (
            models.Index(fields=("day",), name="products_clickcount_day"),
            models.Index(fields=("page", "day"), name="products_clickcount_page"),
        )
        constraints = (
            models.UniqueConstraint(name="products_clickcount_once", fields=("offer", "page", "slot", "day")),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.page} {self.slot}: {self.count}"


class Dimension(models.TextChoices):
    """What clicks are summed by; ALL is the sum of a day, and says that the day is summed."""

    ALL = "all", _("everything")
    OFFER = "offer", _("offer")
    PAGE = "page", _("page")
    SLOT = "slot", _("slot")


class ClickTotal(models.Model):
    """The clicks of a finished day by one dimension, so that reports read no history row by row (products.totals)."""

    day = models.DateField(_("day"))
    dimension = models.CharField(_("by"), max_length=5, choices=Dimension)
    key = models.CharField(_("which"), max_length=120, blank=True)
    count = models.PositiveBigIntegerField(_("clicks"))

    class Meta:
        ordering = ("-day",)
        verbose_name = _("click total")
        constraints = (models.UniqueConstraint(name="products_clicktotal_once", fields=("dimension", "day", "key")),)

    def __str__(self) -> str:
        return f"{self.day} {self.dimension} {self.key}: {self.count}"


class ClickBatch(models.Model):
    """The name of a batch of counters that was carried from Redis; no batch is added twice."""

    name = models.CharField(max_length=32, primary_key=True)
    carried_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("batch of clicks")
        verbose_name_plural = _("batches of clicks")

    def __str__(self) -> str:
        return self.name


class DoubtfulClick(models.Model):
    """A click that Redis was sent and did not answer for: whether it was counted there only Redis knows.

    name is the random name it was sent under. offer is a number, not a key: the offer may be gone when it is settled.
    """

    name = models.CharField(max_length=32, primary_key=True)
    offer = models.BigIntegerField()
    page = models.CharField(max_length=120)
    slot = models.CharField(max_length=40)
    day = models.DateField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("doubtful click")
        verbose_name_plural = _("doubtful clicks")

    def __str__(self) -> str:
        return self.name
