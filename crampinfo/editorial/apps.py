"""The editorial app."""

from django.apps import AppConfig


class EditorialConfig(AppConfig):
    """Layer 2."""

    name = "crampinfo.editorial"
    label = "editorial"
    verbose_name = "Publishing"

    def ready(self) -> None:
        """Connect the gate's rules, the guards of live objects, pictures and ledger, links."""
        from crampinfo.editorial import (  # noqa: F401, PLC0415  (models must be loaded first)
            boxes,
            datarules,
            evidencerules,
            guard,
            linkindex,
            notes,
            pagerules,
            pictureuse,
            publications,
            redirects,
            rules,
            tasks,
            textrules,
            whereused,
            workflow,
        )
