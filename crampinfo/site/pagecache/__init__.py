"""Finished pages around the application: anonymous GETs answered from memory, compressed, without a query.

The map: asking (what a request asks for), page (finished bytes and how they are handed out), memory and redisstore
(where pages are kept), news (what changed, told to every process), changes (which tags a change means), timetable (what
changes by the clock), spare (copies without offers for an outage), application (all of it around the application).
"""

from crampinfo.site.pagecache.application import PageCache
from crampinfo.site.pagecache.asking import KNOWN, PASSED, query_of
from crampinfo.site.pagecache.news import purge

__all__ = ["KNOWN", "PASSED", "PageCache", "purge", "query_of"]
