"""What shops send us: feeds, their runs with a report a row, and the items that wait for somebody to match them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.models.catalogue import Product
from products.models.commerce import currency_code, validate_outbound
from products.models.programme import AffiliateProgramme, Merchant

# What of a feed we read: our name, what it is for the person who maps it, whether it must be there.
FIELDS: tuple[tuple[str, Any, bool], ...] = (
    ("id", _("the shop's own number"), True),
    ("title", _("name"), True),
    ("link", _("address"), True),
    ("price", _("price"), True),
    ("sale_price", _("reduced price"), False),
    ("currency", _("currency"), False),
    ("shipping", _("delivery"), False),
    ("gtin", _("GTIN"), False),
    ("availability", _("in stock"), False),
    ("category", _("category"), False),
    ("brand", _("brand"), False),
)


class FeedStorage(FileSystemStorage):
    """Beside the site's own data, never under an address that readers can ask for."""

    @property
    def location(self) -> str:  # Django keeps the first answer for ever
        """The folder, as the settings have it now."""
        return str(Path(settings.VAR_DIR) / "feeds")

    def url(self, name: str | None) -> str:
        """None: a ValueError."""
        raise ValueError("A shop's feed has no URL.")


def feed_storage() -> FileSystemStorage:
    """Where files of runs are kept."""
    return FeedStorage()


class FeedFormat(models.TextChoices):
    """How a feed is written."""

    CSV = "csv", _("CSV, separated by commas or semicolons")
    TSV = "tsv", _("TSV, as Google Merchant takes it")
    XML = "xml", _("RSS 2.0 or Atom, as Google Merchant takes it")
    JSON = "json", _("JSON: a list of objects, or one object a line")


class Feed(models.Model):
    """A shop's list of what it sells, and how we read it. mapping gives our fields their columns."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="feeds")
    programme = models.ForeignKey(
        AffiliateProgramme, null=True, blank=True, on_delete=models.SET_NULL, related_name="feeds"
    )
    format = models.CharField(_("format"), max_length=4, choices=FeedFormat, default=FeedFormat.CSV)
    encoding = models.CharField(
        _("encoding"),
        max_length=12,
        choices=(("utf-8", "UTF-8"), ("cp1252", "Windows-1252"), ("iso-8859-15", "ISO-8859-15")),
        default="utf-8",
        help_text=_("A mark at the beginning of the file (BOM) wins."),
    )
    url = models.CharField(_("address"), max_length=2000, blank=True, validators=(validate_outbound,))
    every_hours = models.PositiveSmallIntegerField(
        _("read every, hours"), default=0, help_text=_("0: only when somebody asks for it.")
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, validators=(currency_code,), help_text=_("Where prices name none.")
    )
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    categories = models.TextField(
        _("only these categories"),
        blank=True,
        help_text=_("A word or words a line; a row whose category holds none of them is left out. Empty: all rows."),
    )
    creates_offers = models.BooleanField(_("makes new offers"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("feed")
        constraints = (
            models.CheckConstraint(
                name="products_feed_timed_needs_address",
                condition=Q(every_hours=0) | ~Q(url=""),
                violation_error_message=_("A feed that is read by itself needs its address."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The programme is the shop's."""
        if self.programme is not None and self.programme.merchant_id != self.merchant_id:
            raise ValidationError({"programme": _("This programme belongs to another merchant.")})

    def wanted_categories(self) -> tuple[str, ...]:
        """The words of the filter, in small letters."""
        return tuple(line.strip().casefold() for line in self.categories.splitlines() if line.strip())


class RunState(models.TextChoices):
    """Where a run is. A run that was cut off goes on where it stopped."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("finished")
    BROKEN = "broken", _("broke off")


class FeedRun(models.Model):
    """One reading of a feed. position counts the rows that are done; the other numbers add up to it."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="runs")
    file = models.FileField(_("file"), storage=feed_storage, max_length=200, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    is_trial = models.BooleanField(_("dry run"), default=False)
    state = models.CharField(_("state"), max_length=7, choices=RunState, default=RunState.WAITING)
    trouble = models.CharField(_("what stopped it"), max_length=300, blank=True)
    as_of = models.DateTimeField(_("prices read at"))
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    position = models.PositiveIntegerField(_("rows"), default=0)
    filtered = models.PositiveIntegerField(_("other categories"), default=0)
    waiting = models.PositiveIntegerField(_("not matched"), default=0)
    ignored = models.PositiveIntegerField(_("ignored"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    unchanged = models.PositiveIntegerField(_("had this price already"), default=0)
    updated = models.PositiveIntegerField(_("prices added"), default=0)
    created = models.PositiveIntegerField(_("offers made"), default=0)

    class Meta:
        ordering = ("-started_at",)
        verbose_name = _("feed run")

    def __str__(self) -> str:
        return f"{self.feed}, {self.started_at:%Y-%m-%d %H:%M}"


class FeedRejection(models.Model):
    """A row that was not taken, and why; nothing of it was stored."""

    run = models.ForeignKey(FeedRun, on_delete=models.CASCADE, related_name="rejections")
    row = models.PositiveIntegerField(_("row"))
    field = models.CharField(_("column"), max_length=20, blank=True)
    reason = models.CharField(_("why"), max_length=300)
    excerpt = models.CharField(_("what it said"), max_length=120, blank=True)

    class Meta:
        ordering = ("row", "pk")
        verbose_name = _("rejected row")

    def __str__(self) -> str:
        return f"{self.row}: {self.reason}"


class MatchState(models.TextChoices):
    """What somebody decided about an item."""

    WAITING = "waiting", _("waits for a match")
    MATCHED = "matched", _("is this product")
    IGNORED = "ignored", _("none of ours")


class FeedItem(models.Model):
    """A shop's item that no GTIN matched: what it is called, what we guess, and what somebody decided for good."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="items")
    item_id = models.CharField(_("the shop's own number"), max_length=120)
    title = models.CharField(_("name"), max_length=300)
    brand = models.CharField(_("brand"), max_length=120, blank=True)
    link = models.CharField(_("address"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=7, choices=MatchState, default=MatchState.WAITING)
    guess = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("our guess")
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="feed_items", verbose_name=_("product")
    )
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        ordering = ("state", "title")
        verbose_name = _("feed item")
        constraints = (
            models.UniqueConstraint(name="products_feeditem_once", fields=("feed", "item_id")),
            models.CheckConstraint(
                name="products_feeditem_matched_has_product",
                condition=~Q(state=MatchState.MATCHED) | Q(product__isnull=False),
                violation_error_message=_("Say which product it is."),
            ),
        )

    def __str__(self) -> str:
        return self.title
