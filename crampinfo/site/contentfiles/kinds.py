"""The table of kinds: their names in files, in which form they come, what they may say, in the order of loading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crampinfo.site.contentfiles import markdown
from crampinfo.site.contentfiles.fields import Desk
from crampinfo.site.contentfiles.items import facts, judgement, words
from crampinfo.site.contentfiles.reading import Item

Reader = Callable[[str, int, Desk], markdown.Body]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. plural is what a *.yaml file with a list of them writes; body reads the text of a *.md file of one."""

    name: str
    plural: str
    item: type[Item]
    body: Reader | None = None

    @property
    def is_text(self) -> bool:
        """Whether it comes as a *.md file."""
        return self.body is not None


ALL: tuple[Kind, ...] = (
    Kind("topic", "topics", facts.Topic),
    Kind("reference", "references", facts.Reference),
    Kind("evidence", "evidence", facts.Evidence),
    Kind("author", "authors", facts.Author, markdown.plain),
    Kind("brand", "brands", facts.Brand),
    Kind("merchant", "merchants", facts.Merchant),
    Kind("programme", "programmes", facts.Programme),
    Kind("product", "products", facts.Product, markdown.plain),
    Kind("conflict", "conflicts", facts.Conflict),
    Kind("methodology", "methodologies", judgement.Methodology),
    Kind("slot", "slots", facts.Slot),
    Kind("review", "reviews", judgement.Review, markdown.body),
    Kind("ranking", "rankings", judgement.Ranking),
    Kind("placement", "placements", facts.Placement),
    Kind("article", "articles", words.Article, markdown.body),
    Kind("question", "questions", words.Question, markdown.body),
    Kind("page", "pages", words.Page, markdown.body),
)
TEXTS = {kind.name: kind for kind in ALL if kind.is_text}
LISTS = {kind.plural: kind for kind in ALL if not kind.is_text}
BY_NAME = {kind.name: kind for kind in ALL}


def hint(word: str, is_markdown: bool) -> str:
    """What to do about a kind that this form of file does not take, where that can be told."""
    other = LISTS.get(word) or next((kind for kind in LISTS.values() if kind.name == word), None)
    if is_markdown and other is not None:
        return f" A {other.name} has no body: it belongs in a *.yaml file with kind: {other.plural} and items."
    text = TEXTS.get(word) or next((kind for kind in TEXTS.values() if kind.plural == word), None)
    if not is_markdown and text is not None:
        return f" A {text.name} has a body: it belongs in a *.md file of its own with kind: {text.name}."
    return ""
