"""The picture library: look, search, upload, choose what must stay in a cut, replace a file, see where it stands."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crampinfo.editorial import illustrations, pictures, pictureuse, tasks
from crampinfo.editorial.admin.base import HouseAdmin
from crampinfo.editorial.admin.picturefiles import crop, files, look
from crampinfo.editorial.admin.pictureforms import PictureForm, UploadForm
from crampinfo.editorial.admin.picturepicker import Picking
from crampinfo.editorial.admin.seen import page_of
from crampinfo.editorial.admin.shown import ShownAdmin
from crampinfo.editorial.models import Picture, State
from crampinfo.editorial.roles import may_publish

_SHAPES = ((7, 8), (1, 1), (4, 3), (16, 9))  # the first is the byline's


class WithFiles(HouseAdmin):
    """Around the transaction of a save: when it is undone, the files it wrote go too."""

    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        """See the class."""
        with pictures.files_or_nothing():
            return super().changeform_view(*args, **kwargs)


class Ready(admin.SimpleListFilter):
    """Whether the worker has made the copies."""

    title = gettext_lazy("AVIF and WebP")
    parameter_name = "ready"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Two."""
        return (("yes", gettext_lazy("made")), ("no", gettext_lazy("still missing")))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """An empty list: readers load the original."""
        if self.value() == "no":
            return queryset.filter(renditions=[])
        return queryset.exclude(renditions=[]) if self.value() == "yes" else queryset


@admin.register(Picture)
class PictureAdmin(ShownAdmin, Picking, WithFiles):
    """The library."""

    form = PictureForm
    change_form_template = "admin/editorial/picture_form.html"
    list_display = ("thumbnail", "alt", "credit", "size", "ready", "added")
    list_display_links = ("thumbnail", "alt")
    list_filter = (Ready, "created_at", "is_demo")
    list_per_page = 30
    search_fields = ("alt", "credit", "=id")
    search_help_text = gettext_lazy("What it shows, its credit, or its number.")
    date_hierarchy = "created_at"
    actions = ("render_again",)
    fieldsets = (
        (None, {"fields": ("alt", "credit")}),
        (gettext_lazy("Focal point"), {"fields": ("stage", ("focus_x", "focus_y"))}),
        (gettext_lazy("Replace the file"), {"fields": ("upload",)}),
        (gettext_lazy("Demonstration"), {"fields": ("is_demo",), "classes": ("collapse",)}),
    )
    readonly_fields = ("stage",)
    hints = {
        "alt": gettext_lazy("What it tells somebody who can’t see it, in a few words. For a portrait: the name."),
        "credit": gettext_lazy("Who made it, where that must be said."),
        "focus_x": gettext_lazy("Per cent from the left edge."),
        "focus_y": gettext_lazy("Per cent from the top edge."),
    }

    class Media:
        css = {"all": ("css/admin-pictures.css",)}

    # --- who may --------------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What readers see is changed by those who may publish, pictures too."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_publish(request.user) or not self._shown(request, obj))

    def _places(self, request: HttpRequest, obj: Picture) -> list[models.Model]:
        """Asked once a request."""
        known: dict[int, list[models.Model]] = request.__dict__.setdefault("_crampinfo_uses", {})
        if obj.pk not in known:
            known[obj.pk] = pictureuse.uses(obj)
        return known[obj.pk]

    def _shown(self, request: HttpRequest, obj: Picture) -> bool:
        return any(is_public(use) for use in self._places(request, obj))

    # --- the form -------------------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Taking a file in is another form than changing words."""
        kwargs["form"] = PictureForm if change else UploadForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """See get_form. Who may only look has no file to choose."""
        if obj is None:
            return ((None, {"fields": ("upload", "alt", "credit", "is_demo")}),)
        closed = not self.has_change_permission(request, obj)
        sets = super().get_fieldsets(request, obj)
        return [one for one in sets if "upload" not in one[1]["fields"]] if closed else sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """See get_form."""
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A new picture is kept by its form; a new file of a stored one goes through the same door."""
        if change:
            super().save_model(request, obj, form, change)
            if form.fresh is not None:
                pictures.replace(obj, form.fresh)
        if form.fresh is not None and form.fresh.moved:
            messages.info(request, _("The file moves: its first frame was kept."))
        if not change and form.known:
            messages.info(request, _("The library had this file with these words already: here it is."))

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """On to the focal point, which needs the picture to be seen."""
        if IS_POPUP_VAR in request.POST or "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, _("In the library: %(picture)s.") % {"picture": obj})
        return HttpResponseRedirect(reverse("admin:editorial_picture_change", args=[obj.pk]))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Add what stands beside the form."""
        picture: Picture | None = kwargs.get("obj") or context.get("original")
        if picture is not None:
            mine = super().has_change_permission(request)
            closed = mine and not self.has_change_permission(request, picture)
            context["files"] = files(picture)
            context["snippet"] = illustrations.snippet(picture)
            context["closed"] = _("Readers see it: somebody who may publish changes it.") if closed else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def label_for(self, instance: Picture) -> str:
        """What it shows, and its size."""
        return f"{instance.alt} ({instance.width} × {instance.height})"

    # --- columns and fields ---------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("pixels"), ordering="width")
    def size(self, picture: Picture) -> str:
        """Width and height."""
        return f"{picture.width} × {picture.height}"

    @admin.display(description=gettext_lazy("AVIF, WebP"), boolean=True)
    def ready(self, picture: Picture) -> bool:
        """Whether the worker has made the copies."""
        return bool(picture.renditions)

    @admin.display(description=gettext_lazy("added"), ordering="created_at")
    def added(self, picture: Picture) -> str:
        """The day."""
        return date_format(timezone.localtime(picture.created_at), "j M Y")

    @admin.display(description=gettext_lazy("picture"))
    def thumbnail(self, picture: Picture) -> SafeString:
        """Small, for the list."""
        return look(picture, 104, 78, picture.alt)

    @admin.display(description=gettext_lazy("picture"))
    def stage(self, picture: Picture) -> SafeString:
        """Large enough to judge it by; a script lets people click the point, or move it with the arrow keys."""
        shapes = format_html("{}" * len(_SHAPES), *(crop(picture, *shape) for shape in _SHAPES))
        return format_html(
            '<div class="focus-stage" data-focus>{}</div><div class="crops">{}</div>',
            look(picture, 640, 480, picture.alt),
            shapes,
        )

    # --- many at once ---------------------------------------------------------------------------------------

    @admin.action(description=gettext_lazy("Make AVIF and WebP again"), permissions=["change"])
    def render_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        """What is there stays; the worker makes what is missing."""
        keys = list(queryset.values_list("pk", flat=True))
        for key in keys:
            tasks.render(key)
        words = ngettext("The worker looks at %(n)s picture.", "The worker looks at %(n)s pictures.", len(keys))
        messages.success(request, words % {"n": len(keys)})


def is_public(use: models.Model) -> bool:
    """Whether readers see this object, on a page of its own or on another's, now or from its time on."""
    page = page_of(use)
    return page.state == State.PUBLISHED if page is not None else hasattr(use, "get_absolute_url")
