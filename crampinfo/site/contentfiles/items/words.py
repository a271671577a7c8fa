"""Kinds of content that are words: guides, questions, pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from articles.models import Figure
from crampinfo.site.contentfiles.fields import Choice, File, Picture, Ref
from crampinfo.site.contentfiles.items.common import (
    Demo,
    Language,
    Line,
    Name,
    Points,
    Products,
    Prose,
    Published,
    References,
    Topics,
    YesNo,
)
from crampinfo.site.contentfiles.markdown import Body
from crampinfo.site.contentfiles.reading import Item, One, Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlags(Item):
    """The signs with which one does not wait."""

    emergency: Points = ()
    today: Points = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadPicture(Item):
    """The picture of a text: a file beside this one, what it shows, and whose it is."""

    file: Annotated[Picture, File()]
    alt: Line
    credit: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faq(Item):
    """A question with its short answer at the end of a guide."""

    question: Line
    answer: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Item):
    """What guides and questions share."""

    slug: Name
    title: Line
    short_title: Line = ""
    language: Language
    summary: Line
    author: Annotated[str, Ref("author")]
    topic: Annotated[str, Ref("topic")]
    topics: Topics = ()
    published: Published = None
    key_answer: Prose
    evidence: Annotated[str, Ref("evidence")] = ""
    picture: Annotated[LeadPicture | None, One(LeadPicture)] = None
    red_flags: Annotated[RedFlags | None, One(RedFlags)] = None
    urgent: YesNo = False
    button_slot: Annotated[str, Ref("slot")] = ""
    products: Products = ()
    references: References = ()
    demo: Demo = False
    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(Written):
    """A guide."""

    translation_of: Annotated[str, Ref("article")] = ""
    faq: Annotated[tuple[Faq, ...], Parts(Faq)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Written):
    """A question with its answers."""

    translation_of: Annotated[str, Ref("question")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Item):
    """One numbered step of a page."""

    title: Line
    text: Line
    figure: Annotated[str, Choice(tuple(Figure.values))] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Item):
    """A page of the site's own."""

    slug: Name
    title: Line
    summary: Line
    language: Language
    published: Published = None
    steps: Annotated[tuple[Step, ...], Parts(Step)] = ()
    red_flags: Annotated[RedFlags | None, One(RedFlags)] = None
    demo: Demo = False
    body: Body
