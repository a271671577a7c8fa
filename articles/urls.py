"""Addresses of the articles app."""

from django.urls import path, register_converter

from articles import views
from articles.models import PAGE_SLUGS
from crampinfo.lib.converters import UnicodeSlug

register_converter(UnicodeSlug, "uslug")

urlpatterns = [
    path("guides/", views.article_list, name="article-list"),
    path("guides/<uslug:slug>/", views.article, name="article"),
    path("questions/", views.question_list, name="question-list"),
    path("questions/<uslug:slug>/", views.question, name="question"),
    path("topics/", views.topic_list, name="topic-list"),
    path("topics/<uslug:slug>/", views.topic, name="topic"),
    path("authors/", views.author_list, name="author-list"),
    path("authors/<uslug:slug>/", views.author, name="author"),
    *(path(f"{slug}/", views.page, {"slug": slug}, name=f"page-{slug}") for slug in PAGE_SLUGS),
]
