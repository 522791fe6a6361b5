"""What a file is, by the bytes in it; its name only tells what its owner believes it to be."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from doorstep.kernel.web.imports.bounds import UPLOAD_BYTES, Unreadable, check_package, too_large

_COMPOUND = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of Office up to 2003, and of files with a password
)
_BARE_SHEETS = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")  # Excel before that container
_FOREIGN = (
    (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"GIF8", "GIF"), (b"\xff\xd8\xff", "JPG"), (b"BM", "BMP"), (b"RIFF", "WebP"),
    (b"{\\rtf", "RTF"), (b"Rar!", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x8b", "gzip"), (b"MZ", "EXE"),
)  # fmt: skip
_PAGE_MARKS = (b"<html", b"<!doctype", b"<table", b"<head", b"<?xml", b"<meta", b"<style")
_WORKBOOK_NAMES = (".xlsx", ".xlsm", ".xltx", ".xlsb", ".et", ".ods")


def kind_of(path: Path, name: str = "") -> str:
    """ "xlsx" or "csv". Raises Unreadable for anything else, with the cause and what to do."""
    size = path.stat().st_size
    if size == 0:
        raise Unreadable(nothing_in_it())
    if size > UPLOAD_BYTES:
        raise Unreadable(too_large())
    with path.open("rb") as file:
        start = file.read(1024)
    if start.startswith(b"PK\x03\x04"):
        check_package(path)
        return "xlsx"
    if start.startswith(_COMPOUND):
        raise Unreadable(_compound(path))
    if start[:2] in _BARE_SHEETS and start[2:4] in (b"\x04\x00", b"\x06\x00", b"\x08\x00", b"\x10\x00"):
        raise Unreadable(_old_excel())
    _refuse_foreign(start)
    if name.lower().endswith(_WORKBOOK_NAMES):
        raise Unreadable(
            _("这不是有效的 Excel 文件：名字是 {name}，里面却不是工作簿。").format(name=name[-40:])
            + _save_anew()
        )
    return "csv"


def nothing_in_it() -> str:
    return _("文件是空的。请打开原来的表格，确认有内容并保存后，再上传。")


def _save_anew() -> str:
    return _("请在 Excel 或 WPS 中打开原来的表格，另存为“Excel 工作簿（.xlsx）”再上传。")


def _old_excel() -> str:
    return _("这是旧版 .xls 文件。") + _save_anew()


def _compound(path: Path) -> str:
    """Which of the old Office kinds: the container lists its streams by name, in UTF-16."""
    body = path.read_bytes()

    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in body

    if has("EncryptedPackage"):
        return _("文件设了打开密码。请在 Excel 或 WPS 中取消密码，另存为“Excel 工作簿（.xlsx）”再上传。")
    if has("WordDocument"):
        return _("这是 Word 文档，不是表格。") + _save_anew()
    if has("PowerPoint Document"):
        return _("这是演示文稿，不是表格。") + _save_anew()
    return _old_excel()


def _refuse_foreign(start: bytes) -> None:
    for mark, kind in _FOREIGN:
        if start.startswith(mark) and (len(mark) > 2 or b"\0" in start):
            raise Unreadable(_("这是 {kind} 文件，不是表格。").format(kind=kind) + _save_anew())
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGE_MARKS):
        raise Unreadable(
            _("这是网页格式的文件，不是工作簿（有的系统导出的 .xls 其实是网页）。") + _save_anew()
        )
