"""Structured data of guides, questions and authors: only what the page shows (rules.md section 6)."""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.templatetags.static import static

from articles.models import Written
from crampinfo.editorial.models import Author, Picture
from crampinfo.editorial.pages import absolute
from crampinfo.lib import jsonld


def address(picture: Picture | None) -> str:
    """The absolute address of a picture's file, '' for none."""
    return absolute_file(picture.file.url) if picture is not None else ""


def absolute_file(url: str) -> str:
    """The absolute address of a file as a page names it."""
    return urljoin(f"{settings.SITE_URL}/", url)


def person(author: Author) -> jsonld.Node:
    """An author as a node: name and page."""
    return {"@type": "Person", "name": author.name, "url": absolute(author.get_absolute_url())}


def profile(author: Author) -> jsonld.Node:
    """The page of an author: who this is, what they do here, and where that can be verified (LD-PROF-01)."""
    links = [item.link for item in author.credentials.all()]
    return {
        "@type": "ProfilePage",
        "mainEntity": {**person(author), "jobTitle": author.role, "sameAs": links, "image": address(author.portrait)},
    }


def organisation() -> jsonld.Node:
    """This site as a publisher; it carries no rating of itself (LD-REV-04)."""
    return {
        "@type": "Organization",
        "@id": f"{settings.SITE_URL}/#organisation",
        "name": settings.SITE_NAME,
        "url": f"{settings.SITE_URL}/",
        "logo": f"{settings.SITE_URL}{static('img/favicon.svg')}",
        "contactPoint": {"@type": "ContactPoint", "url": absolute("/contact/")},
        "publishingPrinciples": absolute("/about/"),
        "correctionsPolicy": absolute("/corrections/"),
        "ethicsPolicy": absolute("/transparency/"),
    }


def article(text: Written) -> jsonld.Node:
    """A guide or question as an Article; an editorial answer is not a QAPage (LD-QA-01).

    Its image is the picture on the page and none where there is none (LD-ART-01, LD-00).
    """
    review = text.reviewed
    return {
        "@type": "MedicalWebPage" if review else "Article",
        "headline": text.title,
        "image": [address(text.picture)] if text.picture is not None else [],
        "inLanguage": text.language,
        "url": absolute(text.get_absolute_url()),
        "datePublished": jsonld.iso(text.first_published_at),
        "dateModified": jsonld.iso(text.content_changed_at) if text.shows_updated else None,
        "author": [person(text.author)],
        "publisher": organisation(),
        "reviewedBy": person(review.reviewer) if review else None,
        "lastReviewed": review.reviewed_on.isoformat() if review else None,
    }
