"""If this merchant ends: what is at risk, what takes over, one confirmation; and pausing a programme."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from crampinfo.site.affiliates import pages, whereabouts
from products import endings
from products.admin.programmes import AffiliateProgrammeAdmin
from products.endings import Ending
from products.models import AffiliateProgramme, Merchant


class ReasonForm(forms.Form):
    """Why it ends, once."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        help_text=gettext_lazy("Kept in the public ledger, and printed with bookings that end early by this."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


@pages.page(pages.KEEPS_TERMS)
@require_http_methods(["GET", "POST"])
def merchant(request: HttpRequest, key: int) -> HttpResponse:
    """If this merchant ends."""
    shop = get_object_or_404(Merchant, pk=key)
    return _ending(request, shop, reverse("admin:products_merchant_change", args=[key]))


@pages.page(pages.KEEPS_TERMS)
@require_http_methods(["GET", "POST"])
def programme(request: HttpRequest, key: int) -> HttpResponse:
    """If this programme ends, or is paused."""
    terms = get_object_or_404(AffiliateProgramme.objects.select_related("merchant"), pk=key)
    return _ending(request, terms, reverse("admin:products_affiliateprogramme_change", args=[key]))


@pages.page(pages.KEEPS_TERMS)
@require_POST
def pause(request: HttpRequest, key: int) -> HttpResponse:
    """Take its links from every page at once, or put them back; says where a product is left without an offer."""
    terms = get_object_or_404(AffiliateProgramme.objects.select_related("merchant"), pk=key)
    if terms.is_paused:
        endings.resume(terms)
        messages.success(request, _("%(programme)s runs again: its links are back.") % {"programme": terms})
    else:
        found = endings.pause(terms)
        messages.success(request, _("%(programme)s is paused: its links are gone.") % {"programme": terms})
        say_what_is_left(request, found)
    return HttpResponseRedirect(reverse("desk-programme-ending", args=[key]))


def say_what_is_left(request: HttpRequest, found: Ending) -> None:
    """Which products have no offer left, and on which pages; nothing where all have one."""
    if not found.without:
        return
    where = whereabouts.of_offers([loss.offer for loss in found.without])
    titles = sorted({f"{place.kind} “{place.title}”" for places in where.values() for place in places})
    words = ngettext(
        "%(count)s product is left without an offer: %(names)s. Pages: %(pages)s.",
        "%(count)s products are left without an offer: %(names)s. Pages: %(pages)s.",
        len(found.without),
    )
    names = ", ".join(loss.offer.product.name for loss in found.without)
    said = {"count": len(found.without), "names": names, "pages": ", ".join(titles) or _("none")}
    messages.warning(request, words % said)


AffiliateProgrammeAdmin.told_above.append(say_what_is_left)


def _ending(request: HttpRequest, subject: Merchant | AffiliateProgramme, back: str) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = endings.end(subject, form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _done(subject, done))
            return HttpResponseRedirect(request.path)
    found = endings.of(subject)
    where = whereabouts.of_offers([loss.offer for loss in found.losses])
    rows = [(loss, where[loss.offer.pk]) for loss in found.losses]
    context = {
        "subject": subject,
        "is_programme": isinstance(subject, AffiliateProgramme),
        "back": back,
        "ending": found,
        "rows": rows,
        "pages": len({place.address for _loss, places in rows for place in places}),
        "days": endings.DAYS,
        "form": form,
    }
    return pages.render(request, "ending.html", _("If %(name)s ends") % {"name": subject}, context)


def _done(subject: object, done: Ending) -> str:
    return _("%(name)s has ended: %(offers)s offers closed, %(bookings)s bookings led on or ended.") % {
        "name": subject,
        "offers": len(done.losses),
        "bookings": len(done.placements),
    }
