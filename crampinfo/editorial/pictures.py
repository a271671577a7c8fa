"""The door for pictures: what comes in is cleaned (crampinfo.editorial.pixels), saved once, and replaced in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import partial
from hashlib import sha256
from typing import BinaryIO

from django.core.files.storage import Storage
from django.db import transaction
from django.utils.translation import gettext as _

from crampinfo.editorial import pixels, tasks
from crampinfo.editorial.models import Picture
from crampinfo.editorial.pixels import MAX_BYTES, Clean, PictureError, Upload
from crampinfo.editorial.renditions import Rendition, make_renditions, store

__all__ = ["MAX_BYTES", "PictureError", "Rendition", "ingest", "make_renditions"]

_LONGEST_ALT, _LONGEST_CREDIT = 250, 200  # characters, as in the model

# The files written since the innermost files_or_nothing() began: (storage, name) each.
_written: ContextVar[list[tuple[Storage, str]] | None] = ContextVar("written", default=None)


@contextmanager
def files_or_nothing() -> Iterator[None]:
    """Around a transaction: when the block raises, the files that were stored inside it go too."""
    written: list[tuple[Storage, str]] = []
    token = _written.set(written)
    try:
        yield
        written.clear()
    finally:
        _written.reset(token)
        for storage, name in written:
            storage.delete(name)


def ingest(data: bytes | BinaryIO | Upload, *, name: str, alt: str, credit: str = "", is_demo: bool = False) -> Picture:
    """Check, clean and save a picture, and ask the worker for its renditions once the transaction commits.

    Takes JPEG, PNG, WebP, AVIF and GIF, told apart by content; of anything that moves, the first frame only. The name
    serves to find a wrong ending and is then forgotten. What is kept is upright, sRGB, at most 2,400 pixels on the long
    edge, without metadata: a PNG when it has transparency or is line art, otherwise a JPEG.

    The same bytes with the same alt text and demo flag give the picture that is already there, as it is (with a new
    file when its own has been lost). When the row can't be saved, the file goes too; where a *caller* may roll back
    afterwards, files_or_nothing() around it takes the file away again.

    Raises PictureError, whose message is for the person who uploads.
    """
    alt, credit = alt.strip(), credit.strip()
    _check_words(alt, credit)
    raw, kind = pixels.read(data, name)
    known = _known(pixels.digest_of(raw), alt, is_demo)
    if known is not None and _has_file(known):
        return known
    clean = pixels.clean(raw, kind)
    return _save(known or Picture(alt=alt, credit=credit, is_demo=is_demo), clean)


def examine(data: bytes | BinaryIO | Upload, name: str) -> Clean:
    """Check and clean a picture without saving anything: for forms, which save later. Raises PictureError."""
    return pixels.clean(*pixels.read(data, name))


def keep(clean: Clean, *, alt: str, credit: str = "", is_demo: bool = False) -> tuple[Picture, bool]:
    """Save what was examined, as ingest() does; the second value says whether the library had it already."""
    known = _known(clean.digest, alt, is_demo)
    if known is not None and _has_file(known):
        return known, True
    return _save(known or Picture(alt=alt, credit=credit, is_demo=is_demo), clean), False


def replace(picture: Picture, clean: Clean) -> None:
    """Give a picture another file. Its words, focal point and uses stay; the old files go when all is committed."""
    storage, old = picture.file.storage, [str(picture.file.name), *(entry["name"] for entry in picture.renditions)]
    _save(picture, clean)
    transaction.on_commit(partial(_delete, storage, [name for name in old if name != str(picture.file.name)]))


def forget_files(picture: Picture) -> None:
    """Once the row is gone for good, its files go."""
    names = [str(picture.file.name), *(entry["name"] for entry in picture.renditions)]
    transaction.on_commit(partial(_delete, picture.file.storage, names))


def _delete(storage: Storage, names: Iterable[str]) -> None:
    for name in names:
        storage.delete(name)


def _known(digest: str, alt: str, is_demo: bool) -> Picture | None:
    return Picture.objects.filter(digest=digest, alt=alt, is_demo=is_demo).order_by("pk").first()


def _has_file(picture: Picture) -> bool:
    return picture.file.storage.exists(str(picture.file.name))


def _check_words(alt: str, credit: str) -> None:
    if not alt:
        raise PictureError(_("The picture has no alternative text: say in a few words what it shows."))
    for text, limit, label in ((alt, _LONGEST_ALT, _("alternative text")), (credit, _LONGEST_CREDIT, _("credit"))):
        if len(text) > limit:
            raise PictureError(
                _("The %(label)s is longer than %(limit)d characters: shorten it.") % {"label": label, "limit": limit}
            )


def _save(picture: Picture, clean: Clean) -> Picture:
    """File first, then the row; the file goes again when the row fails."""
    storage = picture.file.storage
    name = picture.file.field.generate_filename(picture, sha256(clean.data).hexdigest()[:32] + clean.ending)
    with ExitStack() as undo:
        name = store(storage, name, clean.data)
        undo.callback(storage.delete, name)
        picture.file.name = name
        picture.digest, picture.width, picture.height = clean.digest, clean.width, clean.height
        picture.renditions = []
        with transaction.atomic():
            picture.save()
            # robust: a queue that is down must not turn a saved picture into an error page
            transaction.on_commit(lambda: tasks.render(picture.pk), robust=True)
        undo.pop_all()
    stored = _written.get()
    if stored is not None:
        stored.append((storage, name))
    return picture
