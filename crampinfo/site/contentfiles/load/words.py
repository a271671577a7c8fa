"""Loading words: guides, questions, pages."""

from __future__ import annotations

from typing import Any

from articles.models import Article, Page, Question
from crampinfo.editorial.models import Picture
from crampinfo.site.contentfiles.items import words
from crampinfo.site.contentfiles.load import texts
from crampinfo.site.contentfiles.load.desk import Desk
from crampinfo.site.contentfiles.problems import Problem, Rejected


def written(desk: Desk, item: words.Written, obj: Article | Question) -> None:
    """A guide or a question, with its reference list."""
    body = texts.html(item, item.body, desk.lookup, desk.album)
    desk.fill(obj, item, body=body, picture=_picture(desk, item), **_red_flags(item.red_flags))
    desk.many(obj, item)
    texts.cite(obj, item, desk.lookup)


def article(desk: Desk, item: words.Article, obj: Article) -> None:
    """A guide with its FAQ."""
    written(desk, item, obj)
    desk.children(obj, "faq", item.faq, "question")


def page(desk: Desk, item: words.Page, obj: Page) -> None:
    """A page with its steps; it has no reference list."""
    if item.body.citations:
        names = ", ".join(item.body.citations)
        sentence = f"A page has no reference list, so it can't cite {names}: name the source in words, or link to it."
        raise Rejected([Problem(item.where.file, item.body.line, sentence)])
    desk.fill(obj, item, body=texts.html(item, item.body, desk.lookup, desk.album), **_red_flags(item.red_flags))
    desk.children(obj, "steps", item.steps, "position")


def _picture(desk: Desk, item: words.Written) -> Picture | None:
    """The picture of the text, taken into the library."""
    lead = item.picture
    return desk.album.take(lead.file, lead.alt, item, lead.credit) if lead is not None else None


def _red_flags(item: words.RedFlags | None) -> dict[str, Any]:
    return {
        "red_flags_emergency": "\n".join(item.emergency) if item else "",
        "red_flags_today": "\n".join(item.today) if item else "",
    }
