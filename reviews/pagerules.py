"""What the gate asks of rendered reviews and lists: how the order comes about, and care before a supplement is sold."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from crampinfo.editorial import rendered
from crampinfo.editorial.findings import Finding
from crampinfo.editorial.pagerules import finding
from crampinfo.lib.dom import Page
from products.models import Category
from products.pagerules import ROW, sold_with_care
from reviews.models import Ranking, Review


@rendered.rule(Ranking)
def says_how_it_ranks(ranking: Ranking, page: Page) -> Iterator[Finding]:
    """Above the first row stands the way to criteria, weights and order (EU-RANK-02, US-RANK-04)."""
    ways = page.select(f'a[href^="{reverse("methodology", args=[ranking.slug])}"]')
    rows = page.select(ROW)
    if not ways or (rows and ways[0].place > rows[0].place):
        yield finding("EU-RANK-02", _("The list does not say above its rows how it is made."), _("Mend the template."))


@rendered.rule(Ranking)
def a_list_sells_with_care(ranking: Ranking, page: Page) -> Iterator[Finding]:
    """Lists of supplements (HC-10)."""
    if ranking.entries.filter(product__category=Category.SUPPLEMENT).exists():
        yield from sold_with_care(page)


@rendered.rule(Review)
def a_review_sells_with_care(review: Review, page: Page) -> Iterator[Finding]:
    """Reviews of supplements (HC-10)."""
    if review.product.is_supplement:
        yield from sold_with_care(page)
