"""Addresses of the whole site."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path
from django.views.decorators.http import require_safe
from health_check.views import HealthCheckView

from crampinfo.site import expertpages, exports, feeds, views
from crampinfo.site.sitemaps import SITEMAPS

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search_page, name="search"),
    path("transparency/", views.transparency, name="transparency"),
    path("transparency/schema/", exports.schema, name="schema"),
    path("transparency/ledger.jsonl", exports.ledger_file, name="ledger"),
    path("transparency/verify_ledger.py", exports.script, name="verify-ledger"),
    path("feed/", require_safe(feeds.NewestFeed()), name="feed"),
    path("sitemap.xml", require_safe(sitemap), {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/gpc.json", views.gpc, name="gpc"),
    path("expert/<str:key>/", expertpages.reading, name="expert"),
    path("expert/<str:key>/text/", expertpages.text, name="expert-text"),
    path("media/<path:path>", views.media, name="media"),
    path("healthz", views.healthz, name="healthz"),
    path(
        "readyz",
        HealthCheckView.as_view(checks=["health_check.checks.Database", "health_check.checks.Cache"]),
        name="readyz",
    ),
]
