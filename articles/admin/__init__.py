"""The admin of words."""

from articles.admin import comment, page, seen, written

__all__ = ["comment", "page", "seen", "written"]
