"""Addresses of the affiliate desk."""

from django.urls import path

from crampinfo.site.affiliates import adpreview, calendar, ending, imports, reports

urlpatterns = [
    path("reports/", reports.report, name="desk-reports"),
    path("conversions/", imports.conversion_file, name="desk-conversions"),
    path("old-links/", imports.old_links, name="desk-old-links"),
    path("calendar/", calendar.month, name="desk-calendar"),
    path("calendar/invoices/", calendar.invoices, name="desk-invoices"),
    path("placements/<int:key>/page/", adpreview.shown, name="desk-ad-preview"),
    path("merchants/<int:key>/ending/", ending.merchant, name="desk-merchant-ending"),
    path("programmes/<int:key>/ending/", ending.programme, name="desk-programme-ending"),
    path("programmes/<int:key>/pause/", ending.pause, name="desk-programme-pause"),
]
