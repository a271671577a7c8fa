"""The products app."""

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    """See the package's docstring for its layer."""

    name = "products"

    def ready(self) -> None:
        """Connect the gate's rules, what forgets remembered ways out, and what goes on record."""
        from products import (  # noqa: F401, PLC0415  (models must be loaded first)
            exits,
            onrecord,
            pagerules,
            rules,
            stockchanges,
            uses,
        )
