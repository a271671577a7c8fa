"""The admin of facts and money."""

from products.admin import catalogue, earnings, feeds, links, offers, placement, programmes

__all__ = ["catalogue", "earnings", "feeds", "links", "offers", "placement", "programmes"]
