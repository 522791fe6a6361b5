"""Real files as offices send them, made by the libraries offices' programs resemble."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import openpyxl
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

HEADINGS = ["名称", "社区", "成立日期"]


def workbook(rows: list[list[Any]], *, headings: list[Any] | None = None, sheet: str = "表") -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for row in [HEADINGS if headings is None else headings, *rows]:
        page.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def opened(body: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(body))


def long_workbook(rows: int) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    page = book.add_worksheet("表")
    page.write_row(0, 0, HEADINGS)
    for number in range(1, rows + 1):
        page.write_string(number, 0, "坏名字" if number == 77 else f"小组{number}")
        page.write_string(number, 1, "甲社区")
        page.write_string(number, 2, "2024-03-05")
    book.close()
    return file.getvalue()


def text_file(rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    return "\r\n".join(delimiter.join(row) for row in [HEADINGS, *rows]).encode(encoding)


def upload(body: bytes, name: str = "名单.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body)


def bomb(*, lie: bool = False) -> bytes:
    """A workbook whose sheet unpacks to 300 MB; `lie`: and says of itself that it has 1,000 bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.xml", "<workbook/>")
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=False) as part:
            for _piece in range(300):
                part.write(b"0" * 1024 * 1024)
    body = bytearray(file.getvalue())
    if lie:
        at = body.rindex(b"PK\x01\x02")  # the last entry of the directory is the sheet
        struct.pack_into("<I", body, at + 24, 1000)
    return bytes(body)


def with_part(body: bytes, name: str, content: bytes) -> bytes:
    """The same workbook with one part more, or replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part.filename))
        new.writestr(name, content)
    return file.getvalue()


def package(*names: str) -> bytes:
    """A zip of empty parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as new:
        for name in names:
            new.writestr(name, b"")
    return file.getvalue()


def part_of(body: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        return package.read(name)
