"""Where texts use other things (crampinfo.editorial.whereused)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from articles.models import Article, Question
from crampinfo.editorial.models import Author, Evidence, Picture, Reference, Topic
from crampinfo.editorial.whereused import CITES, SHOWS, found_in
from products.models import Product, Slot

for kind in (Article, Question):
    found_in(Reference, CITES, kind, "citations__reference")
    found_in(Author, _("byline"), kind, "author")
    found_in(Topic, _("is about it"), kind, "topic", "topics")
    found_in(Product, _("speaks of it"), kind, "products")
    found_in(Evidence, SHOWS, kind, "evidence")
    found_in(Picture, SHOWS, kind, "picture")
    found_in(Slot, _("has it for a call-out"), kind, "button_slot")
    found_in(kind, _("translation of it"), kind, "translation_of", holds=False)
