"""The site's addresses and one that does nothing, for bench.open_review_form."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from crampinfo.urls import handler400, handler403, handler404, handler429, handler500
from crampinfo.urls import urlpatterns as of_the_site

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing but what every request costs."""
    return HttpResponse("")


urlpatterns = [path("empty/", empty), *of_the_site]
