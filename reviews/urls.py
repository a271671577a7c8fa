"""Addresses of the reviews app."""

from django.urls import path

from reviews import exportviews, views

urlpatterns = [
    path("reviews/", views.review_list, name="review-list"),
    path("reviews/<uslug:slug>/", views.review, name="review"),
    path("lists/", views.ranking_list, name="ranking-list"),
    path("lists/<uslug:slug>/", views.ranking, name="ranking"),
    path("lists/<uslug:slug>/list.json", exportviews.as_json, name="ranking-json"),
    path("lists/<uslug:slug>/list.csv", exportviews.as_csv, name="ranking-csv"),
    path("lists/<uslug:slug>/changes.atom", exportviews.changes, name="ranking-changes"),
    path("compare/", views.compare, name="compare"),
    path("methodology/", views.methodology_list, name="methodology-list"),
    path("methodology/<uslug:slug>/", views.methodology, name="methodology"),
    path("brands/", views.brand_list, name="brand-list"),
    path("brands/<uslug:slug>/", views.brand, name="brand"),
]
