"""An Excel workbook written as it is read from: no file, no book in memory, the first bytes at once (decision 23).

A workbook is a zip of XML parts. Each row is compressed as it comes and handed on; what names the sheets stands in the
last parts, when their number is known. ECMA-376: text is inline (18.4.4), characters that XML cannot carry are written
_xHHHH_ (22.9.2.19), dates are days since 1900 (18.17.4.1).
"""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any
from xml.sax.saxutils import escape

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override

from doorstep.kernel.web.imports.sheets_xml import letters

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_ROWS = 1_000_000  # an Excel sheet ends at 1,048,576
SHEET_BYTES = 1_500_000_000  # Excel mistrusts a part that needs zip64, which begins at 2 GiB
LONGEST_CELL = 32_000  # Excel's own limit is 32,767
PORTION = 64 * 1024
EPOCH = dt.datetime(1899, 12, 30)
FIRST_DATE = dt.date(1900, 3, 1)  # before it Excel counts a 29 February 1900 that never was
PLAIN, HEADING, MOMENT, DAY = range(4)  # the formats of STYLES, by place

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
    '<border><left/><right/><top/><bottom style="thin"><color auto="1"/></bottom><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
ROOT = (
    f'{_HEAD}<Relationships xmlns="{_PARTS}/relationships">'
    f'<Relationship Id="rId1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


class _Outlet:
    """What the zip writes into: bytes wait here until they are taken. It cannot be sought in, and the zip knows."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        self._waiting.append(bytes(data))
        self._size += len(data)
        return len(data)

    def flush(self) -> None: ...

    def taken(self, least: int = 1) -> Iterator[bytes]:
        """What has come, once it is `least` bytes."""
        if self._size >= least:
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._size = 0
            yield data


def workbook(
    name: str, headings: Sequence[str], widths: Sequence[float], rows: Iterable[Sequence[Any]]
) -> Iterator[bytes]:
    """The bytes of a workbook with one table, in as many sheets as its rows need.

    Values: text, number, date, datetime in local time, None. Text stays text, whatever it begins with. widths: of the
    columns, in characters. The caller's `rows` is read only as fast as the bytes are taken.
    """
    outlet = _Outlet()
    source, sheets, more = iter(rows), 0, True
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:  # type: ignore[call-overload]  # it only ever writes
        book.writestr("_rels/.rels", ROOT)
        book.writestr("xl/styles.xml", STYLES)
        yield from outlet.taken()
        while more:
            sheets += 1
            with book.open(_part(sheets), "w") as sheet:
                more = yield from _sheet(sheet, outlet, headings, widths, source)
        for part, text in _closing_parts(name, sheets):
            book.writestr(part, text)
    yield from outlet.taken()


def download(
    pieces: Iterator[bytes], name: str, content_type: str = TYPE, language: str | None = None
) -> StreamingHttpResponse:
    """An answer that is kept as a file of that name, sent as its pieces come; in the reader's language unless said."""
    header = content_disposition_header(as_attachment=True, filename=name)
    return StreamingHttpResponse(
        _in_language(language or get_language(), pieces), content_type=content_type,
        headers={"Content-Disposition": header or "attachment"},
    )  # fmt: skip


def _in_language(language: str | None, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A server may go on with an answer where the reader's language is no longer the one in use."""
    while True:
        with override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _part(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _sheet(
    sheet: IO[bytes], outlet: _Outlet, headings: Sequence[str], widths: Sequence[float],
    source: Iterator[Sequence[Any]],
) -> Generator[bytes, None, bool]:  # fmt: skip
    """One sheet; returns whether it ended because it was full."""
    columns = [letters(at) for at in range(1, len(headings) + 1)]
    size = sheet.write(_opening(columns, headings, widths).encode())
    line, full = 1, False
    for values in source:
        line += 1
        size += sheet.write(_row(line, columns, values).encode())
        yield from outlet.taken(PORTION)
        if line > SHEET_ROWS or size > SHEET_BYTES:
            full = True
            break
    sheet.write(b"</sheetData></worksheet>")
    return full


def _opening(columns: Sequence[str], headings: Sequence[str], widths: Sequence[float]) -> str:
    cols = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
        for at, width in enumerate(widths, start=1)
    )
    cells = "".join(
        _text(f"{column}1", title, HEADING) for column, title in zip(columns, headings, strict=True)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/>{f"<cols>{cols}</cols>" if cols else ""}'
        f'<sheetData><row r="1">{cells}</row>'
    )


def _row(line: int, columns: Sequence[str], values: Sequence[Any]) -> str:
    cells = [_cell(f"{column}{line}", value) for column, value in zip(columns, values, strict=True)]
    return f'<row r="{line}">{"".join(cells)}</row>'


def _cell(at: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return _text(at, value)
    if isinstance(value, bool):
        return f'<c r="{at}" t="b"><v>{value:d}</v></c>'
    if isinstance(value, dt.date):  # a datetime is one too
        return _date(at, value)
    if isinstance(value, Decimal) or not math.isfinite(value):
        return _decimal(at, value)
    return f'<c r="{at}"><v>{value!r}</v></c>'


def _decimal(at: str, value: Decimal | float) -> str:
    """What is no number of Excel's (NaN, infinity) is written as its word."""
    return f'<c r="{at}"><v>{value}</v></c>' if math.isfinite(value) else _text(at, str(value))


def _date(at: str, value: dt.date) -> str:
    day = value.date() if isinstance(value, dt.datetime) else value
    if day < FIRST_DATE:
        return _text(at, value.isoformat())
    if isinstance(value, dt.datetime):
        return f'<c r="{at}" s="{MOMENT}"><v>{(value - EPOCH) / dt.timedelta(days=1):.10f}</v></c>'
    return f'<c r="{at}" s="{DAY}"><v>{(value - EPOCH.date()).days}</v></c>'


def _text(at: str, value: str, style: int = PLAIN) -> str:
    form = f' s="{style}"' if style else ""
    return f'<c r="{at}"{form} t="inlineStr"><is><t xml:space="preserve">{as_xml(value)}</t></is></c>'


_BARRED = re.compile(
    "[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]"
)  # what XML has no place for, or reads as something else
_LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def as_xml(text: str) -> str:
    """Text as it stands in a cell, cut where Excel would refuse it."""
    text = _LIKE_AN_ESCAPE.sub("_x005F_", text[:LONGEST_CELL])
    return escape(_BARRED.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


def _closing_parts(name: str, sheets: int) -> Iterable[tuple[str, str]]:
    numbers = range(1, sheets + 1)
    title = as_xml("".join(letter for letter in name if letter not in "[]:*?/\\'")[:25] or "1")
    titles = [title if number == 1 else f"{title} {number}" for number in numbers]
    yield (
        "xl/workbook.xml",
        (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
            + "".join(
                f'<sheet name="{escape(words, {chr(34): "&quot;"})}" sheetId="{number}" r:id="rId{number}"/>'
                for number, words in zip(numbers, titles, strict=True)
            )
            + "</sheets></workbook>"
        ),
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        (
            f'{_HEAD}<Relationships xmlns="{_PARTS}/relationships">'
            + "".join(
                f'<Relationship Id="rId{number}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
                for number in numbers
            )
            + f'<Relationship Id="rId{sheets + 1}" Type="{_LINKS}/styles" Target="styles.xml"/></Relationships>'
        ),
    )
    yield (
        "[Content_Types].xml",
        (
            f'{_HEAD}<Types xmlns="{_PARTS}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            + "".join(
                f'<Override PartName="/{_part(number)}" ContentType="{_TYPE}.worksheet+xml"/>'
                for number in numbers
            )
            + f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
        ),
    )
