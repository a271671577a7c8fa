"""What is sold where, and for how much: offers and their prices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models import AppendOnly, Followed, FollowedQuerySet
from crampinfo.lib import urls
from products import pricing, terms
from products.models.catalogue import Product
from products.models.programme import AffiliateProgramme, Merchant

PRICE_COLUMNS = ("amount", "currency", "shipping", "source", "as_of", "max_age_hours")

currency_code = RegexValidator(r"^[A-Z]{3}\Z", _("A currency is three capital letters, such as EUR."))


def validate_outbound(value: str) -> None:
    """Only addresses a reader may safely be sent to (crampinfo.lib.urls)."""
    problem = urls.problem_with(value)
    if problem:
        raise ValidationError(problem)


def programme_allows_links(prefix: str = "") -> Q:
    """That a programme lets its links stand (AffiliateProgramme.allows_links); prefix leads to the offer."""
    running = Q(**{f"{prefix}programme__is_paused": False}) & (
        Q(**{f"{prefix}programme__ends_at__isnull": True}) | Q(**{f"{prefix}programme__ends_at__gt": Now()})
    )
    return Q(**{f"{prefix}programme__isnull": True}) | Q(**{f"{prefix}programme__keeps_plain_links": True}) | running


class OfferQuerySet(FollowedQuerySet):
    """Querysets of offers."""

    def active(self) -> OfferQuerySet:
        """Offers that may be linked now: not paused, held or ended, programme not stopped, product not recalled."""
        return self.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=Now()),
            programme_allows_links(),
            is_paused=False,
            held_at__isnull=True,
            product__recalled_on__isnull=True,
        )

    def paying(self) -> OfferQuerySet:
        """Active offers whose programme runs: a purchase pays us (the same rule as Offer.is_paid)."""
        started = Q(programme__starts_at__isnull=True) | Q(programme__starts_at__lte=Now())
        running = Q(programme__ends_at__isnull=True) | Q(programme__ends_at__gt=Now())
        return self.active().filter(started, running, programme__isnull=False, programme__is_paused=False)

    def with_price(self) -> OfferQuerySet:
        """Annotate price_amount, price_currency and so on (PRICE_COLUMNS) with the newest price's values."""
        newest = Price.objects.filter(offer=OuterRef("pk")).order_by("-as_of", "-pk")
        columns = {f"price_{name}": Subquery(newest.values(name)[:1]) for name in PRICE_COLUMNS}
        found: OfferQuerySet = self.annotate(**columns)
        return found

    def for_pages(self) -> OfferQuerySet:
        """Everything a page needs of its offers, in one query."""
        return (
            self.active()
            .with_price()
            .select_related("product", "merchant", "programme")
            .order_by("price_amount", "merchant__name")
        )


