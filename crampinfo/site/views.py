"""Home, search, transparency, robots, health, and the pages for what went wrong."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render as plain_render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.static import serve

from articles import jsonld
from articles.models import Article, Question
from crampinfo.editorial import ledgerfile, pages
from crampinfo.site import money, search
from reviews import overview
from reviews.models import Ranking

HOME_GUIDES = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The way to /now/, the question with the strongest evidence, the lists, newest guides, where the money is."""
    rankings = list(Ranking.objects.published())
    guides = list(Article.objects.published().filter(language=settings.LANGUAGE_CODE)[:HOME_GUIDES])
    question = (
        Question.objects.published()
        .filter(language=settings.LANGUAGE_CODE, evidence__isnull=False)
        .select_related("evidence__reference")
        .order_by("-evidence__strength", "-first_published_at", "-pk")
        .first()
    )
    cards = overview.cards(rankings)
    head = pages.head(
        title=_("%(site)s: leg cramps answered, money shown") % {"site": settings.SITE_NAME},
        heading=_("Leg cramps, answered."),
        description=_(
            "Leg cramps: what helps, what does not, and product lists with every payment printed on its row."
        ),
        path="/",
        demo=any(item.is_demo for item in (*rankings, *guides)),
        nodes=[jsonld.organisation(), {"@type": "WebSite", "name": settings.SITE_NAME, "url": f"{settings.SITE_URL}/"}],
    )
    context = {
        "question": question,
        "guides": guides,
        "cards": cards,
        "all_rows": sum(card.total for card in cards),
        "free_rows": sum(card.total - card.paid for card in cards),
        "today": money.today(),
        "now": timezone.now(),
    }
    return pages.render(request, "site/home.html", head, context)


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Guides, questions and reviews for some words; nothing here is paid."""
    results = search.search(request.GET.get("q", ""))
    title = _("Search: %(query)s") % {"query": results.query} if results.query else _("Search")
    head = pages.head(
        title=title,
        heading=_("Search"),
        description=_("Search guides, questions, reviews and lists."),
        path="/search/",
        trail=[(_("Search"), None)],
        indexable=False,
    )
    return pages.render(request, "site/search.html", head, {"results": results})


@require_safe
def transparency(request: HttpRequest) -> HttpResponse:
    """How we make money, from the live tables: programmes, placements now and past, the cap, who pays nothing."""
    after = request.GET.get("after", "")
    try:
        books = money.books(after)
    except money.UnknownPlacement:
        raise Http404(_("This page number is not one of ours.")) from None
    head = pages.head(
        title=_("How we make money"),
        description=_("Every programme and every placement, past and present, and what they may and may not change."),
        path="/transparency/",
        section="money",
        trail=[(_("How we make money"), None)],
        demo=books.is_demo,
        indexable=not after,
    )
    return pages.render(request, "site/transparency.html", head, {"books": books, "licence": ledgerfile.LICENCE})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may fetch: everything but redirects, search and the admin."""
    lines = [
        "User-agent: *",
        "Disallow: /go/",
        "Disallow: /demo-shop/",
        "Disallow: /search/",
        "Disallow: /admin/",
        "",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def gpc(request: HttpRequest) -> HttpResponse:
    """That Global Privacy Control is honoured: there is nothing here to sell or share (rules.md PRIV-06)."""
    return JsonResponse({"gpc": True, "lastUpdate": date(2026, 11, 22).isoformat()})


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture. Its name carries a hash of its content, so a browser may keep it for good."""
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: what the reader may have wanted."""
    head = pages.head(title=_("Not found"), description="", path=request.path, indexable=False)
    reason = (
        str(exception.args[0])
        if exception is not None and exception.args and isinstance(exception.args[0], str)
        else ""
    )
    said = reason if reason and "matches the given query" not in reason else ""
    return pages.render(request, "site/404.html", head, {"reason": said}, status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, in a page of our own."""
    head = pages.head(title=_("This address can't be read"), description="", path="/", indexable=False)
    return pages.render(
        request, "site/404.html", head, {"reason": _("Something in the address can't be read.")}, status=400
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500, without the database: the way to the page for a cramp, and home."""
    return plain_render(
        request, "site/500.html", {"site": {"name": settings.SITE_NAME, "url": settings.SITE_URL}}, status=500
    )
