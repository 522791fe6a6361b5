"""Files as they come and as they are kept: recognised by content, named by us, written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import time
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import filetype
from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.matters.pictures import Picture, remade
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.shared.errors import RuleViolation

PICTURE = "image/jpeg"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_GROUPS = {
    "image/jpeg": "picture", "image/png": "picture", "image/webp": "picture", "image/gif": "picture",
    "application/pdf": "pdf", _WORD: "docx", _SHEET: "xlsx",
}  # fmt: skip
_KINDS = {"picture": PICTURE, "pdf": "application/pdf", "docx": _WORD, "xlsx": _SHEET}
_ENDINGS = {"picture": ".jpg", "pdf": ".pdf", "docx": ".docx", "xlsx": ".xlsx"}
_CLAIMS = {
    ".jpg": "picture", ".jpeg": "picture", ".png": "picture", ".webp": "picture", ".gif": "picture",
    ".pdf": "pdf", ".docx": "docx", ".xlsx": "xlsx",
}  # fmt: skip
_NAMES = {
    "picture": gettext_lazy("图片"), "pdf": gettext_lazy("PDF 文件"), "docx": gettext_lazy("Word 文件"),
    "xlsx": gettext_lazy("Excel 文件"),
}  # fmt: skip
_MAIN_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
UNPACKED = 200 * 1024 * 1024  # an office file that unpacks to more is a bomb for whoever opens it
ORPHAN_SECONDS = 24 * 3600  # longer than any transaction that may still write the row


@dataclass(frozen=True)
class Checked:
    """A file that may be kept, as it will be kept. `name`: what people call it, with the ending of what it is."""

    name: str
    kind: str
    ending: str
    content: bytes
    picture: Picture | None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def checked_file(upload: File) -> Checked:
    """What came, recognised by its content. Raises RuleViolation in words; nothing is kept then."""
    if (upload.size or 0) > settings.ATTACHMENT_BYTES:
        raise RuleViolation(
            _("文件最大 %(most)d MB，这个有 %(size)d MB。请压缩或改小后再传。")
            % {"most": settings.ATTACHMENT_BYTES // 2**20, "size": -(-(upload.size or 0) // 2**20)},
            field="file",
        )
    content = upload.read(settings.ATTACHMENT_BYTES + 1)
    if not content:
        raise RuleViolation(_("这个文件是空的。"), field="file")
    claimed = PurePosixPath((upload.name or "").replace("\\", "/"))
    group = _group_of(content)
    _refuse_other_name(claimed, group)
    picture = remade(content) if group == "picture" else None
    if group == "pdf":
        _check_pdf(content)
    if group in _MAIN_PART:
        _check_office(content, _MAIN_PART[group])
    ending = _ENDINGS[group]
    stem = claimed.stem if claimed.suffix.lower() in _CLAIMS else claimed.name
    name = checked_text(stem, "name", 10_000).replace("\n", " ")[: 120 - len(ending)].strip(" .")
    return Checked(
        name=(name or str(_NAMES[group])) + ending,
        kind=_KINDS[group],
        ending=ending,
        content=picture.content if picture else content,
        picture=picture,
    )


def _group_of(content: bytes) -> str:
    kind = filetype.guess(content)
    mime = kind.mime if kind else ""
    if mime in ("image/heic", "image/heif", "image/avif"):
        raise RuleViolation(
            _("这种照片格式（HEIC）还不能处理。请在相机设置中选「兼容性最佳」，或截一张图再传。"),
            field="file",
        )
    if mime not in _GROUPS:
        raise RuleViolation(_("只能传图片、PDF、Word（docx）或 Excel（xlsx）文件。"), field="file")
    return _GROUPS[mime]


def _refuse_other_name(claimed: PurePosixPath, group: str) -> None:
    named = _CLAIMS.get(claimed.suffix.lower())
    if named is not None and named != group:
        raise RuleViolation(
            _("「%(name)s」的内容是%(kind)s，与文件名不符。请改名为 %(ending)s 后再传。")
            % {"name": claimed.name[-60:], "kind": _NAMES[group], "ending": _ENDINGS[group]},
            field="file",
        )


def _check_pdf(content: bytes) -> None:
    if any(word in content for word in (b"/JavaScript", b"/Launch", b"/EmbeddedFile")):
        raise RuleViolation(_("这个 PDF 带有程序或内嵌文件，不能接收。请打印成普通 PDF 再传。"), field="file")


def _check_office(content: bytes, main: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except zipfile.BadZipFile:
        parts = []
    names = {part.filename for part in parts}
    if main not in names or sum(part.file_size for part in parts) > UNPACKED:
        raise RuleViolation(_("这个文件打不开，可能已损坏。请重新保存后再传。"), field="file")
    if any(
        name.rpartition("/")[2].lower().startswith("vbaproject") or "activex" in name.lower()
        for name in names
    ):
        raise RuleViolation(_("这个文件带有宏，不能接收。请另存为不带宏的文件再传。"), field="file")


def kept(checked: Checked) -> str:
    """Write the file (and its thumbnail) under a name of our own; gives the name."""
    name = uuid.uuid4().hex + checked.ending
    if checked.picture is not None:
        _write(path_of(thumbnail_of(name)), checked.picture.thumbnail)
    _write(path_of(name), checked.content)
    return name


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    unfinished.rename(path)


def path_of(name: str) -> Path:
    """Where a file of this name (one of ours) lies."""
    return Path(settings.ATTACHMENTS_FOLDER) / name[:2] / name


def thumbnail_of(name: str) -> str:
    return name.removesuffix(".jpg") + "-t.jpg"


def removed(name: str) -> None:
    """Take a file and its thumbnail away; one that is gone already is no error."""
    for each in (name, thumbnail_of(name)):
        with contextlib.suppress(FileNotFoundError):
            path_of(each).unlink()


def old_files() -> list[str]:
    """Names of files (not thumbnails) that have lain here for longer than any transaction runs."""
    before = time.time() - ORPHAN_SECONDS
    folder = Path(settings.ATTACHMENTS_FOLDER)
    return [
        path.name for path in folder.glob("??/*") if "-t." not in path.name and path.stat().st_mtime < before
    ]
