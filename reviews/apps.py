"""The reviews app."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Layer 4."""

    name = "reviews"

    def ready(self) -> None:
        """Connect the listener, the gate's rules, the rules of bookings, and what puts judgement on record."""
        from reviews import (  # noqa: F401, PLC0415  (models must be loaded first)
            bookings,
            listeners,
            onrecord,
            originality,
            pagerules,
            rules,
            uses,
        )
