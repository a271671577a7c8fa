"""What texts bring with them while they are loaded: pictures, offers in links, reference lists."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from crampinfo.editorial import pictures
from crampinfo.editorial.models import Citation
from crampinfo.editorial.models import Picture as StoredPicture
from crampinfo.site.contentfiles.fields import CITATION, Picture
from crampinfo.site.contentfiles.load.lookup import Lookup
from crampinfo.site.contentfiles.markdown import Body
from crampinfo.site.contentfiles.problems import Problem, Rejected
from crampinfo.site.contentfiles.reading import Item


class Album:
    """The pictures taken in, so that their files can go when nothing of the import stays."""

    def __init__(self) -> None:
        self._taken: list[StoredPicture] = []

    def take(self, picture: Picture, alt: str, item: Item, credit: str = "") -> StoredPicture:
        """Store a picture. Raises Rejected."""
        try:
            data = picture.path.read_bytes()
            is_demo = bool(getattr(item, "demo", False))
            stored = pictures.ingest(data, name=picture.name, alt=alt, credit=credit, is_demo=is_demo)
        except pictures.PictureError as error:
            raise Rejected([Problem(item.where.file, picture.line, f"{picture.name}: {error}")]) from error
        self._taken.append(stored)
        return stored

    def drop_unused(self) -> None:
        """After a rollback: delete the files that no row names."""
        for stored in self._taken:
            name = str(stored.file.name)
            if not StoredPicture.objects.filter(file=name).exists():
                stored.file.storage.delete(name)


def html(item: Item, body: Body, lookup: Lookup, album: Album) -> str:
    """The body ready to store: offers and pictures by number. Raises Rejected with all problems."""
    problems: list[Problem] = []
    numbers: dict[str, int] = {}
    images: list[str] = []
    for mention in body.offers:
        offer = lookup.offer(*mention.slug.split("/"))
        if offer is None:
            sentence = f"There is no offer {mention.slug}: the product has none at this merchant. Add one."
            problems.append(Problem(item.where.file, mention.line, sentence))
        else:
            numbers[mention.slug] = offer.pk
    for picture in body.pictures:
        try:
            stored = album.take(picture, picture.alt, item)
        except Rejected as rejected:
            problems += rejected.problems
        else:
            images.append(f'data-picture="{stored.pk}"')
    if problems:
        raise Rejected(problems)
    return body.finished(numbers.__getitem__, images.__getitem__)


def cite(obj: Any, item: Item, lookup: Lookup) -> None:
    """Make the reference list what the item lists, then what its texts cite besides."""
    slugs = dict.fromkeys(getattr(item, "references", ()))
    for slug in _cited(item):
        slugs.setdefault(slug)
    existing = {citation.reference_id: citation for citation in obj.citations.all()}
    for position, slug in enumerate(slugs, 1):
        reference = lookup.get("reference", slug)
        citation = existing.pop(reference.pk, None) or Citation(content=obj, reference=reference)
        citation.position = position
        citation.save()
    for citation in existing.values():
        citation.delete()


def _cited(item: Item) -> list[str]:
    """The references that an item's texts cite, in the order of its fields, its parts included."""
    found: list[str] = []
    for each in fields(item):
        value = getattr(item, each.name)
        if isinstance(value, Body):
            found += value.citations
        elif isinstance(value, str):
            found += CITATION.findall(value)
        elif isinstance(value, tuple):
            for part in value:
                found += (
                    _cited(part) if isinstance(part, Item) else CITATION.findall(part) if isinstance(part, str) else []
                )
    return found
