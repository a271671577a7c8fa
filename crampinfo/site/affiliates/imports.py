"""Files that come in: conversions of a network, and the links of ThirstyAffiliates and Pretty Links."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crampinfo.site.affiliates import pages
from products import conversions, oldlinks
from products.feeds.reading import FeedError
from products.models import AffiliateProgramme

MAKES_REDIRECTS = "redirects.add_redirect"
_LARGEST = 20 * 1024 * 1024


class FileForm(forms.Form):
    """A file, and whether it is only looked at."""

    file = forms.FileField(label=gettext_lazy("File"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,.gz"}))

    def clean_file(self) -> Any:
        """Of a size that a page can answer for."""
        file = self.cleaned_data["file"]
        if file.size > _LARGEST:
            raise forms.ValidationError(_("The file is larger than 20 MB: split it."))
        return file


class ConversionsForm(FileForm):
    """Whose conversions they are."""

    programme = forms.ModelChoiceField(
        AffiliateProgramme.objects.select_related("merchant"), label=gettext_lazy("Programme")
    )
    currency = forms.RegexField(
        r"^[A-Z]{3}$",
        label=gettext_lazy("Currency"),
        required=False,
        max_length=3,
        help_text=gettext_lazy("Where the file names none: three capital letters, such as EUR."),
    )
    field_order = ("programme", "currency", "file")


class LinksForm(FileForm):
    """In which folder the old addresses were."""

    folder = forms.ChoiceField(
        label=gettext_lazy("Old links were at"),
        choices=[(one, f"/{one}/…" if one else "/…") for one in oldlinks.PREFIXES],
        required=False,
        help_text=gettext_lazy("Used where the file holds names alone and no whole addresses."),
    )
    field_order = ("folder", "file")


@pages.page(pages.KEEPS_TERMS)
@require_http_methods(["GET", "POST"])
def conversion_file(request: HttpRequest) -> HttpResponse:
    """Import a network's file, or look first what it would do."""
    form = ConversionsForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "trial": "trial" in request.POST}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        report = conversions.read(data["file"], data["programme"], data["currency"], trial=context["trial"])
        if report.trouble:
            form.add_error("file", report.trouble)
        else:
            context["report"] = report
            context["counts"] = sorted(report.counts.items())
            context["rejections"] = report.rejections[:500]
            if not context["trial"]:
                messages.success(request, _("The file is read."))
    return pages.render(request, "conversions.html", _("Import conversions"), context)


@pages.page(pages.KEEPS_TERMS)
@require_http_methods(["GET", "POST"])
def old_links(request: HttpRequest) -> HttpResponse:
    """Import an export of links, or look first what it would do; ?format=csv hands out those that are kept."""
    if request.GET.get("format") == "csv":
        return pages.table("old-links", oldlinks.COLUMNS, oldlinks.kept())
    form = LinksForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "trial": "trial" in request.POST}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            outcomes = oldlinks.read(data["file"], data["folder"], trial=context["trial"])
        except FeedError as error:
            form.add_error("file", str(error))
        else:
            context["led"] = [one for one in outcomes if one.offer is not None]
            context["refused"] = [one for one in outcomes if one.offer is None]
            context["done"] = True
            if not context["trial"]:
                messages.success(request, _("The old addresses lead on."))
    return pages.render(request, "old_links.html", _("Import links of WordPress plugins"), context)
