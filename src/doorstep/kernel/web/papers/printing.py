"""Papers: a template of a package and its data become a PDF."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import get_language
from django.utils.translation import gettext as _

import doorstep
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.web.papers import fonts
from doorstep.kernel.web.qr import qr_svg

SECONDS = 20
ROOT = Path(doorstep.__file__).resolve().parent
PRESS = Path(__file__).with_name("press.py")
FOLDER = "papers"


class NotPrinted(Refused):
    """The paper could not be made now; the message says what to do."""


def pdf_of(template: str, data: Mapping[str, Any]) -> bytes:
    """The paper `template` ("volunteering/slip.typ": a file in the `papers` folder of the package with that label).

    `data` goes in as data and is never read as mark-up; days, decimals and translated words may be in it. The same data
    gives the same bytes. Raises NotPrinted where the front end was not built, or for what takes longer than SECONDS.
    """
    return _pressed(template, data, "pdf")


def qr_of(text: str) -> str:
    """A QR code as SVG, for `code` of a paper: goes in as data."""
    return qr_svg(text, border=0, scale=1)


def _pressed(template: str, data: Mapping[str, Any], form: str, ppi: int = 144) -> bytes:
    if not fonts.are_there():
        raise NotPrinted(_("现在不能生成打印件：缺少打印用的字体。请系统管理员执行 make build。"))
    plain = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    job = {
        "source": file_of(template).read_text(encoding="utf-8"), "root": str(ROOT), "fonts": str(fonts.FOLDER),
        "inputs": {"data": json.dumps(fonts.legible(plain)), "words": json.dumps(_words())},
        "format": form, "ppi": ppi, "seconds": SECONDS,
    }  # fmt: skip
    command = [sys.executable, "-I", str(PRESS)]
    try:
        done = subprocess.run(
            command, input=json.dumps(job).encode(), capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _too_long() from None
    if done.returncode < 0:  # ended by its limits
        raise _too_long()
    if done.returncode:
        raise RuntimeError(f"{template}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def _too_long() -> NotPrinted:
    return NotPrinted(
        _("这份打印件太长，没有在 %(seconds)d 秒内完成。请缩小范围再试。") % {"seconds": SECONDS}
    )


def file_of(template: str) -> Path:
    label, name = template.split("/", 1)
    return Path(apps.get_app_config(label).path) / FOLDER / name


def _words() -> dict[str, str | None]:
    language = get_language() or "zh-hans"
    return {
        "language": language.partition("-")[0], "region": "cn" if language == "zh-hans" else None,
        "page_of": _("第 {page} 页，共 {pages} 页"),
    }  # fmt: skip
