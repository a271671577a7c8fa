"""Renditions of a picture, and the tag that offers them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.template import Context, Template, TemplateSyntaxError
from PIL import Image, features

from crampinfo.editorial import renditions, signals, tasks
from crampinfo.editorial.models import Picture
from crampinfo.editorial.pictures import ingest, make_renditions

pytestmark = pytest.mark.django_db

FORMATS = [form for form in ("avif", "webp") if features.check(form)]


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # pytest-django's wrapper
    return tmp_path


def a_picture(size: tuple[int, int] = (120, 80), alt: str = "A wall") -> Picture:
    """A picture in the library that the worker has not seen yet."""
    buffer = BytesIO()
    shade = Image.radial_gradient("L").resize(size)
    Image.merge("RGB", (shade, shade.rotate(180), Image.linear_gradient("L").resize(size))).save(buffer, "JPEG")
    return ingest(buffer.getvalue(), name="a.jpg", alt=alt)


def stored(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("size", "widths"),
    [((2000, 500), [96, 320, 640, 960, 1280]), ((700, 350), [96, 320, 640, 700]), ((40, 40), [40])],
)
def test_renditions_have_their_sizes(size: tuple[int, int], widths: list[int]) -> None:
    picture = a_picture(size)
    assert make_renditions(picture) == picture.renditions
    picture.refresh_from_db()
    assert [(one["format"], one["width"]) for one in picture.renditions] == [(f, w) for f in FORMATS for w in widths]
    for one in picture.renditions:
        with default_storage.open(one["name"]) as file, Image.open(file) as image:
            assert image.format == one["format"].upper()
            assert image.size == (one["width"], one["height"])
            assert abs(one["height"] - one["width"] * size[1] / size[0]) <= 0.5


def test_renditions_keep_transparency() -> None:
    see_through = BytesIO()
    Image.new("RGBA", (200, 200), (200, 30, 30, 90)).save(see_through, "PNG")
    picture = ingest(see_through.getvalue(), name="a.png", alt="A wall")
    for one in make_renditions(picture):
        with default_storage.open(one["name"]) as file, Image.open(file) as image:
            assert image.mode == "RGBA"


def test_renditions_twice_change_nothing(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = a_picture()
    first, files = make_renditions(picture), stored(media)
    monkeypatch.setattr(renditions, "_make", None)  # would fail if anything were made again
    assert make_renditions(Picture.objects.get()) == first
    assert stored(media) == files


def test_a_lost_rendition_is_made_again(media: Path) -> None:
    picture = a_picture()
    first = make_renditions(picture)
    default_storage.delete(first[0]["name"])
    assert make_renditions(picture) == first
    assert len(stored(media)) == 1 + len(first)


def test_two_workers_leave_one_set(media: Path) -> None:
    stale = a_picture()
    first = make_renditions(Picture.objects.get())
    assert make_renditions(stale) == first
    assert len(stored(media)) == 1 + len(first)


def test_renditions_do_not_undo_an_edit() -> None:
    picture = a_picture()
    Picture.objects.update(alt="A better text")
    make_renditions(picture)
    assert Picture.objects.get().alt == "A better text"


def test_renditions_tell_the_pages(django_capture_on_commit_callbacks: Callable) -> None:
    heard: list[object] = []

    def listener(instance: object, **_: object) -> None:
        heard.append(instance)

    signals.content_changed.connect(listener, sender=Picture)
    picture = a_picture()
    with django_capture_on_commit_callbacks(execute=True):
        make_renditions(picture)
    assert heard == [picture]


def test_a_picture_deleted_meanwhile_is_no_error(media: Path) -> None:
    picture = a_picture()
    number = picture.pk
    Picture.objects.all().delete()
    assert make_renditions(picture) == []
    assert len(stored(media)) == 1
    default_storage.delete(picture.file.name)
    assert make_renditions(picture) == []
    tasks.render.call_local(number)


def test_a_row_without_its_original_is_an_error() -> None:
    picture = a_picture()
    default_storage.delete(picture.file.name)
    with pytest.raises(FileNotFoundError):
        make_renditions(picture)


def drawn(tag: str, picture: Picture | None) -> str:
    return Template("{% load pictures %}" + tag).render(Context({"pic": picture})).strip()


def test_tag_before_the_worker_shows_the_original() -> None:
    picture = a_picture()
    assert drawn("{% picture pic %}", picture) == (
        f'<picture><img src="{picture.file.url}" width="120" height="80" alt="A wall" loading="lazy" decoding="async">'
        "</picture>"
    )


def test_tag_offers_each_format_by_width() -> None:
    picture = a_picture()
    made = {(one["format"], one["width"]): default_storage.url(one["name"]) for one in make_renditions(picture)}
    html = drawn('{% picture pic sizes="(min-width: 40em) 20em, 100vw" class="portrait" loading="eager" %}', picture)
    parts = [html.index(f'type="image/{form}"') for form in FORMATS]
    assert parts == sorted(parts)
    for form in FORMATS:
        assert f'srcset="{made[form, 96]} 96w, {made[form, 120]} 120w" sizes="(min-width: 40em) 20em, 100vw"' in html
    assert 'loading="eager" decoding="async" class="portrait"></picture>' in html


def test_tag_says_what_must_stay_when_it_is_cut() -> None:
    picture = a_picture()
    picture.focus_x, picture.focus_y = 23, 96
    assert 'decoding="async" class="portrait fx20 fy100">' in drawn('{% picture pic class="portrait" %}', picture)
    picture.focus_x, picture.focus_y = 52, 4
    assert 'decoding="async" class="fy0">' in drawn("{% picture pic %}", picture)


def test_every_class_of_a_focal_point_has_its_rule() -> None:
    rules = (settings.BASE_DIR / "static/css/components/focus.css").read_text()
    assert all(f".f{axis}{point} {{" in rules for axis in "xy" for point in range(0, 101, 10) if point != 50)


def test_tag_escapes() -> None:
    picture = a_picture(alt='"><script>alert(1)</script>')
    html = drawn("{% picture pic %}", picture)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(("given", "shown"), [('alt="Maren Holt"', "Maren Holt"), ('alt=""', "")])
def test_tag_takes_other_words(given: str, shown: str) -> None:
    picture = a_picture()
    assert f'alt="{shown}"' in drawn(f"{{% picture pic {given} %}}", picture)


def test_tag_draws_nothing_for_none() -> None:
    assert drawn('{% picture pic class="portrait" %}', None) == ""


def test_tag_refuses_what_it_does_not_know() -> None:
    with pytest.raises(TemplateSyntaxError, match="knows no style"):
        drawn('{% picture pic style="x" %}', None)


def test_a_copy_says_what_it_weighs() -> None:
    for one in make_renditions(a_picture()):
        assert one["bytes"] == default_storage.size(one["name"])


def test_the_picture_of_a_text_is_light_and_there_at_once() -> None:
    """LD-ART-01: no copy of more than 100 KB is offered in the first view."""
    picture = a_picture((1400, 700))
    entries = make_renditions(picture)
    for one in entries:
        one["bytes"] = 100_001 if one["width"] == 1280 else 99_000
    picture.renditions, picture.credit = entries, "Ines & Co."
    html = drawn("{% lead_picture pic %}", picture)
    assert "960w" in html
    assert "1280w" not in html
    assert 'width="1400" height="700" alt="A wall" loading="eager"' in html
    assert "Ines &amp; Co.</figcaption></figure>" in html


def test_the_picture_of_a_text_comes_later_where_something_stands_before_it() -> None:
    assert 'loading="lazy"' in drawn("{% lead_picture pic True %}", a_picture())
    assert drawn("{% lead_picture pic %}", None) == ""


def test_a_copy_of_unknown_weight_is_judged_by_its_width() -> None:
    picture = a_picture((1400, 700))
    picture.renditions = [{**one, "bytes": None} for one in make_renditions(picture)]
    html = drawn("{% lead_picture pic %}", picture)
    assert "640w" in html
    assert "960w" not in html
