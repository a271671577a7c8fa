"""Guides, questions, topics, authors and the site's own pages."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles import commerce, jsonld, related
from articles.models import Article, FaqEntry, Page, Question, Written
from crampinfo.editorial import citations, pages, paging
from crampinfo.editorial.citations import Numbering
from crampinfo.editorial.models import Author, Topic
from crampinfo.lib import shown
from crampinfo.lib.prepared import Prepared
from products.models import ConflictDeclaration
from reviews.models import Review

# How many texts of one kind a topic's or author's page names; the index pages and search hold the rest.
MANY = 50
SECTIONS = {"article": ("guides", "/guides/"), "question": ("questions", "/questions/")}
LABELS = {"article": lambda: _("Guides"), "question": lambda: _("Questions")}


@require_safe
def article_list(request: HttpRequest) -> HttpResponse:
    """Guides, newest first."""
    dek = _("What is known about leg cramps, with every figure and its source.")
    return _index(request, "articles/article_list.html", Article.objects.all(), "article", dek)


@require_safe
def question_list(request: HttpRequest) -> HttpResponse:
    """Questions, newest first."""
    dek = _("Short answers first, then the long ones.")
    return _index(request, "articles/question_list.html", Question.objects.all(), "question", dek)


@require_safe
@shown.exact
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """A guide."""
    found = _found(Article, slug)
    return _written(request, "articles/article.html", found, "article", {"faq": _faq.rows(article=found.pk)})


@require_safe
@shown.exact
def question(request: HttpRequest, slug: str) -> HttpResponse:
    """A question with its short and its long answer."""
    return _written(request, "articles/question.html", _found(Question, slug), "question", {})


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of the site's own; the one called now has a shape of its own."""
    found = get_object_or_404(Page.objects.published().prefetch_related("steps"), slug=slug)
    trail = [] if slug == "now" else [(found.title, None)]
    head = pages.head(
        title=found.title,
        description=found.summary,
        path=found.get_absolute_url(),
        language=found.language,
        trail=trail,
        demo=found.is_demo,
        section="now" if slug == "now" else "",
    )
    return pages.render(
        request, "articles/now.html" if slug == "now" else "articles/page.html", head, {"content": found}
    )


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    """Every topic."""
    head = pages.head(
        title=_("Topics"),
        description=_("Everything here, by subject."),
        path="/topics/",
        trail=[(_("Topics"), None)],
        demo=Article.objects.published().filter(is_demo=True).exists(),
    )
    return pages.render(request, "articles/topic_list.html", head, {"topics": Topic.objects.all()})


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """What we have on one subject."""
    found = get_object_or_404(Topic, slug=slug)
    context = {
        "topic": found,
        "articles": list(Article.objects.published().filter(topic=found)[:MANY]),
        "questions": list(Question.objects.published().filter(topic=found)[:MANY]),
        "reviews": [] if found.sensitive else list(_reviews().filter(product__topics=found)[:MANY]),
    }
    rows = [row for kind in ("articles", "questions", "reviews") for row in context[kind]]  # type: ignore[attr-defined]
    with translation.override(found.language):
        head = pages.head(
            title=found.name,
            description=found.description,
            path=found.get_absolute_url(),
            language=found.language,
            trail=[(_("Topics"), "/topics/"), (found.name, None)],
            demo=any(row.is_demo for row in rows),
            indexable=bool(rows),
        )
    return pages.render(request, "articles/topic.html", head, context)


@require_safe
def author_list(request: HttpRequest) -> HttpResponse:
    """Who writes here."""
    authors = list(Author.objects.select_related("portrait"))
    head = pages.head(
        title=_("Authors"),
        description=_("Who writes and reviews here."),
        path="/authors/",
        trail=[(_("Authors"), None)],
        demo=any(author.is_demo for author in authors),
    )
    return pages.render(request, "articles/author_list.html", head, {"authors": authors})


