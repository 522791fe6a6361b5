"""Reading a list of official areas: encoding, headings, codes and names, row by row, in little memory.

Codes may be short (2, 4, 6, 9 or 12 digits) or filled up with zeros to 12. Columns of upper codes (provinceCode …)
are used where there are any: they say the level of a row whose own code leaves it open, and must agree with it.
Nothing here reads the database.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from doorstep.kernel.places.rules import LONGEST_NAME, has_control_character
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.shared.place_codes import LENGTHS, LEVELS, is_code, level_of, parent_of

BLOCK = 1 << 18
CODE_HEADINGS = {"code", "代码", "区划代码", "统计用区划代码", "行政区划代码", "区划编码", "编码"}
NAME_HEADINGS = {"name", "名称", "区划名称", "地名"}
UPPER_HEADINGS = {
    "provincecode": "province", "省代码": "province", "省级代码": "province", "citycode": "city", "市代码": "city",
    "地级代码": "city", "areacode": "county", "countycode": "county", "districtcode": "county", "区县代码": "county",
    "县级代码": "county", "streetcode": "street", "towncode": "street", "街道代码": "street", "乡级代码": "street",
    "parentcode": "", "parent": "", "上级代码": "",
}  # fmt: skip
_WIDTHS = {length: level for level, length in LENGTHS.items() if 0 < length <= 12}


@dataclass(frozen=True)
class FileFacts:
    """What the first reading tells: SHA-256, encoding, size in bytes."""

    digest: str
    encoding: str
    size: int


def examine(path: Path) -> FileFacts:
    """Digest and encoding of the file. Raises RuleViolation for a file that is neither UTF-8 nor GB18030."""
    digest, size = hashlib.sha256(), 0
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "gb18030")}
    with path.open("rb") as source:
        if source.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise RuleViolation(_("文件是 UTF-16 编码。请另存为“CSV UTF-8”再导入。"), field="file")
        source.seek(0)
        while block := source.read(BLOCK):
            digest.update(block)
            size += len(block)
            _still_possible(decoders, block, final=False)
    _still_possible(decoders, b"", final=True)
    if not decoders:
        raise RuleViolation(
            _("文件既不是 UTF-8 也不是 GB18030 编码。请另存为“CSV UTF-8”再导入。"), field="file"
        )
    encoding = "utf-8-sig" if "utf-8" in decoders else "gb18030"
    return FileFacts(digest.hexdigest(), encoding, size)


def _still_possible(decoders: dict[str, codecs.IncrementalDecoder], block: bytes, *, final: bool) -> None:
    # the first that can read the file is taken, so the others need not be tried while it can
    for name in list(decoders):
        try:
            decoders[name].decode(block, final)
        except UnicodeDecodeError:
            del decoders[name]


class Row(NamedTuple):
    """A row fit to go in, if its parent does."""

    line: int
    code: str
    name: str
    level: str
    parent: str


class BadRow(NamedTuple):
    """A row that cannot go in, with what it says and why."""

    line: int
    code: str
    name: str
    reason: str


@dataclass
class AreaReader:
    """Iterates over a file's rows, good and bad. `position` tells how far it is, in bytes."""

    path: Path
    encoding: str
    position: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[Row | BadRow]:
        with self.path.open("rb") as raw, io.TextIOWrapper(raw, self.encoding, newline="") as text:
            reader = csv.reader(text)
            check = _RowCheck(_headings(reader))
            count = 0
            while True:
                try:
                    for fields in reader:
                        if fields:
                            yield check(reader.line_num, fields)
                        count += 1
                        if not count % 5000:
                            self.position = raw.tell()
                    return
                except csv.Error:
                    reason = _("这一行读不出来：引号没有成对，或一格太长。")
                    yield BadRow(reader.line_num, "", "", reason)


def _headings(reader: Iterator[list[str]]) -> list[str]:
    try:
        return next(reader)
    except (StopIteration, csv.Error):
        raise RuleViolation(_("文件是空的。"), field="file") from None


