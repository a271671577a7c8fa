"""The article models, one noun a file."""

from articles.models.article import Article, FaqEntry
from articles.models.comment import Comment, CommentState, RejectionReason
from articles.models.page import PAGE_SLUGS, Figure, Page, PageStep
from articles.models.question import Question
from articles.models.written import Written

__all__ = [
    "PAGE_SLUGS",
    "Article",
    "Comment",
    "CommentState",
    "FaqEntry",
    "Figure",
    "Page",
    "PageStep",
    "Question",
    "RejectionReason",
    "Written",
]
