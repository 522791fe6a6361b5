"""Real files, made here: photos with everything a phone writes into them, documents, and things that only look so."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from PIL import Image, ImageDraw, PngImagePlugin

PLACE = b"Somewhere 38.92N 121.63E"


def photo(size=(400, 300), orientation=1, comment=PLACE, **more) -> bytes:
    """A JPEG whose left half is red, with position, device, comment and a colour profile's bytes in it."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill="red")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "DemoPhone"
    exif[0x010E] = PLACE.decode()
    exif[0x8825] = {1: "N", 2: (38.0, 55.0, 12.0), 3: "E", 4: (121.0, 38.0, 10.0)}
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=comment, quality=90, **more)
    return out.getvalue()


def png(size=(200, 100), mode="RGBA") -> bytes:
    picture = Image.new(mode, size, (0, 128, 0, 0) if mode == "RGBA" else 0)
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Location", PLACE.decode())
    out = io.BytesIO()
    picture.save(out, "PNG", pnginfo=notes)
    return out.getvalue()


def claimed_png(width: int, height: int) -> bytes:
    """A small file that says it is a huge picture: all of one colour, which packs to almost nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = zlib.compressobj(9)
    body = row.compress(b"\0" * (1 + width * 3) * min(height, 50)) + row.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf(inside: bytes = b"") -> bytes:
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog" + inside + b">>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def workbook() -> bytes:
    book = Workbook()
    book.active["A1"] = "演示"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The same office file with parts added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            target.writestr(part, source.read(part))
        for name, body in parts.items():
            target.writestr(name.replace("__", "/"), body)
    return out.getvalue()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
