"""What a file may be. Everything here is checked before anything of the file is unpacked into memory."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from doorstep.kernel.shared.errors import RuleViolation

UPLOAD_BYTES = 10 * 1024 * 1024
UNPACKED_BYTES = 150 * 1024 * 1024
RATIO = 200  # unpacked to packed; sheets of an office reach 10 to 60
RATIO_FROM = 10 * 1024 * 1024
PARTS = 2000
ROWS = 200_000
COLUMNS = 100
CELL_LENGTH = 5000
_PIECE = 1024 * 1024


class Unreadable(RuleViolation):
    """The file as a whole cannot be imported; the message says why and what to do."""


def too_large() -> str:
    return _("文件超过 10 MB。请分成几个文件，或者另存为 .csv 再上传。")


def damaged() -> str:
    return _(
        "这不是有效的 Excel 文件：文件已损坏，或者没有传完整。请在 Excel 或 WPS 中打开原来的表格，另存为 .xlsx 再上传。"
    )


def check_package(path: Path) -> None:
    """Refuse a workbook that is a bomb, has macros or a password, or is none. Raises Unreadable."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Unreadable(damaged()) from None
    if len(parts) > PARTS:
        raise Unreadable(bomb())
    names = {part.filename for part in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable(_("工作簿里有宏，不能导入。请另存为不含宏的“Excel 工作簿（.xlsx）”。"))
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise Unreadable(_other_package(names))
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(_("文件设了密码。请取消密码后再上传。"))
    if sum(part.file_size for part in parts) > UNPACKED_BYTES:
        raise Unreadable(bomb())
    _measure(path, parts)


def _other_package(names: set[str]) -> str:
    """What a zip that holds no workbook is."""
    if "xl/workbook.bin" in names:
        said = _("这是二进制工作簿（.xlsb）。")
    elif any(name.startswith("word/") for name in names):
        said = _("这是 Word 文档，不是表格。")
    elif any(name.startswith("ppt/") for name in names):
        said = _("这是演示文稿，不是表格。")
    elif "content.xml" in names and "mimetype" in names:
        said = _("这是 OpenDocument 文件（如 .ods）。")
    else:
        said = _("这是压缩包或别的文件，不是 Excel 工作簿。")
    return said + _("请在 Excel 或 WPS 中打开原来的表格，另存为“Excel 工作簿（.xlsx）”再上传。")


def bomb() -> str:
    return _("文件解开后过大（可能是损坏或恶意的压缩文件），没有读取。")


def _measure(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    """Unpack piece by piece into nothing, believing no size that the file states of itself."""
    total, packed = 0, path.stat().st_size
    for part in parts:
        for piece in _pieces(path, part):
            total += piece
            if total > UNPACKED_BYTES or (total > RATIO_FROM and total > packed * RATIO):
                raise Unreadable(bomb())


def _pieces(path: Path, part: zipfile.ZipInfo) -> Iterator[int]:
    if part.compress_type == zipfile.ZIP_STORED:
        yield part.compress_size
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise Unreadable(_("文件的压缩方式不认识。请在 Excel 里重新保存后上传。"))
    with path.open("rb") as file:
        file.seek(part.header_offset)
        header = file.read(30)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise Unreadable(damaged())
        file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
        left, inflate = part.compress_size, zlib.decompressobj(-15)
        try:
            while left > 0 and not inflate.eof:
                packed = file.read(min(left, 65536))
                if not packed:
                    break
                left -= len(packed)
                while packed and not inflate.eof:
                    yield len(inflate.decompress(packed, _PIECE))
                    packed = inflate.unconsumed_tail
        except zlib.error:
            raise Unreadable(damaged()) from None
