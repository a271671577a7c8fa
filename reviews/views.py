"""Reviews, lists, methodologies and brands."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crampinfo.editorial import pages, paging
from crampinfo.editorial.models import LedgerEntry, State
from crampinfo.lib import shown
from crampinfo.lib.prepared import Prepared
from products import affiliate
from products.affiliate import PageMoney
from products.models import Brand
from reviews import changelog, comparing, jsonld, lists, locks, overview, pastview, sheets
from reviews.models import Methodology, Ranking, Review


@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    """Reviews, newest first, each with its editorial score."""
    dek = _("Products judged by their labels, doses, prices and warnings, with every reason written down.")
    part = paging.newest_first(Review.objects.published().select_related("product__brand", "methodology"), request.GET)
    head = pages.head(
        title=_("Reviews"),
        description=dek,
        path="/reviews/",
        section="reviews",
        trail=[(_("Reviews"), None)],
        demo=any(row.is_demo for row in part.rows),
        indexable=part.is_first,
    )
    return pages.render(
        request, "reviews/review_list.html", head, {"part": part, "dek": dek, "scores": overview.scores_of(part.rows)}
    )


@require_safe
@shown.exact
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """A review: verdict, arithmetic, for and against, facts, offers, history."""
    found = sheets.find(slug)
    if found is None:
        raise Http404
    with translation.override(found.language):
        sheet = sheets.load(found, request.GET.dict())
        money = affiliate.page_money(
            f"review-{slug}",
            found,
            offers=sheet.linkable,
            acquisition=found.acquisition,
            owned=found.product.brand.owned_by_us,
        )
        head = pages.head(
            title=_("%(product)s: review") % {"product": found.title},
            heading=found.title,
            description=found.summary,
            path=found.get_absolute_url(),
            language=found.language,
            section="reviews",
            demo=found.is_demo or found.product.is_demo,
            trail=[(_("Reviews"), "/reviews/"), (found.title, None)],
            kind="article",
            nodes=jsonld.review(found, sheet.arithmetic.rounded, sheet.offers, bool(sheet.failures)),
            indexable=not sheet.shopping.is_made,
        )
        context = {
            "review": found,
            "product": found.product,
            "sheet": sheet,
            "money": money,
            "lock": locks.lock_of(found),
            "numbering": sheet.numbering,
            "body_offers": sheet.linked,
        }
        response = pages.render(request, "reviews/review.html", head, context)
    if not sheet.shopping.as_given:
        response["Cache-Control"] = "no-store"  # see ranking()
    return response


@require_safe
def ranking_list(request: HttpRequest) -> HttpResponse:
    """Every list, with what payment does to each."""
    dek = _("A list comes after its evidence. One square is one row; a yellow one has a paid link.")
    found = list(Ranking.objects.published())
    head = pages.head(
        title=_("Lists"),
        description=dek,
        path="/lists/",
        section="lists",
        trail=[(_("Lists"), None)],
        demo=any(item.is_demo for item in found),
    )
    return pages.render(request, "reviews/ranking_list.html", head, {"cards": overview.cards(found), "dek": dek})


@require_safe
@shown.exact
def ranking(request: HttpRequest, slug: str) -> HttpResponse:
    """A list. ?order=editorial takes every effect of payment away; ?after= goes on after a product.

    w-<criterion>=0 to 10 and the filters make a view of the reader's own, which carries no placement.
    """
    found = _lists.first(slug=slug, influenced=settings.ALLOW_INFLUENCED_LISTS)
    if found is None:
        raise Http404
    if "as_of" in request.GET:
        with translation.override(found.language):
            return pastview.as_of(request, found)
    editorial, after = request.GET.get("order") == "editorial", request.GET.get("after", "")
    with translation.override(found.language):
        try:
            page = lists.load(found, editorial=editorial, after=after, asked=request.GET)
        except lists.UnknownRow:
            raise Http404(_("This list has no product of that name to go on from.")) from None
        head = _list_head(found, page, indexable=not (editorial or after or page.choice.pairs))
        context = {
            "ranking": found,
            "list": page,
            "money": _list_money(found, page),
            "rejections": list(found.rejections.all()),
            "bands": page.bands,
            "way_out": f"{found.get_absolute_url()}?{page.without_payment}" if page.is_influenced else "",
            "shops": overview.shops(page.buttons),
            "today": timezone.localdate(),
        }
        response = pages.render(request, "reviews/ranking.html", head, context)
    if not page.choice.is_said_by(request.GET):
        response["Cache-Control"] = "no-store"  # an address that was not taken as it stands makes no page to keep
    return response


# The ledger's end when a page was made: it stands at the foot of each list and vouches for all that went before.
_HEAD = LedgerEntry.objects.order_by("-number")
_lists = Prepared(
    lambda slug, influenced: (  # which published() looks at, too
        Ranking.objects.published()
        .with_disclosures()
        .select_related("topic", "evidence__reference", "evidence__outcome", "methodology__current_version", "author")
        .annotate(ledger_number=_HEAD.values("number")[:1], ledger_hash=_HEAD.values("hash")[:1])
        .filter(slug=slug)
    )
)


def _list_head(found: Ranking, page: lists.ListPage, *, indexable: bool) -> pages.PageHead:
    """The head of a list; every view of it points search engines to the list as it stands."""
    title = _("Advertisement: %(title)s") % {"title": found.title} if found.is_influenced else found.title
    if page.choice.weights is not None:
        title = _("%(title)s, by your own weights") % {"title": title}
    return pages.head(
        title=title,
        heading=found.title,
        description=found.summary,
        path=found.get_absolute_url(),
        language=found.language,
        section="lists",
        demo=found.is_demo,
        trail=[(_("Lists"), "/lists/"), (found.short_title, None)],
        nodes=jsonld.ranking(found, page),
        indexable=indexable,
    )


def _list_money(found: Ranking, page: lists.ListPage) -> PageMoney:
    """What is commercial on the page of a list: its buttons, its bands, and whether payment moved a row."""
    advertised = bool(page.bands)
    return affiliate.page_money(
        f"list-{found.slug}", found, offers=page.offers, advertised=advertised, influenced=page.is_influenced
    )


# At the head of a comparison; fewer than two products have its title alone.
_HEADINGS = {
    2: gettext_lazy("Two products, side by side"),
    3: gettext_lazy("Three products, side by side"),
    4: gettext_lazy("Four products, side by side"),
}


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Two to four products side by side (?p=…&p=…), in the language of the first; fewer are asked to be chosen."""
    found = comparing.load(request.GET)
    reviews = [column.review for column in found.columns]
    language = reviews[0].language if reviews else settings.LANGUAGE_CODE
    with translation.override(language):
        names = _(" and ").join(review.title for review in reviews)
        head = pages.head(
            title=_("Compare %(names)s") % {"names": names} if names else _("Compare products"),
            heading=str(_HEADINGS.get(len(reviews), "")),
            description=_("Label, dose, price and every criterion of two to four products, line by line."),
            path="/compare/",
            language=language,
            section="reviews",
            demo=any(review.is_demo for review in reviews),
            trail=[(_("Reviews"), "/reviews/"), (_("Compare"), None)],
            indexable=False,  # any four of all products: nobody searches for most of these pages
        )
        context = {
            "comparison": found,
            "others": comparing.others(found),
            "lists": [] if reviews else list(Ranking.objects.published()),
            "money": _compare_money(found) if reviews else None,
        }
        response = pages.render(request, "reviews/compare.html", head, context)
    if not found.taken_as_given:
        response["Cache-Control"] = "no-store"
    return response


