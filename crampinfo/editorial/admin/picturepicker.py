"""What the editor's picture button asks the library: a page of pictures for some words, one picture, a new upload."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from crampinfo.editorial import pictures
from crampinfo.editorial.admin.base import HouseAdmin
from crampinfo.editorial.admin.picturefiles import address
from crampinfo.editorial.admin.pictureforms import UploadForm
from crampinfo.editorial.models import Picture

_PER_PAGE = 24


class Picking(HouseAdmin):
    """Three addresses of the library; each asks for the right it needs."""

    def get_urls(self) -> list[Any]:
        """Before Django's own, whose last one takes whatever is left."""
        guard = self.admin_site.admin_view
        return [
            path("choose/", guard(require_safe(self.choose_view)), name="editorial_picture_choose"),
            path("take/", guard(require_POST(self.take_view)), name="editorial_picture_take"),
            path("<int:key>/look/", guard(require_safe(self.look_view)), name="editorial_picture_look"),
            *super().get_urls(),
        ]

    def choose_view(self, request: HttpRequest) -> JsonResponse:
        """Pictures for some words, newest first, a page at a time; or one by its number."""
        self._may_look(request)
        rows = self.get_queryset(request)
        if (key := request.GET.get("id", "")).isdecimal():
            rows = rows.filter(pk=int(key))
        elif words := request.GET.get("q", "").strip():
            rows, _many = self.get_search_results(request, rows, words)
        page = Paginator(rows.order_by("-created_at", "-pk"), _PER_PAGE).get_page(request.GET.get("page"))
        return JsonResponse(
            {
                "pictures": [described(picture) for picture in page],
                "total": page.paginator.count,
                "next": page.next_page_number() if page.has_next() else None,
                "mayAdd": self.has_add_permission(request),
            }
        )

    def take_view(self, request: HttpRequest) -> JsonResponse:
        """Take a new picture in, as the library's own form does; what is wrong is said by field."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return JsonResponse({"errors": form.errors}, status=400)
        with pictures.files_or_nothing(), transaction.atomic():
            picture = form.save()
            if not form.known:
                self.log_addition(request, picture, [{"added": {}}])
        return JsonResponse({"picture": described(picture), "known": form.known}, status=201)

    def look_view(self, request: HttpRequest, key: int) -> HttpResponseBase:
        """Where the picture lies at the moment: texts in the editor show it by its number."""
        self._may_look(request)
        picture = Picture.objects.filter(pk=key).first()
        if picture is None:
            raise Http404
        answer = HttpResponseRedirect(address(picture, 640))
        answer["Cache-Control"] = "private, max-age=60"
        return answer

    def _may_look(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def described(picture: Picture) -> dict[str, Any]:
    """A picture for the picker."""
    return {
        "id": picture.pk,
        "alt": picture.alt,
        "credit": picture.credit,
        "width": picture.width,
        "height": picture.height,
        "thumb": address(picture, 320),
    }
