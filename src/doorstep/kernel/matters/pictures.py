"""Pictures made anew: turned upright, bounded, and with nothing in the file but the picture.

A photo carries where and when it was taken, by which device, sometimes a smaller original. None of it is kept: the
pixels are painted onto an empty picture and that is written.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from doorstep.kernel.shared.errors import RuleViolation

READ = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 82  # above it files grow and phones' photos do not look better
THUMBNAIL = 320  # three to a row on a phone of twice the density
_BYTES = {
    "1": 1,
    "L": 1,
    "P": 1,
    "I;16": 2,
    "LA": 2,
    "RGB": 4,
    "YCbCr": 4,
    "RGBA": 4,
    "CMYK": 4,
    "I": 4,
    "F": 4,
}
_one_at_a_time = threading.Lock()  # the bound on memory holds for the process, not for each of its threads


@dataclass(frozen=True)
class Picture:
    """A picture as it is stored (JPEG), its thumbnail (JPEG), and its size in pixels."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int


def remade(content: bytes) -> Picture:
    """The picture without anything beside it. Raises RuleViolation, in words, for what cannot be read or is too large.

    A JPEG is decoded at a half, a quarter or an eighth of its size where that is enough, so a photo of 40 megapixels
    needs little memory; what would need more than `PICTURE_MEMORY` bytes is refused before it is decoded.
    """
    with _one_at_a_time:
        try:
            return _remade(content)
        except Image.DecompressionBombError:
            raise _too_large() from None
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
            raise RuleViolation(_("这张图片打不开，可能没有传完整。请重新选择。"), field="file") from None


def _remade(content: bytes) -> Picture:
    edge = settings.PICTURE_EDGE
    with Image.open(io.BytesIO(content), formats=READ) as source:
        if source.width * source.height > settings.PICTURE_PIXELS:
            raise _too_large()
        if source.format == "JPEG":
            whole = source.width * source.height
            source.draft("RGB", (edge, edge))
            # a progressive one keeps all coefficients (two bytes for each of three) until its last scan
            _check_memory(whole * 6 if source.info.get("progressive") else _decoded(source))
        else:
            _check_memory(_decoded(source))
        source.seek(0)
        source.load()
        small = source.reduce(_factor(source.size, edge)) if _factor(source.size, edge) > 1 else source
        upright = ImageOps.exif_transpose(small) or small
        upright.thumbnail((edge, edge))
        clean = _painted(upright)
    thumbnail = clean.copy()
    thumbnail.thumbnail((THUMBNAIL, THUMBNAIL))
    return Picture(_written(clean), _written(thumbnail), clean.width, clean.height)


def _decoded(source: Image.Image) -> int:
    return source.width * source.height * _BYTES.get(source.mode, 8)


def _check_memory(needed: int) -> None:
    if needed > settings.PICTURE_MEMORY:
        raise _too_large()


def _factor(size: tuple[int, int], edge: int) -> int:
    """By how much to shrink by whole steps first, so that colours are converted on few pixels."""
    return max(max(size) // (2 * edge), 1)


def _painted(picture: Image.Image) -> Image.Image:
    """Onto white, so that what was transparent reads; nothing but pixels comes along."""
    clean = Image.new("RGB", picture.size, "white")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        clean.paste(layered, mask=layered.getchannel("A"))
    else:
        clean.paste(picture.convert("RGB"))
    return clean


def _written(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _too_large() -> RuleViolation:
    return RuleViolation(
        _("这张图片像素太多，无法处理。请用手机截一张图，或把照片改小后再传。"), field="file"
    )
