"""Path converters."""

from __future__ import annotations


class UnicodeSlug:
    """Letters of any script, digits, hyphens and underscores, at most 80 of them."""

    regex = r"[-\w]{1,80}"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands; Django percent-encodes it."""
        return value