class _RowCheck:
    """Checks one row after another; remembers what the upper columns of the last row meant, for rows come in runs."""

    def __init__(self, headings: Sequence[str]) -> None:
        keys = [heading.strip().lower().replace("_", "").replace(" ", "") for heading in headings]
        self.code = _column(keys, CODE_HEADINGS, _("代码"), headings)
        self.name = _column(keys, NAME_HEADINGS, _("名称"), headings)
        self.uppers = [
            (index, UPPER_HEADINGS[key]) for index, key in enumerate(keys) if key in UPPER_HEADINGS
        ]
        columns = [index for index, _level in self.uppers]
        self.width = 1 + max(self.code, self.name, *columns, 0)
        self.upper_fields = itemgetter(*columns, *columns) if columns else None  # two or more give a tuple
        self.last: tuple[str, ...] | None = None
        self.parent, self.level, self.digits = "", "", 0

    def __call__(self, line: int, fields: list[str]) -> Row | BadRow:
        if len(fields) < self.width:
            return self._short(line, fields)
        code, name = fields[self.code], fields[self.name]
        if not (0 < len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()):
            return self._slowly(line, code.strip(), name.strip(), fields)
        if not is_digits(code):
            return self._slowly(line, code.strip(), name, fields)
        if self.upper_fields is None:
            if len(code) == LENGTHS["community"] and not code.endswith("000"):
                return Row(line, code, name, "community", code[: LENGTHS["street"]])
        elif (
            len(code) == self.digits
            and self.upper_fields(fields) == self.last
            and code.startswith(self.parent)
        ):
            return Row(line, code, name, self.level, self.parent)
        return self._slowly(line, code, name, fields)

    def _short(self, line: int, fields: list[str]) -> Row | BadRow:
        if max(self.code, self.name) >= len(fields):
            return BadRow(line, "", "", _("这一行少了列。"))
        padded = fields + [""] * (self.width - len(fields))
        return self._slowly(line, padded[self.code].strip(), padded[self.name].strip(), padded)

    def _slowly(self, line: int, given: str, name: str, fields: list[str]) -> Row | BadRow:
        try:
            _check_digits(given)
            code = _short_code(given, self._upper(given, fields))
            _check_name(name)
        except ValueError as error:
            return BadRow(line, given[:40], name[:80], str(error))
        level, above = level_of(code), parent_of(code) or ""
        if self.upper_fields is not None:
            self.last, self.parent, self.level = self.upper_fields(fields), above, level
            self.digits = len(code) if len(given) == len(code) else -1
        return Row(line, code, name, level, above)

    def _upper(self, code: str, fields: list[str]) -> str | None:
        """The lowest of the upper codes, short; None where the row names none."""
        found = [
            _upper_code(code, given, level)
            for index, level in self.uppers
            if (given := fields[index].strip())
        ]
        for upper in found:
            if not code.startswith(upper):
                raise ValueError(_("代码不在上级 %(code)s 之内。") % {"code": upper})
        return max(found, key=len, default=None)


def _upper_code(code: str, given: str, level: str) -> str:
    """One upper code, short; `level` is "" where the column does not say it."""
    if not is_digits(given):
        raise ValueError(_("上级代码 %(code)s 不是数字。") % {"code": given[:20]})
    upper = given[: LENGTHS[level]] if level else _stripped(given)
    filled = len(given) > len(upper) and not given[len(upper) :].strip("0")
    if given == code and not (level and filled):
        raise ValueError(_("上级代码指向自己，成了循环。"))
    if (
        len(upper) not in _WIDTHS
        or (level and len(upper) != LENGTHS[level])
        or given[len(upper) :].strip("0")
    ):
        raise ValueError(_("上级代码 %(code)s 的位数不对。") % {"code": given[:20]})
    if not code.startswith(upper) and upper.startswith(_stripped(code)):
        raise ValueError(_("上级代码 %(code)s 是它的下级，成了循环。") % {"code": upper})
    return upper


def _column(keys: list[str], names: set[str], wanted: str, headings: Sequence[str]) -> int:
    for index, key in enumerate(keys):
        if key in names:
            return index
    raise RuleViolation(
        _("第一行里没有“%(wanted)s”列，只有：%(headings)s。请核对表头和文件编码。")
        % {"wanted": wanted, "headings": "、".join(headings)[:200]},
        field="file",
    )


def _check_digits(given: str) -> None:
    if not given:
        raise ValueError(_("没有代码。"))
    if not is_digits(given):
        raise ValueError(_("代码不是数字。"))
    if len(given) not in _WIDTHS:
        raise ValueError(_("代码有 %(count)d 位，应是 2、4、6、9 或 12 位。") % {"count": len(given)})


def _short_code(given: str, upper: str | None) -> str:
    """The short code of a row. Raises ValueError in words for what is no code of a nation's division."""
    code = given
    if upper is not None:
        below = LEVELS[LEVELS.index(level_of(upper)) + 1]
        if below == "grid":
            raise ValueError(_("社区以下没有国家代码。"))
        code = given[: LENGTHS[below]]
        if len(given) < LENGTHS[below] or given[len(code) :].strip("0"):
            code = _stripped(given)
            if len(code) <= len(upper):
                raise ValueError(_("代码和上级代码的级别对不上。"))
    elif len(given) in (6, 12):
        code = _stripped(given)
    if code.strip("0") == "" or not is_code(code):
        raise ValueError(_("代码不能全是零。"))
    return code


def _stripped(code: str) -> str:
    """Without the groups of zeros that fill it up."""
    for length in sorted(_WIDTHS):
        if length < len(code) and not code[length:].strip("0"):
            return code[:length]
    return code


def _check_name(name: str) -> None:
    if not name:
        raise ValueError(_("没有名称。"))
    if len(name) > LONGEST_NAME:
        raise ValueError(_("名称有 %(count)d 个字，最多 40 个字。") % {"count": len(name)})
    if has_control_character(name):
        raise ValueError(_("名称里有看不见的控制字符。"))
