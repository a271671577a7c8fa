"""The site app."""

from django.apps import AppConfig
from django.conf import settings

from crampinfo.lib import catalogues


class SiteConfig(AppConfig):
    """Layer 6: connects what must hear from below and registers the system checks."""

    name = "crampinfo.site"
    label = "site"
    verbose_name = "Site"

    def ready(self) -> None:
        """Register checks and receivers once all models exist, and get the words of each language at hand."""
        from crampinfo.site import checks, listeners, onrecord, roles  # noqa: F401, PLC0415  (models must be loaded first)
        from crampinfo.site.pagecache import listeners as pagelisteners  # noqa: F401, PLC0415
        from crampinfo.site.signin import secondfactor  # noqa: F401, PLC0415

        for language, _name in settings.LANGUAGES:
            catalogues.merge(language)