@require_safe
def author(request: HttpRequest, slug: str) -> HttpResponse:
    """A person: role, qualifications and who checked them, conflicts of interest, what they wrote."""
    conflicts = Prefetch("conflicts", ConflictDeclaration.objects.select_related("brand"))
    found = get_object_or_404(
        Author.objects.select_related("portrait").prefetch_related("credentials", conflicts), slug=slug
    )
    head = pages.head(
        title=found.name,
        description=f"{found.name}, {found.role}",
        path=found.get_absolute_url(),
        demo=found.is_demo,
        trail=[(_("Authors"), "/authors/"), (found.name, None)],
        nodes=[jsonld.profile(found)],
    )
    context = {
        "author": found,
        "articles": Article.objects.published().filter(author=found)[:MANY],
        "questions": Question.objects.published().filter(author=found)[:MANY],
        "reviews": _reviews().filter(author=found)[:MANY],
    }
    return pages.render(request, "articles/author.html", head, context)


def _reviews() -> Any:
    return Review.objects.published().select_related("product__brand")


def _index(request: HttpRequest, template: str, rows: Any, kind: str, dek: str) -> HttpResponse:
    section, path = SECTIONS[kind]
    title = LABELS[kind]()
    part = paging.newest_first(rows.published().select_related("topic"), request.GET)
    demo = any(row.is_demo for row in part.rows)
    head = pages.head(
        title=title,
        description=dek,
        path=path,
        section=section,
        trail=[(title, None)],
        demo=demo,
        indexable=part.is_first,
    )
    return pages.render(request, template, head, {"part": part, "dek": dek})


def _with_everything(model: Any) -> Any:
    """The live rows of a kind of Written with what their page needs, in one query."""
    translated = model.objects.published().filter(translation_of=OuterRef("pk"))
    return (
        model.objects.published()
        .with_disclosures()
        .annotate(
            translated_slug=Subquery(translated.values("slug")[:1]),
            translated_language=Subquery(translated.values("language")[:1]),
        )
        .select_related(
            "author__portrait",
            "topic",
            "evidence__reference",
            "evidence__outcome",
            "medical_review__reviewer",
            "translation_of",
            "button_slot__topic",
            "picture",
        )
    )


_by_slug = Prepared(lambda model, slug: _with_everything(model).filter(slug=slug))
_faq = Prepared(lambda article: FaqEntry.objects.filter(article=article))


def _found(model: type[Written], slug: str) -> Any:
    """The live text at an address, with what its page needs."""
    found = _by_slug.first(model=model, slug=slug)
    if found is None:
        raise Http404
    return found


def _written(request: HttpRequest, template: str, text: Written, kind: str, more: dict[str, Any]) -> HttpResponse:
    section, path = SECTIONS[kind]
    with translation.override(text.language):
        trade = commerce.of(text, f"{kind}-{text.slug}")
        head = pages.head(
            title=text.title,
            description=text.summary,
            path=text.get_absolute_url(),
            language=text.language,
            section=section,
            trail=[(LABELS[kind](), path), (text.short_title or text.title, None)],
            alternates=_alternates(text, kind),
            demo=text.is_demo,
            nodes=[jsonld.article(text)],
            kind="article",
            image=jsonld.address(text.picture),
        )
        context = {
            "text": text,
            "numbering": Numbering(citations.of(text)),
            "related": related.to(text),
            "money": trade.money,
            "body_offers": trade.offers,
            "button": trade.button,
            **more,
        }
        return pages.render(request, template, head, context)


def _alternates(text: Written, kind: str) -> list[tuple[str, str]]:
    """This page and its translation, each naming both, as hreflang wants it."""
    original = text.translation_of
    if original is not None and original.is_live:
        other = (original.language, original.get_absolute_url())
    elif getattr(text, "translated_slug", None):
        other = (text.translated_language, reverse(kind, args=[text.translated_slug]))
    else:
        return []
    return [(text.language, text.get_absolute_url()), other]
