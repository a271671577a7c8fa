"""Structured data of reviews and lists (rules.md section 6): real authors, visible strings, no rating of adverts."""

from __future__ import annotations

from decimal import Decimal

from crampinfo.editorial.pages import absolute
from crampinfo.lib import jsonld
from products.affiliate import PricedOffer
from reviews.lists import ListPage
from reviews.models import Ranking, Review


def review(item: Review, score: Decimal | None, offers: tuple[PricedOffer, ...], failed: bool) -> list[jsonld.Node]:
    """An editorial review inside its product. No rating where a gate failed, no offer without a fresh price."""
    product = item.product
    author = {"@type": "Person", "name": item.author.name, "url": absolute(item.author.get_absolute_url())}
    rating = (
        {"@type": "Rating", "ratingValue": str(score), "bestRating": "10", "worstRating": "0"}
        if score is not None and not failed
        else None
    )
    points = len(item.pros_list) + len(item.cons_list) >= 2
    return [
        {
            "@type": "Product",
            "name": product.name,
            "url": absolute(item.get_absolute_url()),
            "brand": {"@type": "Brand", "name": product.brand.name},
            "gtin": product.gtin,
            "review": {
                "@type": "Review",
                "author": author,
                "reviewRating": rating,
                "reviewBody": item.dek,
                "datePublished": jsonld.iso(item.first_published_at),
                "dateModified": jsonld.iso(item.content_changed_at) if item.shows_updated else None,
                "positiveNotes": _notes(item.pros_list) if points else None,
                "negativeNotes": _notes(item.cons_list) if points else None,
            },
            "offers": [] if product.is_recalled else [_offer(offer) for offer in offers if offer.amount is not None],
        }
    ]


def _notes(points: list[str]) -> jsonld.Node | None:
    items = [{"@type": "ListItem", "position": number, "name": text} for number, text in enumerate(points, 1)]
    return {"@type": "ItemList", "itemListElement": items} if items else None


def _offer(offer: PricedOffer) -> jsonld.Node:
    return {
        "@type": "Offer",
        "price": str(offer.amount),
        "priceCurrency": offer.currency,
        "seller": {"@type": "Organization", "name": offer.offer.merchant.name},
    }


def ranking(item: Ranking, page: ListPage) -> list[jsonld.Node]:
    """An ItemList in visible order; an influenced list emits none (LD-AD-01)."""
    if item.is_influenced:
        return []
    elements = [
        {
            "@type": "ListItem",
            "position": number,
            "url": absolute(row.review.get_absolute_url()),
            "name": row.review.title,
        }
        for number, row in enumerate(page.rows, 1)
    ]
    return [{"@type": "ItemList", "name": item.title, "numberOfItems": len(elements), "itemListElement": elements}]
