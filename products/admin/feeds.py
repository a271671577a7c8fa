"""Feeds: mapped with the file's first rows in view, tried, read; their runs, and items that wait for a match."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crampinfo.editorial.admin import HouseAdmin, ReadOnly
from products import tasks
from products.feeds import rows, runs
from products.feeds.reading import FeedError
from products.models import Feed, FeedItem, FeedRun, MatchState, Product
from products.models.feed import FIELDS

_SHOWN = 200  # rejected rows on a run's page
_LARGEST = 512 * 1024 * 1024


class FeedFileForm(forms.Form):
    """The shop's file."""

    file = forms.FileField(label=gettext_lazy("File"))

    def clean_file(self) -> Any:
        """Of a size that a run takes."""
        file = self.cleaned_data["file"]
        if file.size > _LARGEST:
            raise ValidationError(_("The file is larger than 512 MB."))
        return file


class MappingForm(forms.Form):
    """A column for each of our fields, chosen from those the file has."""

    def __init__(self, columns: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words, required in FIELDS:
            self.fields[name] = forms.ChoiceField(
                label=capfirst(words),
                required=required,
                choices=[("", "–"), *((column, column) for column in columns)],
            )

    def mapping(self) -> dict[str, str]:
        """Our fields that have a column."""
        return {name: column for name, column in self.cleaned_data.items() if column}


@admin.register(Feed)
class FeedAdmin(HouseAdmin):
    """Shops' lists of what they sell."""

    change_form_template = "admin/products/feed_form.html"
    list_display = ("name", "merchant", "format", "every_hours", "country", "is_active")
    list_filter = ("merchant", "format", "is_active")
    search_fields = ("name", "merchant__name")
    related = ("merchant", "programme")
    autocomplete_fields = ("merchant", "programme")
    short_texts = ("categories",)
    hints = {
        "url": gettext_lazy("Where the shop keeps it. Empty for feeds that you upload yourself."),
        "currency": gettext_lazy("Three capital letters, for prices that name none."),
        "creates_offers": gettext_lazy("Otherwise only offers that exist already get its prices."),
    }
    fieldsets = (
        (None, {"fields": ("name", "merchant", "programme", "is_active")}),
        (gettext_lazy("File"), {"fields": (("format", "encoding"), ("url", "every_hours"))}),
        (gettext_lazy("What it holds"), {"fields": (("country", "currency"), "categories", "creates_offers")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A feed that is no longer read is made inactive; its runs stay on record."""
        return False

    def get_urls(self) -> list[Any]:
        """Pages more: a file, its columns."""
        extra = (("<int:key>/file/", self.file_view, "file"), ("<int:key>/file/<int:run>/", self.map_view, "map"))
        return [
            path(route, self.admin_site.admin_view(view), name=f"products_feed_{name}") for route, view, name in extra
        ] + super().get_urls()

    def file_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Choose a file, or have the shop's fetched."""
        feed = self._feed(request, key)
        form = FeedFileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and "fetch" in request.POST and feed.url:
            tasks.fetch_feed(feed.pk, False)
            messages.success(request, _("The worker fetches it; its run appears in the list in a moment."))
            return HttpResponseRedirect(self._runs(feed))
        if request.method == "POST" and form.is_valid():
            run = runs.begin(feed, form.cleaned_data["file"], trial=True)
            return HttpResponseRedirect(reverse("admin:products_feed_map", args=[key, run.pk]))
        return self._page(request, feed, "feed_file.html", _("Read %(feed)s") % {"feed": feed}, {"form": form})

    def map_view(self, request: HttpRequest, key: int, run: int) -> HttpResponse:
        """The file's columns and first rows; then a dry run, or the run."""
        feed = self._feed(request, key)
        waiting = get_object_or_404(FeedRun, pk=run, feed=feed)
        if not waiting.file.name or not waiting.file.storage.exists(waiting.file.name):
            messages.error(request, _("The file of that reading is no longer kept: choose it once more."))
            return HttpResponseRedirect(reverse("admin:products_feed_file", args=[key]))
        with waiting.file.open("rb") as file:
            try:
                columns = runs.columns(file, feed.format, feed.encoding)
            except FeedError as error:
                messages.error(request, str(error))
                return HttpResponseRedirect(reverse("admin:products_feed_file", args=[key]))
        known = {name: column for name, column in feed.mapping.items() if column in columns}
        form = MappingForm(columns, request.POST or None, initial={**rows.guess_mapping(columns), **known})
        mapping = form.mapping() if form.is_bound and form.is_valid() else dict(form.initial)
        if form.is_bound and form.is_valid() and ("trial" in request.POST or "read" in request.POST):
            return self._start(request, feed, waiting, mapping)
        with waiting.file.open("rb") as file:
            shown = runs.preview(feed, file, mapping)
        names = dict(Product.objects.values_list("pk", "name"))
        for row in shown:
            row["product_name"], row["guess_name"] = (
                names.get(row.get("product") or 0),
                names.get(row.get("guess") or 0),
            )
        return self._page(
            request, feed, "feed_map.html", _("Columns of %(feed)s") % {"feed": feed}, {"form": form, "shown": shown}
        )

    def _start(self, request: HttpRequest, feed: Feed, waiting: FeedRun, mapping: dict[str, str]) -> HttpResponse:
        feed.mapping = mapping
        feed.save()
        with waiting.file.open("rb") as file:
            run = runs.begin(feed, file, trial="trial" in request.POST)
        tasks.read_run(run.pk)
        messages.success(request, _("The worker reads it. Load this page again to see how far it is."))
        return HttpResponseRedirect(reverse("admin:products_feedrun_change", args=[run.pk]))

    def _feed(self, request: HttpRequest, key: int) -> Feed:
        feed = get_object_or_404(Feed.objects.select_related("merchant", "programme"), pk=key)
        if not self.has_change_permission(request, feed):
            raise PermissionDenied
        return feed

    def _runs(self, feed: Feed) -> str:
        return f"{reverse('admin:products_feedrun_changelist')}?feed__id__exact={feed.pk}"

    def _page(self, request: HttpRequest, feed: Feed, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "title": title, "feed": feed, "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/affiliates/{name}", whole)


@admin.register(FeedRun)
class FeedRunAdmin(ReadOnly, HouseAdmin):
    """Readings of feeds, with every rejected row."""

    list_display = (
        "started_at", "feed", "state", "is_trial", "position", "created", "updated", "unchanged", "waiting", "rejected",
    )  # fmt: skip
    list_filter = ("state", "is_trial", "feed")
    search_fields = ("feed__name", "trouble")
    related = ("feed",)
    fields = (
        "feed", ("state", "is_trial"), "trouble", ("started_at", "finished_at", "as_of"),
        ("position", "filtered", "ignored"), ("created", "updated", "unchanged"), ("waiting", "rejected"), "report",
    )  # fmt: skip
    readonly_fields = ("report",)

    @admin.display(description=gettext_lazy("rejected rows"))
    def report(self, run: FeedRun) -> SafeString | str:
        """The first of them, with the reason."""
        found = list(run.rejections.all()[:_SHOWN])
        if not found:
            return "–"
        lines = format_html_join(
            "",
            "<tr><td class='number'>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            ((row.row, row.field or "–", row.reason, row.excerpt or "–") for row in found),
        )
        heading = format_html_join(
            "", "<th scope='col'>{}</th>", [[_("Row")], [_("Column")], [_("Why")], [_("It said")]]
        )
        return format_html("<table class='plain'><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", heading, lines)


@admin.register(FeedItem)
class FeedItemAdmin(HouseAdmin):
    """Items of shops that no GTIN matched: say once what they are, and their next reading brings prices."""

    list_display = ("title", "brand", "feed", "guess", "product", "state", "seen_at")
    list_filter = ("state", "feed")
    search_fields = ("title", "brand", "item_id")
    related = ("feed", "guess", "product")
    autocomplete_fields = ("product",)
    actions = ("confirm_selected", "ignore_selected", "wait_selected")
    fields = ("title", "brand", "feed", "item_id", "link", "guess", "state", "product", "seen_at")
    readonly_fields = ("title", "brand", "feed", "item_id", "link", "guess", "seen_at")
    hints = {"product": gettext_lazy("Which of our products it is; then choose the state “is this product”.")}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come in by feeds."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They would come in again."""
        return False

    @admin.action(description=gettext_lazy("Our guess is right"), permissions=["change"])
    def confirm_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Those that have a guess."""
        found = list(queryset.filter(guess__isnull=False))
        for item in found:
            item.state, item.product_id = MatchState.MATCHED, item.guess_id
            item.save()
        self._told(request, len(found), queryset.count() - len(found))

    @admin.action(description=gettext_lazy("None of ours"), permissions=["change"])
    def ignore_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """They are passed over from now on."""
        self._told(request, queryset.update(state=MatchState.IGNORED, product=None), 0)

    @admin.action(description=gettext_lazy("Wait again"), permissions=["change"])
    def wait_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Take back what was said."""
        self._told(request, queryset.update(state=MatchState.WAITING, product=None), 0)

    def _told(self, request: HttpRequest, done: int, left: int) -> None:
        messages.success(request, ngettext("%(n)s item decided.", "%(n)s items decided.", done) % {"n": done})
        if left:
            words = ngettext("%(n)s has no guess.", "%(n)s have no guess.", left)
            messages.warning(request, words % {"n": left})
