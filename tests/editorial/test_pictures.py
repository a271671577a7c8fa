"""The door for pictures: what it takes and refuses, and what is kept of it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from huey.contrib.djhuey import HUEY
from PIL import Image, ImageCms, features

from crampinfo.editorial import pictures
from crampinfo.editorial.models import Picture
from crampinfo.editorial.pictures import PictureError, ingest, make_renditions

pytestmark = pytest.mark.django_db

RED, BLUE = (200, 30, 30), (30, 30, 200)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'
FORMATS = [form for form in ("avif", "webp") if features.check(form)]


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for files, and a queue that runs at once and in memory."""
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # pytest-django's wrapper
    monkeypatch.setattr(HUEY, "immediate", True)
    return tmp_path


def photo(mode: str = "RGB", size: tuple[int, int] = (120, 80)) -> Image.Image:
    """A smooth picture of many colours, red on its left half and blue on its right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    shade = Image.radial_gradient("L").resize(size)
    return Image.blend(image, Image.merge("RGB", (shade, shade, shade)), 0.15).convert(mode)


def encoded(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def half(form: str) -> bytes:
    whole = encoded(photo(), form)
    return whole[: len(whole) // 2]


def png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG whose header promises a huge picture."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 99)))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (*chunks, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + body


def taken(data: bytes, name: str = "", alt: str = "A calf stretch at a wall") -> Image.Image:
    """Ingest and open what was kept."""
    with ingest(data, name=name, alt=alt).file.open() as file:
        image = Image.open(BytesIO(file.read()))
    image.load()
    return image


def stored(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def near(colour: object, wanted: tuple[int, ...], by: int = 45) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - two) <= by for one, two in zip(colour, wanted, strict=True))


def test_it_works(media: Path, django_capture_on_commit_callbacks: Callable) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        picture = ingest(encoded(photo()), name="IMG_2041 Mum.JPG", alt=" A wall ", credit="M. Holt")
    picture.refresh_from_db()
    assert (picture.alt, picture.credit, picture.width, picture.height) == ("A wall", "M. Holt", 120, 80)
    assert picture.file.name.startswith("pictures/")
    assert "Mum" not in picture.file.name
    assert len(picture.renditions) == 2 * len(FORMATS)
    assert len(stored(media)) == 1 + len(picture.renditions)


@pytest.mark.parametrize("form", ["JPEG", "MPO", "PNG", "WEBP", "AVIF", "GIF"])
def test_takes_each_format_by_content(form: str) -> None:
    if form == "AVIF" and "avif" not in FORMATS:
        pytest.skip("this Pillow reads no AVIF")
    image = taken(encoded(photo(), form))
    assert image.size == (120, 80)
    assert near(image.convert("RGB").getpixel((5, 40)), RED)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_of_a_moving_picture_the_first_frame_stays(form: str) -> None:
    moving = encoded(photo(), form, save_all=True, append_images=[photo().rotate(180)], duration=50)
    image = taken(moving)
    assert getattr(image, "n_frames", 1) == 1
    assert near(image.convert("RGB").getpixel((5, 40)), RED)


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        pytest.param(b"", "a.jpg", "is empty", id="empty"),
        pytest.param(b"just words", "a.png", "not a JPEG, PNG", id="text"),
        pytest.param(b"<!doctype html><script>alert(1)</script>", "a.jpg", "not a JPEG, PNG", id="html"),
        pytest.param(SVG, "a.svg", "export it as a PNG", id="svg"),
        pytest.param(SVG.replace(b"<rect", b"<script>alert(1)</script><rect"), "a.png", "export it", id="svg script"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a.jpg", "export it as a JPEG", id="heic"),
        pytest.param(encoded(photo(), "TIFF"), "a.tif", "not a JPEG, PNG", id="tiff"),
        pytest.param(encoded(photo()), "a.png", "really a JPEG, but its name ends in .png", id="wrong ending"),
        pytest.param(encoded(photo(), "WEBP"), "a.php", "really a WebP", id="program ending"),
        pytest.param(half("JPEG"), "a.jpg", "JPEG picture is damaged", id="truncated jpeg"),
        pytest.param(half("PNG"), "a.png", "PNG picture is damaged", id="truncated png"),
        pytest.param(half("WEBP"), "a.webp", "WebP picture is damaged", id="truncated webp"),
        pytest.param(half("GIF"), "a.gif", "GIF picture is damaged", id="truncated gif"),
        pytest.param(png_claiming(8_000, 8_000), "a.png", "more than 40 million pixels", id="large"),
        pytest.param(png_claiming(10_000, 10_000), "a.png", "more than 40 million pixels", id="bomb Pillow warns of"),
        pytest.param(png_claiming(60_000, 60_000), "a.png", "more than 40 million pixels", id="bomb Pillow refuses"),
        pytest.param(png_claiming(0, 40), "a.png", "PNG picture is damaged", id="no width"),
        pytest.param(encoded(photo(size=(15, 400))), "a.jpg", "smaller than 16 pixels", id="sliver"),
        pytest.param(encoded(photo()) + b"\0" * pictures.MAX_BYTES, "a.jpg", "larger than 20 MB", id="heavy"),
    ],
)
def test_refuses_with_a_sentence_and_keeps_nothing(data: bytes, name: str, sentence: str, media: Path) -> None:
    with pytest.raises(PictureError, match=sentence):
        ingest(data, name=name, alt="A wall")
    assert stored(media) == []
    assert not Picture.objects.exists()


def test_refuses_a_picture_without_words() -> None:
    with pytest.raises(PictureError, match="no alternative text"):
        ingest(encoded(photo()), name="a.jpg", alt="  ")


def test_refuses_too_many_words() -> None:
    with pytest.raises(PictureError, match="longer than 250"):
        ingest(encoded(photo()), name="a.jpg", alt="x" * 251)


def test_a_heavy_upload_is_not_read_to_its_end() -> None:
    class Endless:
        """Gives as many bytes as are asked for, and fails when asked for all."""

        def read(self, size: int, /) -> bytes:
            assert 0 < size <= pictures.MAX_BYTES + 1
            return b"\0" * size

    with pytest.raises(PictureError, match="larger than 20 MB"):
        ingest(Endless(), name="a.jpg", alt="A wall")


def test_takes_an_uploaded_file() -> None:
    assert ingest(SimpleUploadedFile("a.jpg", encoded(photo())), name="a.jpg", alt="A wall").pk


def test_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side: turn a quarter clockwise
    image = taken(encoded(photo(), exif=exif))
    assert image.size == (80, 120)
    assert near(image.getpixel((40, 5)), RED)
    assert near(image.getpixel((40, 115)), BLUE)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_metadata_is_gone(form: str, media: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-EXIF"
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 7.0), 3: "W", 4: (0.0, 7.0, 5.0)}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    extra: dict[str, object] = {"comment": b"SECRET-COMMENT"} if form == "JPEG" else {}
    data = encoded(photo(), form, exif=exif, xmp=b"<x>SECRET-XMP</x>", icc_profile=profile, **extra)
    assert b"SECRET" in data
    image = taken(data)
    assert not image.getexif()
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(image.info)
    make_renditions(Picture.objects.get())
    kept = [path.read_bytes() for path in media.rglob("*") if path.is_file()]
    assert len(kept) > 1
    assert not [one for one in kept if b"SECRET" in one or b"Exif\0" in one]


def test_what_follows_the_picture_is_gone(media: Path) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.html", "<script>alert(1)</script>")
    polyglot = encoded(photo(), comment=b"<script>alert(2)</script>") + archive.getvalue()
    assert zipfile.is_zipfile(BytesIO(polyglot))
    taken(polyglot)
    (path,) = (path for path in media.rglob("*") if path.is_file())
    assert not zipfile.is_zipfile(path)
    assert b"script" not in path.read_bytes()


def test_cmyk_becomes_rgb() -> None:
    image = taken(encoded(photo("CMYK")))
    assert image.mode == "RGB"
    assert near(image.getpixel((5, 40)), RED)


def test_sixteen_bits_are_scaled_not_cut_off() -> None:
    deep = Image.linear_gradient("L").convert("I").point(lambda value: value * 257).convert("I;16")
    image = taken(encoded(deep, "PNG"))
    assert image.mode == "RGB"
    assert near(image.getpixel((128, 128)), (128, 128, 128), by=3)


def test_palette_with_transparency_stays_transparent() -> None:
    flat = Image.new("P", (40, 40), 1)
    flat.putpalette([0, 0, 0, *RED])
    flat.paste(0, (0, 0, 20, 40))
    image = taken(encoded(flat, "PNG", transparency=0))
    assert (image.format, image.mode) == ("PNG", "RGBA")
    assert image.getpixel((30, 5)) == (*RED, 255)
    pixel = image.getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert pixel[3] == 0


def test_grey_with_alpha_stays_transparent() -> None:
    assert taken(encoded(Image.new("LA", (40, 40), (90, 128)), "PNG")).getpixel((5, 5)) == (90, 90, 90, 128)


def test_alpha_that_hides_nothing_is_dropped() -> None:
    assert taken(encoded(photo("RGBA"), "PNG")).format == "JPEG"


def test_line_art_stays_exact() -> None:
    art = Image.new("RGB", (200, 200), "white")
    art.paste(RED, (50, 50, 150, 60))
    image = taken(encoded(art, "PNG"))
    assert (image.format, image.getpixel((60, 55)), image.getpixel((60, 49))) == ("PNG", RED, (255, 255, 255))


def test_a_grey_photo_is_no_line_art() -> None:
    grey = Image.effect_noise((400, 300), 60)
    assert taken(encoded(grey, "PNG")).format == "JPEG"


def test_colours_are_seen_through_the_profile() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"####").replace(b"bXYZ", b"rXYZ").replace(b"####", b"bXYZ")
    image = taken(encoded(photo(), icc_profile=swapped))
    assert near(image.getpixel((5, 40)), BLUE)


def test_a_broken_profile_is_ignored() -> None:
    assert near(taken(encoded(photo(), icc_profile=b"nonsense")).getpixel((5, 40)), RED)


def test_large_pictures_are_scaled_down() -> None:
    picture = ingest(encoded(photo(size=(3000, 1000))), name="a.jpg", alt="A wall")
    assert (picture.width, picture.height) == (2400, 800)
