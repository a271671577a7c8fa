"""The sitemap: everything indexable, never a demo row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap

from articles.models import Article, Page, Question
from crampinfo.editorial.models import Publishable
from reviews.models import Ranking, Review


class _OurSitemap(Sitemap):
    """Addresses on SITE_URL, whatever host the request named."""

    protocol = settings.SITE_URL.split("://", 1)[0]

    def get_domain(self, site: Any = None) -> str:
        """The site's own host."""
        return settings.SITE_HOST


class PublishedSitemap(_OurSitemap):
    """Live rows of one model; lastmod is the substantive change."""

    limit = 5000

    def __init__(self, rows: Any, *columns: str) -> None:
        super().__init__()
        self._rows = rows
        self._columns = columns

    def items(self) -> Sequence[Publishable]:
        """Live rows, without invented ones unless this is the showcase: one query, without their texts."""
        live = self._rows.all().published().order_by("pk").only(*self._columns, "content_changed_at")
        return list((live if settings.SHOWCASE else live.filter(is_demo=False))[: self.limit])

    def lastmod(self, item: Publishable) -> datetime | None:
        """When the content last changed."""
        return item.content_changed_at


def is_invented() -> bool:
    """Whether the site shows the demonstration: its indexes and explanations are no pages for a search engine then."""
    return not settings.SHOWCASE and Article.objects.published().filter(is_demo=True).exists()


class StaticSitemap(_OurSitemap):
    """Indexes, which exist whatever is published."""

    def items(self) -> Sequence[str]:
        """Their paths. Indexes of invented rows are not indexable, so they are left out with them."""
        if is_invented():
            return []
        return [
            "/",
            "/guides/",
            "/questions/",
            "/reviews/",
            "/lists/",
            "/methodology/",
            "/transparency/",
            "/transparency/schema/",
            "/brands/",
            "/topics/",
            "/authors/",
        ]

    def location(self, item: str) -> str:
        """The path itself."""
        return item


SITEMAPS: dict[str, Sitemap] = {
    "indexes": StaticSitemap(),
    "guides": PublishedSitemap(Article.objects, "slug"),
    "questions": PublishedSitemap(Question.objects, "slug"),
    "reviews": PublishedSitemap(Review.objects.select_related("product"), "product__slug"),
    "lists": PublishedSitemap(Ranking.objects, "slug"),
    "pages": PublishedSitemap(Page.objects, "slug"),
}
