"""Smaller copies of a picture for the sizes a page asks for; the worker makes them (see crampinfo.editorial.tasks)."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, NotRequired, TypedDict

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from PIL import Image, features

from crampinfo.editorial import signals
from crampinfo.editorial.models import Picture

WIDTHS = (96, 320, 640, 960, 1280)
"""Pixels: two sizes of portrait, then a phone, a column and a column on a fine screen."""

_ENCODING: dict[str, dict[str, int]] = {"avif": {"quality": 60, "speed": 6}, "webp": {"quality": 80, "method": 4}}
_Key = tuple[str, int]


class Rendition(TypedDict):
    """One entry of Picture.renditions; name is where the storage keeps it, bytes what it weighs."""

    format: str
    width: int
    height: int
    name: str
    bytes: NotRequired[int]  # copies of an earlier release don't say it


def make_renditions(picture: Picture) -> list[Rendition]:
    """Make the AVIF and WebP copies the picture lacks, list all on its row and return the list.

    Doing it again changes nothing. A picture deleted meanwhile is no error: nothing is left behind and the list is
    empty. Raises FileNotFoundError when the row is there and its original is not.
    """
    wanted = _wanted(picture)
    kept = _kept(picture, wanted)
    missing = [key for key in wanted if key not in kept]
    if missing or len(kept) != len(picture.renditions):
        kept = _complete(picture, missing)
    return _in_order(kept)


def store(storage: Storage, name: str, data: bytes) -> str:
    """Write data under name, or a free name close to it, and return the name it got."""
    free = storage.get_available_name(name)
    try:
        return storage.save(free, ContentFile(data))
    except OSError:
        storage.delete(free)  # a full disk leaves half a file
        raise


def left_over(now: datetime) -> list[str]:
    """Files in the pictures' folder that no row names and that are older than a day: a crash between file and row."""
    field: Any = Picture._meta.get_field("file")
    folder, storage = field.upload_to, field.storage
    named: set[str] = set()
    for name, renditions in Picture.objects.values_list("file", "renditions").iterator():
        named |= {name, *(entry["name"] for entry in renditions)}
    try:
        _folders, files = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever uploaded
        return []
    unnamed = (f"{folder}{name}" for name in files if f"{folder}{name}" not in named)
    return [name for name in unnamed if storage.get_modified_time(name) < now - timedelta(days=1)]


def _wanted(picture: Picture) -> list[_Key]:
    """Every (format, width): the fixed widths below the original's own, and that one as long as it is not huge."""
    top = min(picture.width, WIDTHS[-1])
    widths = [*(width for width in WIDTHS if width < top), top]
    return [(form, width) for form in _ENCODING if features.check(form) for width in widths]


def _kept(picture: Picture, wanted: list[_Key]) -> dict[_Key, Rendition]:
    """The listed renditions that are wanted, made from the present original, and still in the storage."""
    listed: dict[_Key, Rendition] = {(entry["format"], entry["width"]): entry for entry in picture.renditions}
    stem = _stem(picture)
    exists = picture.file.storage.exists
    return {
        key: entry
        for key, entry in listed.items()
        if key in wanted and entry["name"].startswith(stem) and exists(entry["name"])
    }


def _complete(picture: Picture, missing: list[_Key]) -> dict[_Key, Rendition]:
    """Write the missing files, then bring the row up to date in one step, or leave no trace."""
    storage = picture.file.storage
    try:
        with storage.open(str(picture.file.name)) as file, Image.open(file) as original:
            original.load()
    except FileNotFoundError:
        if Picture.objects.filter(pk=picture.pk).exists():
            raise
        return {}
    with ExitStack() as undo:
        made: dict[_Key, Rendition] = {}
        for key in missing:
            made[key] = _make(picture, original, *key)
            undo.callback(storage.delete, made[key]["name"])
        with transaction.atomic():
            row = Picture.objects.select_for_update().filter(pk=picture.pk, file=picture.file.name).first()
            if row is None:
                return {}
            entries = made | _kept(row, _wanted(row))  # another worker may have been quicker: its files stay
            picture.renditions = _in_order(entries)
            Picture.objects.filter(pk=row.pk).update(renditions=picture.renditions)
            signals.announce(picture)
        undo.pop_all()
    for key, entry in made.items():
        if entries[key]["name"] != entry["name"]:
            storage.delete(entry["name"])
    return entries


def _make(picture: Picture, original: Image.Image, form: str, width: int) -> Rendition:
    height = max(1, round(original.height * width / original.width))
    size = (width, height)
    copy = original if size == original.size else original.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    buffer = BytesIO()
    copy.save(buffer, form.upper(), **_ENCODING[form])
    data = buffer.getvalue()
    name = store(picture.file.storage, f"{_stem(picture)}{width}.{form}", data)
    return {"format": form, "width": width, "height": height, "name": name, "bytes": len(data)}


def _stem(picture: Picture) -> str:
    return f"{str(picture.file.name).rpartition('.')[0]}-"


def _in_order(entries: dict[_Key, Rendition]) -> list[Rendition]:
    return [entries[key] for key in sorted(entries)]
