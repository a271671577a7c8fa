"""The articles app."""

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    """Layer 5."""

    name = "articles"

    def ready(self) -> None:
        """Connect the gate's rules, and say what texts use."""
        from articles import rules, uses  # noqa: F401, PLC0415  (models must be loaded first)
