"""What comes in as a picture: told apart by its bytes, decoded once, encoded anew with nothing but its pixels."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO, Protocol

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

MAX_BYTES = 20 * 1024 * 1024
_LONGEST = 2400  # pixels: twice the widest column, for fine screens
_SHORTEST = 16  # pixels: below this it is a tracking dot or an accident
_FLAT = 256  # colours: up to here it may be line art, which JPEG smears

_ENDINGS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "AVIF": (".avif",),
    "GIF": (".gif",),
}
_LABELS = {"WEBP": "WebP"}
_MOVING = ("PNG", "WEBP", "AVIF", "GIF")  # a JPEG with two frames is a camera's preview beside the photo
_PROFILE_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_GREY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L")
# What Pillow's readers raise at a damaged file; it has no exception of its own.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


class PictureError(ValueError):
    """A picture that can't be taken; the message is one sentence that says what to do."""


class Upload(Protocol):
    """Anything to read bytes from, such as an open file or Django's UploadedFile."""

    def read(self, size: int, /) -> bytes:
        """Up to size bytes."""


@dataclass(frozen=True, slots=True)
class Clean:
    """A picture encoded anew: its bytes, the ending that fits them, its size in pixels; digest is of what came in.

    moved says that the file held more than one frame, of which the first was kept.
    """

    data: bytes
    ending: str
    width: int
    height: int
    digest: str
    moved: bool = False


def digest_of(raw: bytes) -> str:
    """SHA-256 of a file as it came in."""
    return sha256(raw).hexdigest()


def read(data: bytes | BinaryIO | Upload, name: str) -> tuple[bytes, str]:
    """The bytes and Pillow's name of their format. Raises PictureError for what is none of the five formats."""
    raw = _read(data)
    kind = _kind(raw)
    _check_ending(kind, name)
    return raw, kind


def _read(data: bytes | BinaryIO | Upload) -> bytes:
    raw = data if isinstance(data, bytes) else data.read(MAX_BYTES + 1)
    if not raw:
        raise PictureError(_("The file is empty: choose the picture again."))
    if len(raw) > MAX_BYTES:
        raise PictureError(_("The picture is larger than 20 MB: save it smaller and upload it again."))
    return raw


def _kind(raw: bytes) -> str:
    """Pillow's name of the format, from the first bytes alone."""
    if raw.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if raw.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return "WEBP"
    if raw[4:8] == b"ftyp":
        brands = raw[8 : min(int.from_bytes(raw[:4]), 256)]
        if b"avif" in brands or b"avis" in brands:
            return "AVIF"
        if b"hei" in brands or b"mif1" in brands:
            raise PictureError(_("This is an HEIC photo, which most browsers can't show: export it as a JPEG."))
    if b"<svg" in raw[:4096].lower():
        raise PictureError(_("This is an SVG drawing, which can carry programs: export it as a PNG."))
    raise PictureError(_("This is not a JPEG, PNG, WebP, AVIF or GIF picture: save it as one of these."))


def _check_ending(kind: str, name: str) -> None:
    ending = PurePath(name).suffix.lower()
    if ending and ending not in _ENDINGS[kind]:
        raise PictureError(
            _("This file is really a %(kind)s, but its name ends in %(ending)s: let it end in %(right)s.")
            % {"kind": _label(kind), "ending": ending[:12], "right": _ENDINGS[kind][0]}
        )


def clean(raw: bytes, kind: str) -> Clean:
    """Decode, turn upright, bring to sRGB, scale down and encode anew on a canvas that has never seen metadata."""
    with _damage_explained(kind):
        image = Image.open(BytesIO(raw), formats=(kind,))
        _check_size(*image.size)
        image.draft(None, (_LONGEST, _LONGEST))  # a JPEG decodes large photos smaller, with less memory
        image.load()
        moved = kind in _MOVING and bool(getattr(image, "is_animated", False))
        pixels = _srgb(ImageOps.exif_transpose(image))
    flat = pixels.getcolors(_FLAT) is not None
    pixels.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
    canvas = Image.new(pixels.mode, pixels.size)
    canvas.paste(pixels)
    data, ending = _encoded(canvas, flat)
    return Clean(data, ending, canvas.width, canvas.height, digest_of(raw), moved)


@contextmanager
def _damage_explained(kind: str) -> Iterator[None]:
    try:
        yield
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except _DAMAGE as error:
        raise PictureError(
            _("The %(kind)s picture is damaged or cut short: export it again.") % {"kind": _label(kind)}
        ) from error


def _check_size(width: int, height: int) -> None:
    if width * height > settings.MAX_PICTURE_PIXELS:
        raise _too_many_pixels()
    if min(width, height) < _SHORTEST:
        raise PictureError(_("The picture is smaller than 16 pixels on one side: upload a larger one."))


def _too_many_pixels() -> PictureError:
    million = settings.MAX_PICTURE_PIXELS // 1_000_000
    return PictureError(_("The picture has more than %(n)d million pixels: scale it down.") % {"n": million})


def _srgb(image: Image.Image) -> Image.Image:
    """RGB pixels in sRGB, or RGBA where something really is transparent."""
    profile = image.info.get("icc_profile")
    base = "CMYK" if image.mode == "CMYK" else "L" if image.mode in _GREY_MODES else "RGB"
    alpha = None
    if image.mode.startswith("I"):
        # Pillow cuts 16 bits off at 255 instead of scaling them; a transparent grey of 16 bits is not worth keeping.
        image = image.point(lambda value: value / 257).convert("L")
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
    pixels = _through_profile(image, profile, base) or image.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        pixels.putalpha(alpha)
    return pixels


def _through_profile(image: Image.Image, profile: object, base: str) -> Image.Image | None:
    """The picture seen through its own colour profile; None when that is missing, broken or of another kind."""
    if not isinstance(profile, bytes):
        return None
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if _PROFILE_MODES.get(source.profile.xcolor_space) != base:
            return None
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image.convert(base), source, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return None


def _encoded(canvas: Image.Image, flat: bool) -> tuple[bytes, str]:
    """PNG for transparency; for few colours whichever is smaller, so that a grey photo does not pass for line art."""
    options: list[tuple[bytes, str]] = []
    if canvas.mode == "RGBA" or flat:
        options.append((_bytes(canvas, "PNG", optimize=True), ".png"))
    if canvas.mode == "RGB":
        options.append((_bytes(canvas, "JPEG", quality=85, optimize=True, progressive=True), ".jpg"))
    return min(options, key=lambda option: len(option[0]))


def _bytes(canvas: Image.Image, form: str, **options: int) -> bytes:
    buffer = BytesIO()
    canvas.save(buffer, form, **options)
    return buffer.getvalue()


def _label(kind: str) -> str:
    return _LABELS.get(kind, kind)
