"""Leaving the site: the counted redirect, and the page that stands in for invented shops."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crampinfo.editorial import pages
from products import clicks, exits
from products.models import Offer


@require_safe
def go(request: HttpRequest, offer_id: int, source: str) -> HttpResponse:
    """302 to the stored address and one more in today's count; 404 unknown, 410 ended; no visitor is recorded.

    At most two queries; none where Redis is there and remembers the way.
    """
    where = clicks.parse(source)
    way, offer = exits.find(offer_id) if where is not None else (None, None)
    response: HttpResponse
    if where is not None and way is not None:
        response = HttpResponseRedirect(way.address_from(offer_id, where.page, where.slot))
        if request.method == "GET" and not (settings.CLICK_FILTER_CRAWLERS and clicks.is_machine(request.headers)):
            clicks.count(offer_id, where)
    elif offer is not None:
        page = pages.head(title=_("This offer has ended"), description="", path=request.path, indexable=False)
        response = pages.render(request, "products/gone.html", page, {"offer": offer}, status=410)
    else:
        raise Http404(_("This offer does not exist."))
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def demo_shop(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Where the buttons of invented shops lead: a page that says so."""
    offer = Offer.objects.select_related("merchant", "product").filter(pk=offer_id, merchant__is_demo=True).first()
    if offer is None:
        raise Http404(_("This offer does not exist."))
    page = pages.head(title=_("Demo shop"), description="", path=request.path, indexable=False)
    return pages.render(request, "products/demo_shop.html", page, {"offer": offer})
