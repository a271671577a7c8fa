"""Saving a picture: once, with its file, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from crampinfo.editorial import tasks
from crampinfo.editorial.models import Picture
from crampinfo.editorial.pictures import ingest, make_renditions
from crampinfo.editorial.renditions import left_over

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # pytest-django's wrapper
    return tmp_path


def a_picture(name: str = "a.jpg", alt: str = "A wall", *, is_demo: bool = False) -> Picture:
    """Always the same bytes."""
    buffer = BytesIO()
    Image.radial_gradient("L").save(buffer, "JPEG")
    return ingest(buffer.getvalue(), name=name, alt=alt, is_demo=is_demo)


def stored(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def test_the_same_picture_twice_is_one(media: Path) -> None:
    first, again = (a_picture(name) for name in ("a.jpg", "b.jpeg"))
    other = a_picture(alt="A door")
    assert first == again != other
    assert first.file.name != other.file.name  # one file a row: deleting one can't break the other
    assert len(stored(media)) == 2


def test_a_demo_picture_never_stands_in_for_a_real_one() -> None:
    assert a_picture(is_demo=True) != a_picture()


def test_a_lost_file_comes_back(media: Path) -> None:
    first = a_picture()
    make_renditions(first)
    for path in media.rglob("*.*"):
        path.unlink()
    again = a_picture()
    assert (again, again.renditions) == (first, [])
    assert len(stored(media)) == 1


def test_a_row_that_fails_leaves_no_file(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(Picture, "save", fail)
    with pytest.raises(IntegrityError):
        a_picture()
    assert stored(media) == []


def test_a_file_that_fails_leaves_no_row(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(self: FileSystemStorage, name: str, content: object, **_: object) -> str:
        path = media / name
        path.parent.mkdir()
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(FileSystemStorage, "save", half)
    with pytest.raises(OSError, match="disk full"):
        a_picture()
    assert stored(media) == []
    assert not Picture.objects.exists()


def test_a_queue_that_is_down_is_no_error(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable
) -> None:
    def down(_: int) -> None:
        raise ConnectionError

    monkeypatch.setattr(tasks, "render", down)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        a_picture()
    assert len(callbacks) == 2, "the renditions, and the pages that show it"


def test_nothing_is_rendered_for_a_transaction_rolled_back(django_capture_on_commit_callbacks: Callable) -> None:
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        a_picture()
        transaction.set_rollback(True)
    assert callbacks == []
    assert not Picture.objects.exists()


def test_what_a_crash_leaves_is_swept_away(media: Path) -> None:
    picture = a_picture()
    make_renditions(picture)
    kept = stored(media)
    old, young = media / "pictures/old.jpg", media / "pictures/young.jpg"
    for path in (old, young):
        path.write_bytes(b"half a picture")
    long_ago = (timezone.now() - timedelta(hours=25)).timestamp()
    for path in (*media.rglob("*.*"),):
        if path != young:
            os.utime(path, (long_ago, long_ago))
    tasks.sweep.call_local()
    assert stored(media) == sorted([*kept, "young.jpg"]), "an upload that is under way is left alone"


def test_nothing_is_swept_where_nothing_was_uploaded() -> None:
    tasks.sweep.call_local()
    assert left_over(timezone.now()) == []
