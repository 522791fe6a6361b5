"""The three-rate report as an Excel file: the places with what each rate stands on, and how it was counted."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from doorstep.modules.requests.rules import ThreeRates
from doorstep.modules.requests.selectors_report import Report
from doorstep.modules.requests.wording import RATES, period_words, rate_of

NOT_PROGRAMS = {"strings_to_formulas": False, "strings_to_urls": False}


def rates_sheet(report: Report, name: str) -> bytes:
    """Two sheets: the rates, and what they mean. Shares are numbers in per cent; nothing stands where there is none."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, **NOT_PROGRAMS})
    bold, share = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "0.0%"})
    sheet = book.add_worksheet(_("三率"))
    for at, title in enumerate(_titles()):
        sheet.write_string(0, at, title, bold)
    rows = [(name, report.place_code, report.whole)]
    rows += [(part.name, part.key, part.rates) for part in report.parts]
    for line, (words, code, rates) in enumerate(rows, start=1):
        sheet.write_string(line, 0, words)
        sheet.write_string(line, 1, code)
        _write(sheet, line, rates, share)
    sheet.set_column(0, 1, 18)
    sheet.set_column(2, 20, 12)
    sheet.freeze_panes(1, 1)
    _notes(book.add_worksheet(_("说明")), report, bold)
    book.close()
    return file.getvalue()


def _titles() -> list[str]:
    found = [
        _("地方"),
        _("地方代码"),
        _("结案件次"),
        _("已回访件次"),
        _("覆盖率"),
        _("回访次数"),
        _("有效回访"),
    ]
    for words in RATES.values():
        found += [
            str(words),
            _("%(rate)s 区间下限") % {"rate": words},
            _("%(rate)s 区间上限") % {"rate": words},
        ]
    return [*found, _("综合")]


def _write(sheet: Any, line: int, rates: ThreeRates, share: Any) -> None:
    counts = rates.counts
    values: list[tuple[float | None, Any]] = [
        (counts.closed, None), (counts.covered, None), (rates.coverage, share), (counts.tried, None),
        (counts.valid, None),
    ]  # fmt: skip
    for key in RATES:
        rate = rate_of(rates, key)
        values += [(rate.value, share), (rate.low, share), (rate.high, share)]
    for at, (value, form) in enumerate([*values, (rates.composite, share)], start=2):
        if value is not None:
            sheet.write_number(line, at, value, form)


def _notes(sheet: Any, report: Report, bold: Any) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    weights = "、".join(str(weight) for weight in report.values["rates.composite"])
    lines = [
        (_("期间"), period_words(report.period)),
        (_("分母"), _("有效回访；没有有效回访的不计算，不当作 0")),
        (_("响应率"), _("承办人联系过报告人的 ÷ 有效回访")),
        (_("解决率"), _("报告人说已解决的 ÷ 有效回访")),
        (_("满意率"), _("（满意和非常满意 + %(weight)s × 基本满意）÷ 有效回访；%(clause)s") % {
            "weight": report.values["rates.basically"], "clause": report.clauses["rates.basically"],
        }),
        (_("综合"), _("响应、解决、满意按 %(weights)s 加权；%(clause)s") % {
            "weights": weights, "clause": report.clauses["rates.composite"],
        }),
        (_("区间"), _("95% 威尔逊区间；两处的区间有重叠，差别可能只是偶然")),
    ]  # fmt: skip
    lines += [(_("无效回访：%(why)s") % {"why": words}, str(n)) for _code, words, n in report.reasons]
    for at, (name, words) in enumerate(lines):
        sheet.write_string(at, 0, name, bold)
        sheet.write_string(at, 1, words)
