"""System checks: mistakes in the deployment that must be seen before readers see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections, models


def demo_models() -> Iterator[type[models.Model]]:
    """Every model whose rows can be marked as invented."""
    return (model for model in apps.get_models() if any(field.name == "is_demo" for field in model._meta.get_fields()))


def _with_table(alias: str) -> Iterator[type[models.Model]]:
    """Those whose table is there: the first migration of a new site runs these checks on an empty database."""
    tables = set(connections[alias].introspection.table_names())
    return (model for model in demo_models() if model._meta.db_table in tables)


@register(Tags.database)
def no_demo_in_production(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Invented rows on a real site are deception (rules.md DEMO-01): `manage.py check --database default` fails."""
    if not settings.PRODUCTION or not databases:
        return []
    found = [
        model._meta.verbose_name_plural
        for alias in databases
        for model in _with_table(alias)
        if model._base_manager.using(alias).filter(is_demo=True).exists()
    ]
    if not found:
        return []
    return [
        Error(
            f"This production site holds demo rows: {', '.join(map(str, found))}.",
            hint="Start production with an empty database, or delete the rows marked demo.",
            id="crampinfo.E001",
        )
    ]


@register(Tags.security, deploy=True)
def influenced_lists(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Paid-for rankings are deceptive in the US even when disclosed."""
    if not settings.ALLOW_INFLUENCED_LISTS:
        return []
    return [
        Warning(
            "ALLOW_INFLUENCED_LISTS is on: payment may change the order of lists.",
            hint="16 CFR 255.4(b)(3) Example 3 holds paid-for rankings deceptive even when disclosed: turn it off.",
            id="crampinfo.W001",
        )
    ]


@register(Tags.security, deploy=True)
def second_factor(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """One password that leaks would be enough to publish, or to turn every paid link elsewhere."""
    if not settings.PRODUCTION or settings.REQUIRE_SECOND_FACTOR:
        return []
    return [
        Warning(
            "REQUIRE_SECOND_FACTOR is off: a password alone lets people publish and change what earns money.",
            hint="Leave REQUIRE_SECOND_FACTOR out of the environment, or set it to 1.",
            id="crampinfo.W002",
        )
    ]
