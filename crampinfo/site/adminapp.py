"""Django's admin with our site class: in INSTALLED_APPS this stands where django.contrib.admin would."""

from django.contrib.admin.apps import AdminConfig


class CrampInfoAdminConfig(AdminConfig):
    """Modules of all apps are still found by themselves."""

    default_site = "crampinfo.site.desk.Desk"
