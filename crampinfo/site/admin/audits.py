"""Audits of the site: written by the system, read by everybody who writes here."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.admin import HouseAdmin
from crampinfo.editorial.admin.base import ReadOnly
from crampinfo.site.models import AuditRun


@admin.register(AuditRun)
class AuditRunAdmin(ReadOnly, HouseAdmin):
    """One run with its findings by rule and page."""

    list_display = ("at", "blocking", "warnings", "pages", "links", "seconds")
    list_filter = ("at",)
    search_fields = ("findings",)
    date_hierarchy = "at"
    fields = (("at", "seconds"), ("pages", "links"), ("blocking", "warnings"), "by_rule")
    readonly_fields = ("by_rule",)

    @admin.display(description=_("Findings by rule and page"))
    def by_rule(self, run: AuditRun) -> SafeString:
        """A table a rule."""
        rules: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for one in run.findings:
            rules[one["rule"]].append(one)
        return render_to_string("admin/audit_findings.html", {"rules": dict(sorted(rules.items()))})