class Offer(Followed):
    """One product at one merchant. Without a running programme it pays us nothing and is shown all the same."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="offers")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="offers")
    programme = models.ForeignKey(
        AffiliateProgramme, null=True, blank=True, on_delete=models.SET_NULL, related_name="offers"
    )
    url = models.CharField(_("address"), max_length=2000, validators=(validate_outbound,))
    country = models.CharField(_("country"), max_length=2, blank=True)
    currency = models.CharField(_("currency"), max_length=3, validators=(currency_code,))
    in_stock = models.BooleanField(_("in stock"), null=True, blank=True, help_text=_("Unknown when we can't tell."))
    ends_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    is_paused = models.BooleanField(_("paused"), default=False)
    held_at = models.DateTimeField(
        _("held back since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Its link does not work: it stands on no page until it does (see link health)."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = OfferQuerySet.as_manager()
    followed_fields = frozenset({"product", "merchant", "programme", "ends_at", "is_paused"})

    class Meta:
        ordering = ("product", "merchant")
        verbose_name = _("offer")
        constraints = (
            models.UniqueConstraint(
                name="products_offer_once",
                fields=("product", "merchant", "country"),
                violation_error_message=_("This merchant already has an offer for this product and country."),
            ),
            models.CheckConstraint(
                name="products_offer_http_only",
                condition=Q(url__istartswith="https://") | Q(url__istartswith="http://"),
                violation_error_message=_("The address must start with https:// or http://."),
            ),
            models.CheckConstraint(
                name="products_offer_currency",
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                violation_error_message=_("A currency is three capital letters, such as EUR."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.product} / {self.merchant}"

    def clean(self) -> None:
        """The address belongs to the merchant, the programme too, and carries only allowed parameters."""
        self._check_host()
        if self.programme is None:
            return
        if self.programme.merchant_id != self.merchant_id:
            raise ValidationError({"programme": _("This programme belongs to another merchant.")})
        refused = self.programme.refused_parameters(self.url)
        if refused:
            raise ValidationError(
                {
                    "url": _(
                        "The programme %(name)s does not allow %(parameters)s in a link: take it out of the address. "
                        "The partner code is added by itself."
                    )
                    % {"name": self.programme, "parameters": ", ".join(refused)}
                }
            )

    def _check_host(self) -> None:
        """The shop's own host, or that of its marketplace for this country."""
        if not self.merchant_id or not self.url or urls.belongs_to(urls.host_of(self.url), self.merchant.host):
            return
        hosts = self.merchant.hosts
        if not any(urls.belongs_to(urls.host_of(self.url), host) for host in hosts):
            raise ValidationError({"url": _("The address is not on %(host)s.") % {"host": ", ".join(hosts)}})
        place = terms.at(terms.marketplaces_of(self.programme.marketplaces), self.url) if self.programme else None
        if place is not None and self.country not in ("", place.country):
            raise ValidationError(
                {"country": _("%(host)s is the marketplace for %(country)s.")
                 % {"host": place.host, "country": place.country}}
            )  # fmt: skip

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Check the address on every path: readers are sent to it."""
        self.full_clean()
        super().save(*args, **kwargs)

    @property
    def is_paid(self) -> bool:
        """Whether a purchase through this offer pays us now."""
        return self.programme is not None and self.programme.pays(timezone.now())

    @property
    def is_open(self) -> bool:
        """Whether it may be linked now; the same rule as OfferQuerySet.active."""
        ended = self.ends_at is not None and self.ends_at <= timezone.now()
        stopped = self.programme is not None and not self.programme.allows_links(timezone.now())
        return not (self.is_paused or ended or stopped or self.held_at is not None or self.product.is_recalled)

    def is_price_fresh(self, now: datetime) -> bool:
        """Whether the annotated price may be shown (needs with_price)."""
        as_of: datetime | None = getattr(self, "price_as_of", None)
        if as_of is None or getattr(self, "price_max_age_hours", None) is None:
            return False
        return pricing.is_fresh(as_of, self._price_age(), now)

    @property
    def price_until(self) -> datetime:
        """The moment until which the annotated price may be shown (needs with_price, and a price)."""
        as_of: datetime = self.price_as_of  # type: ignore[attr-defined]
        return as_of + self._price_age()

    def _price_age(self) -> timedelta:
        """The greatest age of the annotated price: its own limit or the programme's, whichever is shorter."""
        hours: int = self.price_max_age_hours  # type: ignore[attr-defined]
        return timedelta(hours=min(hours, self.programme.max_price_age_hours) if self.programme is not None else hours)


class PriceSource(models.TextChoices):
    """Where a price came from."""

    SITE = "site", _("read on the shop's page")
    FEED = "feed", _("the shop's feed")
    API = "api", _("the programme's interface")
    MANUAL = "manual", _("typed by hand")


class Price(AppendOnly):
    """A price at one moment, append-only. Shown until as_of + max_age_hours, then it vanishes everywhere (AFF-02)."""

    append_only = "Prices are append-only: add a new price."

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="prices")
    amount = models.DecimalField(_("amount"), max_digits=9, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, validators=(currency_code,))
    shipping = models.DecimalField(
        _("delivery"),
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("What delivery of one pack costs, in the same currency. Empty where it is not known; 0 is free."),
    )
    source = models.CharField(_("source"), max_length=8, choices=PriceSource)
    as_of = models.DateTimeField(_("read at"))
    max_age_hours = models.PositiveIntegerField(_("may be shown for, hours"), default=72)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-as_of", "-pk")
        verbose_name = _("price")
        indexes = (models.Index(fields=("offer", "-as_of", "-id"), name="products_price_newest"),)
        constraints = (
            models.CheckConstraint(
                name="products_price_sane",
                condition=Q(amount__gt=0, amount__lte=100000),
                violation_error_message=_("A price is above 0 and at most 100,000."),
            ),
            models.CheckConstraint(
                name="products_price_has_currency",
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                violation_error_message=_("A price needs its currency: three capital letters, such as EUR."),
            ),
            models.CheckConstraint(
                name="products_price_shipping",
                condition=Q(shipping__isnull=True) | Q(shipping__gte=0, shipping__lte=10000),
                violation_error_message=_("Delivery costs between 0 and 10,000, or is left empty."),
            ),
            models.CheckConstraint(
                name="products_price_age",
                condition=Q(max_age_hours__gte=1, max_age_hours__lte=24 * 365),
                violation_error_message=_("A price may be shown for between one hour and a year."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def clean(self) -> None:
        """Same currency as the offer, not from the future, and by hand only where the programme allows it."""
        if self.offer_id and self.currency and self.currency != self.offer.currency:
            raise ValidationError({"currency": _("The offer is in %(currency)s.") % {"currency": self.offer.currency}})
        if self.as_of and self.as_of > timezone.now() + timedelta(minutes=5):
            raise ValidationError({"as_of": _("A price can't have been read in the future.")})
        programme = self.offer.programme if self.offer_id else None
        if (
            programme is not None
            and not programme.manual_prices
            and self.source not in (PriceSource.API, PriceSource.FEED)
        ):
            raise ValidationError(
                {"source": _("%(name)s allows only prices from its own interface or feed.") % {"name": programme}}
            )
