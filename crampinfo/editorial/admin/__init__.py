"""The admin of what every app is published with, and the bases that the other apps' admins build on."""

from crampinfo.editorial.admin.base import AppendOnly, HouseAdmin, HouseInline, HouseStack, ReadOnly, ValuesFilter
from crampinfo.editorial.admin.panel import Use
from crampinfo.editorial.admin.people import AuthorAdmin
from crampinfo.editorial.admin.pictures import PictureAdmin
from crampinfo.editorial.admin.previewing import Previewed
from crampinfo.editorial.admin.publishable import PublishableAdmin
from crampinfo.editorial.admin.records import LedgerEntryAdmin
from crampinfo.editorial.admin.seen import seen_on
from crampinfo.editorial.admin.shown import ShownAdmin
from crampinfo.editorial.admin.sources import CitationInline
from crampinfo.editorial.admin.transfer import TransferAdmin

__all__ = [
    "AppendOnly",
    "AuthorAdmin",
    "CitationInline",
    "HouseAdmin",
    "HouseInline",
    "HouseStack",
    "LedgerEntryAdmin",
    "PictureAdmin",
    "Previewed",
    "PublishableAdmin",
    "ReadOnly",
    "ShownAdmin",
    "TransferAdmin",
    "Use",
    "ValuesFilter",
    "seen_on",
]
