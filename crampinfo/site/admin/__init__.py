"""The admin of the whole site: its home, its accounts, its moved addresses, its audits."""

from crampinfo.site.admin import accounts, attempts, audits, moved

__all__ = ["accounts", "attempts", "audits", "moved"]
