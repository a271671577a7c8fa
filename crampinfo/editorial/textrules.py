"""What the publish gate asks of a text as a whole: its language, its byline's portrait, and that it is the only one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from crampinfo.editorial import gate, passages, showing
from crampinfo.editorial.findings import Finding, Severity
from crampinfo.editorial.gate import Step
from crampinfo.editorial.models import Author, Publishable, State
from crampinfo.lib import tongue


@gate.rule(Publishable)
def language_is_its_own(instance: Publishable) -> Iterator[Finding]:
    """A text is in the language it says it is in, which its page's chrome follows (A11Y-09, SC 3.1.1)."""
    for passage in passages.of(instance):
        found = tongue.guess(passage.text) if passages.spoken(passage) and "." not in passage.field else ""
        if found and found != instance.language.split("-")[0]:
            yield Finding(
                "A11Y-09",
                Severity.BLOCK,
                passage.field,
                passage.text[:60],
                _("These words are in another language (%(found)s) than the text says it is in (%(said)s):")
                % {"found": found, "said": instance.language},
                _("Choose the text's language, or translate it."),
            )


@gate.rule(Publishable, Step.RELATIONS)
def portrait(instance: Any) -> Iterator[Finding]:
    """The portrait beside a byline is its author's: nobody else's picture, and nobody else's name on it."""
    author = getattr(instance, "author", None) if getattr(instance, "author_id", None) else None
    if author is None or author.portrait_id is None:
        return
    columns = ("pk", "name", "portrait", "portrait__digest", "portrait__alt", "portrait__credit")
    people = list(Author.objects.values_list(*columns))
    mine = next(person for person in people if person[0] == author.pk)
    words = f"{mine[4]} {mine[5]}".lower()
    for key, name, picture, digest, *_words in people:
        if key != author.pk and (picture == mine[2] or (digest and digest == mine[3]) or name.lower() in words):
            yield Finding(
                "SEO-YMYL-01",
                Severity.BLOCK,
                "author",
                name,
                _("The portrait of %(author)s is another person's:") % {"author": author},
                _("Choose the right picture on the author's page."),
            )


@gate.rule(Publishable, Step.RELATIONS)
def the_only_one(instance: Any) -> Iterator[Finding]:
    """No other live page has the same title or description (SEO-TECH-01)."""
    title, summary = str(getattr(instance, "title", "")).strip(), str(getattr(instance, "summary", "")).strip()
    rows = [found for kind in showing.publishables() for found in _same(instance, kind, title, summary)]
    first, *others = rows
    for other_title, other_summary, name in first.union(*others):
        for field, mine, theirs in (("title", title, other_title), ("summary", summary, other_summary)):
            if mine and mine.lower() == theirs.strip().lower():
                yield Finding(
                    "SEO-TECH-01",
                    Severity.BLOCK,
                    field,
                    mine,
                    _("Another live page (%(name)s) says the same:") % {"name": name},
                    _("Say what is particular to this page."),
                )


def _same(instance: Publishable, kind: type[Publishable], title: str, summary: str) -> Iterator[QuerySet]:
    """Live pages of a kind with the same title or summary: title, summary, and the kind's name."""
    named = _column(kind, "title", "product__name")
    if not named:
        return
    live = kind._default_manager.filter(state=State.PUBLISHED, language=instance.language).order_by()
    if isinstance(instance, kind):
        live = live.exclude(pk=instance.pk)
    text = CharField()
    found = live.filter(Q(**{f"{named}__iexact": title}) | Q(summary__iexact=summary))
    yield found.values_list(
        Cast(F(named), text), Cast(F("summary"), text), Value(str(kind._meta.verbose_name), output_field=text)
    )


def _column(kind: type[Publishable], name: str, otherwise: str) -> str:
    """Where a kind keeps its title."""
    try:
        kind._meta.get_field(name)
    except FieldDoesNotExist:
        return otherwise if hasattr(kind, "product_id") else ""
    return name