def _compare_money(found: comparing.Comparison) -> PageMoney:
    """What is commercial on a comparison: its buttons, and a brand of our own."""
    reviews = [column.review for column in found.columns]
    owned = any(review.product.brand.owned_by_us for review in reviews)
    return affiliate.page_money("compare", reviews[0], offers=found.offers, owned=owned)


@require_safe
def methodology_list(request: HttpRequest) -> HttpResponse:
    """Every methodology."""
    rankings = Prefetch("rankings", Ranking.objects.published())
    found = list(Methodology.objects.filter(rankings__state=State.PUBLISHED).distinct().prefetch_related(rankings))
    head = pages.head(
        title=_("How we score"),
        description=_("Criteria, weights and what changed, list by list."),
        path="/methodology/",
        trail=[(_("How we score"), None)],
        demo=any(ranking.is_demo for methodology in found for ranking in methodology.rankings.all()),
    )
    return pages.render(request, "reviews/methodology_list.html", head, {"methodologies": found})


@require_safe
def methodology(request: HttpRequest, slug: str) -> HttpResponse:
    """How one list is scored: criteria, weights of every version, what changed and whom it moved."""
    rows = Ranking.objects.published().select_related("methodology__current_version", "topic")
    found = get_object_or_404(rows, slug=slug)
    title = _("How we score: %(list)s") % {"list": found.title}
    head = pages.head(
        title=title,
        description=found.methodology.description[:155],
        path=f"/methodology/{slug}/",
        demo=found.is_demo,
        trail=[(_("How we score"), "/methodology/"), (found.short_title, None)],
    )
    context = {
        "ranking": found,
        "methodology": found.methodology,
        "versions": changelog.load(found),
        "criteria": found.methodology.criteria.all(),
    }
    return pages.render(request, "reviews/methodology.html", head, context)


@require_safe
def brand_list(request: HttpRequest) -> HttpResponse:
    """Every brand we reviewed something of."""
    live = Q(products__review__state=State.PUBLISHED)
    brands = Brand.objects.annotate(reviewed=Count("products", filter=live)).filter(reviewed__gt=0)
    head = pages.head(
        title=_("Brands"),
        description=_("Brands with a reviewed product."),
        path="/brands/",
        trail=[(_("Brands"), None)],
        demo=any(brand.is_demo for brand in brands),
    )
    return pages.render(request, "reviews/brand_list.html", head, {"brands": brands})


@require_safe
def brand(request: HttpRequest, slug: str) -> HttpResponse:
    """A brand: who owns it and what of it we reviewed."""
    found = get_object_or_404(Brand, slug=slug)
    rows = list(
        Review.objects.published().filter(product__brand=found).select_related("product__brand", "methodology")[:100]
    )
    head = pages.head(
        title=found.name,
        description=_("Reviews of products by %(brand)s.") % {"brand": found.name},
        path=found.get_absolute_url(),
        trail=[(_("Brands"), "/brands/"), (found.name, None)],
        demo=found.is_demo,
    )
    return pages.render(
        request, "reviews/brand.html", head, {"brand": found, "reviews": rows, "scores": overview.scores_of(rows)}
    )
