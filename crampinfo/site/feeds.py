"""The Atom feed: newest guides, questions and reviews, each with the disclosure that is true for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _

from articles.models import Article, Question, Written
from crampinfo.editorial import pages
from crampinfo.editorial.models import Disclosure, DisclosureKind
from products import affiliate, bodies
from products.models import Offer
from reviews.models import Review

SIZE = 30


class NewestFeed(Feed):
    """The newest texts of every kind. Entries hold summaries and no link to a shop."""

    feed_type = Atom1Feed
    title = settings.SITE_NAME
    language = settings.LANGUAGE_CODE

    # Absolute addresses, of SITE_URL: Django would take the host from a table of sites that nothing here keeps.
    def link(self) -> str:
        """The home page."""
        return pages.absolute("/")

    def feed_url(self) -> str:
        """The feed itself."""
        return pages.absolute("/feed/")

    def item_link(self, item: Any) -> str:
        """The text's page."""
        return pages.absolute(item.get_absolute_url())

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The feed, which readers' programs fetch and no search engine lists."""
        response = super().__call__(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, follow"
        return response

    def subtitle(self) -> str:
        """The disclosure, first thing in the feed (rules.md US-DISC-13)."""
        return (
            Disclosure.objects.current(DisclosureKind.COMMISSION, settings.LANGUAGE_CODE)
            .values_list("text", flat=True)
            .first()
            or ""
        )

    def items(self) -> list[Any]:
        """The newest texts, newest first."""
        paying = Offer.objects.paying().filter(product=OuterRef("product"))
        reviews = (
            Review.objects.published()
            .with_disclosures()
            .annotate(has_paid=Exists(paying))
            .select_related("product__brand", "author")
        )
        texts = [
            model.objects.published().with_disclosures().select_related("author", "topic")[:SIZE]
            for model in (Article, Question)
        ]
        rows = [*texts[0], *texts[1], *reviews[:SIZE]]
        return sorted(rows, key=lambda row: (row.first_published_at, row.pk), reverse=True)[:SIZE]

    def item_title(self, item: Any) -> str:
        """Its title."""
        return str(item.title)

    def item_description(self, item: Any) -> str:
        """What its page discloses first, then the summary, as HTML: that is what a feed's summary is read as."""
        said = [text for kind in _kinds(item) if (text := getattr(item, f"disclosure_{kind}"))]
        if item.is_demo and not settings.SHOWCASE:
            with translation.override(item.language):
                said.append(_("Sample text, not medically reviewed."))
        return escape(" ".join([*said, item.verdict if isinstance(item, Review) else item.summary]))

    def item_author_name(self, item: Any) -> str:
        """Who wrote it."""
        return str(item.author.name)

    def item_pubdate(self, item: Any) -> datetime:
        """When it first appeared."""
        moment: datetime = item.first_published_at
        return moment

    def item_updateddate(self, item: Any) -> datetime:
        """When its content last changed."""
        moment: datetime = item.content_changed_at or item.first_published_at
        return moment


def _kinds(item: Any) -> list[str]:
    """The connections that the item's page declares (rules.md US-DISC-13: they hold in every output)."""
    if not isinstance(item, Review):
        return [DisclosureKind.COMMISSION] if _is_commercial(item) else []
    return [
        *([DisclosureKind.COMMISSION] if item.has_paid else []),
        *([DisclosureKind.SAMPLE] if item.acquisition in affiliate.SAMPLES else []),
        *([DisclosureKind.OWNERSHIP] if item.product.brand.owned_by_us else []),
    ]


def _is_commercial(text: Written) -> bool:
    return text.takes_money and (text.button_slot_id is not None or bool(bodies.offer_ids(text.body)))
