"""`doorstep requests past FILE`: an office's past requests from its own sheet, beside a running server."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.declarations.registers import ImportRow, Problem
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.kernel.web.imports import mapping, reading
from doorstep.kernel.web.imports.reading import Line
from doorstep.kernel.web.imports.sheets_xml import letters
from doorstep.kernel.web.imports.values import RowParser
from doorstep.modules.requests.past_sheet import IMPORTER, bring_rows

PORTION = 500
BRINGING = gettext_noop("导入历史诉求")


class Command(BaseCommand):
    help = "Bring in an office's past requests: each case once for the office's own number. Run again it goes on."

    requires_system_checks = []  # they would load every page of the platform into memory

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="Excel (.xlsx) or CSV; the first row that names columns has the headings"
        )
        parser.add_argument(
            "--office", default="", help="whose list it is, where the sheet has no such column"
        )
        parser.add_argument("--sheet", default="", help="name of the sheet (default: the first)")
        parser.add_argument("--check", action="store_true", help="say what would come in, and bring nothing")
        parser.add_argument(
            "--problems",
            type=Path,
            help="where wrong rows are listed (default: beside the file, .problems.csv)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            sheet = _Sheet(path, options["sheet"], options["office"])
            outcome = _Outcome(sheet, options["check"])
            for portion in sheet.portions():
                outcome.bring(portion)
                self.stdout.write(outcome.told)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        if options["check"]:
            self.stdout.write(_("只是试算，什么也没有导入。"))
        if outcome.problems:
            listed = options["problems"] or path.with_suffix(".problems.csv")
            sheet.list_problems(outcome.problems, listed)
            raise CommandError(
                _("有 {n} 行不能导入，逐行的原因在 {path}。改正后重新导入，已导入的不会重复。").format(
                    n=len({problem.row for problem in outcome.problems}), path=listed
                )
            )


class _Sheet:
    """The rows of the file beneath its headings. Raises Unreadable, or Refused naming the columns that are missing."""

    def __init__(self, path: Path, name: str, office: str) -> None:
        self.source = reading.open_source(path, path.name)
        self.name = name or self.source.sheets[0]
        if self.name not in self.source.sheets:
            raise Refused(
                _("没有叫“{name}”的工作表，有的是：{known}。").format(
                    name=name, known=_("、").join(self.source.sheets)
                )
            )
        self.source.scan(self.name)  # its bounds hold before its values are read
        head = reading.head(self.source, self.name)
        self.header_row = mapping.header_row(IMPORTER, head, whole=len(head) < reading.HEAD_ROWS)
        self.headings = head[self.header_row - 1] if head else []
        self.columns = mapping.guess(IMPORTER, self.headings)
        self.office = office.strip()
        if self.office and "office" not in self.columns:
            self.columns["office"] = len(self.headings)
        if lacking := mapping.missing(IMPORTER, self.columns):
            names = _("、").join(str(column.name) for column in lacking)
            raise Refused(_("表头里没有这些必填的栏目：{names}。").format(names=names))
        self.parser = RowParser(IMPORTER, self.columns, Places.inside([""]))
        self.total = sum(1 for _line in self._lines())

    def _lines(self) -> Iterator[Line]:
        for line in self.source.lines(self.name):
            if line.number > self.header_row and any(value is not None for value in line.values):
                yield line

    def portions(self) -> Iterator[list[tuple[ImportRow, list[Problem]]]]:
        rows = (self.parser.parse(self._with_office(line)) for line in self._lines())
        while portion := list(islice(rows, PORTION)):
            yield portion

    def _with_office(self, line: Line) -> Line:
        """The row with the office that the command names, where the sheet has no column for it."""
        width = len(self.headings)
        if self.columns["office"] != width:
            return line
        values = [*line.values[:width], *([None] * (width - len(line.values))), self.office]
        return Line(line.number, values)

    def list_problems(self, problems: list[Problem], path: Path) -> None:
        """By row: the row's number, the cell, the column's heading, what is wrong; no value of a person."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([_("行"), _("单元格"), _("栏目"), _("问题")])
            for problem in sorted(problems, key=lambda problem: problem.row):
                at = self.columns.get(problem.column, len(self.headings))
                known = at < len(self.headings)
                cell = f"{letters(at + 1)}{problem.row}" if known else ""
                heading = str(IMPORTER.column(problem.column).name) if problem.column else ""
                writer.writerow([problem.row, cell, heading, str(problem.message)])


class _Outcome:
    """What became of the rows so far."""

    def __init__(self, sheet: _Sheet, only_checks: bool) -> None:
        self.sheet, self.only_checks = sheet, only_checks
        self.actor = system_actor(BRINGING)
        self.done = self.added = self.known = 0
        self.problems: list[Problem] = []

    def bring(self, portion: list[tuple[ImportRow, list[Problem]]]) -> None:
        """One portion in a transaction of its own: cut off, the next run goes on after the last whole one."""
        with transaction.atomic():
            written = bring_rows(self.actor, [row for row, problems in portion if not problems])
            transaction.set_rollback(self.only_checks)
        self.done += len(portion)
        self.added += sum(outcome == "added" for outcome in written.outcomes.values())
        self.known += sum(outcome == "unchanged" for outcome in written.outcomes.values())
        self.problems += [problem for _row, problems in portion for problem in problems]
        self.problems += written.problems

    @property
    def told(self) -> str:
        wrong = len({problem.row for problem in self.problems})
        words = (
            _("{done} / {total} 行：可导入 {added}，以前已导入 {known}，有问题 {wrong}")
            if self.only_checks
            else _("{done} / {total} 行：已导入 {added}，以前已导入 {known}，有问题 {wrong}")
        )
        return words.format(
            done=self.done, total=self.sheet.total, added=self.added, known=self.known, wrong=wrong
        )
