"""Where judgement uses other things (crampinfo.editorial.whereused); what is sold in it: reviews.bookings."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models import Author, Evidence, Reference, Topic
from crampinfo.editorial.whereused import CITES, LINKS, SHOWS, found_by, found_in, led_to, titled
from products.models import Product
from reviews.models import Criterion, Methodology, MethodologyVersion, Ranking, Review

titled(Review, "product__name")
titled(MethodologyVersion, "methodology__title")
# A review lives at its product's address, so what links there rests on the product too.
led_to(Product, LINKS, lambda product: [reverse("review", args=[product.slug])])

found_in(Product, _("judges it"), Review, "product")
found_in(Product, _("ranks it"), Ranking, "entries__product")
found_in(Product, _("considered and rejected it"), Ranking, "rejections__product")
found_in(Product, _("names it as an alternative"), Review, "alternatives")
found_in(Product, _("compares a badge with it"), Review, "badges__compared")
found_in(Reference, CITES, Review, "citations__reference")
found_in(Evidence, SHOWS, Ranking, "evidence")
found_in(Evidence, SHOWS, Review, "evidence")
found_in(Topic, _("is about it"), Ranking, "topic")
found_in(Author, _("byline"), Ranking, "author")
found_in(Author, _("byline"), Review, "author")
found_in(Author, _("tested for it"), Review, "tests__tester")
found_in(Methodology, _("is ordered by it"), Ranking, "methodology")
found_in(Methodology, _("is scored by it"), Review, "methodology")
found_in(MethodologyVersion, _("is in force with it"), Methodology, "current_version")
found_in(MethodologyVersion, _("has a badge won under it"), Review, "badges__version")
found_in(Criterion, _("weighs it"), MethodologyVersion, "weights__criterion", "tie_breaker")
found_in(Criterion, _("is scored on it"), Review, "scores__criterion")
found_by(
    Review,
    _("ranks its product"),
    Ranking,
    lambda review: Q(entries__product=review.product_id),
    holds=False,
)
