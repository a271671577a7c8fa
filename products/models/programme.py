"""Who sells, and under which terms a shop pays us: merchants and their affiliate programmes."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crampinfo.lib import urls
from products import terms
from products.models.catalogue import Category

_PARAMETER = re.compile(r"[A-Za-z0-9_.~-]{1,60}")


class Merchant(models.Model):
    """A shop. host is its domain; links to it and its subdomains in bodies become offers or are refused."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(_("name"), max_length=80)
    host = models.CharField(
        _("host"),
        max_length=120,
        unique=True,
        validators=(
            RegexValidator(
                r"^(?!www\.)[a-z0-9.-]+\.[a-z0-9-]+\Z", _("A host such as shop.example, without https:// and www.")
            ),
        ),
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    is_demo = models.BooleanField(_("demo"), default=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("merchant")

    def __str__(self) -> str:
        return self.name

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host it sells on: its own, and its programmes' marketplaces."""
        places = (terms.marketplaces_of(value) for value in self.programmes.values_list("marketplaces", flat=True))
        return tuple(dict.fromkeys((self.host, *(one.host for found in places for one in found))))


def all_hosts() -> list[str]:
    """The hosts of every merchant, marketplaces included; two queries."""
    kept = AffiliateProgramme.objects.exclude(marketplaces=[]).values_list("marketplaces", flat=True)
    places = [one.host for value in kept for one in terms.marketplaces_of(value)]
    return [*Merchant.objects.values_list("host", flat=True), *places]


class LinkMode(models.TextChoices):
    """Direct: the page links to the shop itself (Amazon-type terms). Redirect: through /go/, counted."""

    DIRECT = "direct", _("direct link")
    REDIRECT = "redirect", _("redirect, counted")


class AffiliateProgramme(models.Model):
    """The terms under which a merchant pays us. commission_percent is for affiliate managers' eyes alone."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="programmes")
    name = models.CharField(_("name"), max_length=120)
    link_mode = models.CharField(_("links"), max_length=8, choices=LinkMode, default=LinkMode.REDIRECT)
    required_sentence = models.CharField(
        _("required sentence"),
        max_length=300,
        blank=True,
        help_text=_("Printed on every page with a link of this programme."),
    )
    partner_parameter = models.CharField(_("partner parameter"), max_length=40, blank=True, help_text=_("Such as tag."))
    partner_code = models.CharField(_("partner code"), max_length=80, blank=True)
    source_parameter = models.CharField(
        _("parameter for our place"),
        max_length=40,
        blank=True,
        help_text=_(
            "Such as subid: it tells the network which of our links was followed (offer, page and place), so that "
            "commissions can be matched. The same for every reader."
        ),
    )
    allowed_parameters = models.JSONField(
        _("allowed outbound parameters"),
        default=list,
        blank=True,
        help_text=_("Names of the only parameters a link may carry."),
    )
    marketplaces = models.JSONField(
        _("marketplaces"),
        default=list,
        blank=True,
        help_text=_("The shop's sites by country, each with the partner code that counts there."),
    )
    commissions = models.JSONField(
        _("commissions by category, %"),
        default=dict,
        blank=True,
        help_text=_("Where they differ from the one above."),
    )
    commission_percent = models.DecimalField(_("commission, %"), max_digits=5, decimal_places=2, null=True, blank=True)
    manual_prices = models.BooleanField(_("prices may be typed by hand"), default=True)
    max_price_age_hours = models.PositiveIntegerField(_("a price may be shown for, hours"), default=72)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_paused = models.BooleanField(_("paused"), default=False)
    keeps_plain_links = models.BooleanField(
        _("links stay, unpaid, when it stops"),
        default=False,
        help_text=_("Otherwise pausing or ending it takes all its links from every page at once."),
    )
    is_demo = models.BooleanField(_("demo"), default=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("affiliate programme")
        constraints = (
            models.CheckConstraint(
                name="products_programme_ends_after_start",
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The programme ends before it starts."),
            ),
            models.CheckConstraint(
                name="products_programme_code_has_name",
                condition=Q(partner_code="") | ~Q(partner_parameter=""),
                violation_error_message=_("A partner code needs the parameter that carries it."),
            ),
            models.CheckConstraint(
                name="products_programme_price_age",
                condition=Q(max_price_age_hours__gte=1, max_price_age_hours__lte=24 * 365),
                violation_error_message=_("Prices may be shown for between one hour and a year."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The allowed parameters are names, and the offers that stand already carry no other."""
        names = self.allowed_parameters
        if not isinstance(names, list) or not all(
            isinstance(name, str) and _PARAMETER.fullmatch(name) for name in names
        ):
            raise ValidationError({"allowed_parameters": _("Write names of parameters, such as tag and campaign.")})
        self._check_marketplaces()
        if self.source_parameter and not _PARAMETER.fullmatch(self.source_parameter):
            raise ValidationError({"source_parameter": _("Write the name of one parameter, such as subid.")})
        if self.source_parameter and self.source_parameter == self.partner_parameter:
            raise ValidationError({"source_parameter": _("The partner code has this parameter already.")})
        for address in self.offers.values_list("url", flat=True) if self.pk else ():
            if self.refused_parameters(address):
                raise ValidationError(
                    {"allowed_parameters": _("An offer needs more than these: %(address)s.") % {"address": address}}
                )

    def _check_marketplaces(self) -> None:
        """Hosts of their own, and a parameter for their codes."""
        try:
            found = terms.marketplaces_of(self.marketplaces)
            terms.read_marketplaces("\n".join(one.words() for one in found))
            terms.read_commissions(terms.commission_lines(self.commissions), Category.values)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if any(one.code for one in found) and not self.partner_parameter:
            raise ValidationError({"partner_parameter": _("The marketplaces' partner codes need it.")})
        others = Merchant.objects.exclude(pk=self.merchant_id) if found else Merchant.objects.none()
        for host in others.values_list("host", flat=True):
            if any(urls.belongs_to(one.host, host) or urls.belongs_to(host, one.host) for one in found):
                raise ValidationError({"marketplaces": _("%(host)s is another merchant's.") % {"host": host}})

    def code_at(self, address: str) -> str:
        """The partner code for an address: the marketplace's whose host it has, else the programme's own."""
        place = terms.at(terms.marketplaces_of(self.marketplaces), address) if self.marketplaces else None
        return place.code if place is not None else self.partner_code

    def commission_for(self, category: str) -> Decimal | None:
        """Per cent for products of a category; None where nobody wrote it down."""
        said = self.commissions.get(category)
        return Decimal(said) if said is not None else self.commission_percent

    def refused_parameters(self, address: str) -> list[str]:
        """What a stored address carries besides the allowed parameters; the partner code is never stored (PRIV-02)."""
        query = urlsplit(address).query
        ours = (self.partner_parameter, self.source_parameter)
        allowed = {name for name in self.allowed_parameters if name not in ours}
        return [name for name, _value in parse_qsl(query, keep_blank_values=True) if name not in allowed]

    def pays(self, now: datetime) -> bool:
        """Whether the programme is running: only then do its links pay us."""
        return (
            not self.is_paused
            and (self.starts_at is None or self.starts_at <= now)
            and (self.ends_at is None or self.ends_at > now)
        )

    def allows_links(self, now: datetime) -> bool:
        """Whether its offers may be linked: it has not been paused or ended, or keeps its links without pay."""
        stopped = self.is_paused or (self.ends_at is not None and self.ends_at <= now)
        return self.keeps_plain_links or not stopped
