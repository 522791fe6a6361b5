"""`doorstep places import FILE.csv`: the national list of areas, with a progress bar."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.places.area_import import ImportResult, import_areas
from doorstep.kernel.places.area_import import Progress as Report
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused


class Command(BaseCommand):
    help = (
        "Import a list of official areas (CSV, UTF-8 or GB18030). Run again, it goes on where it was cut off."
    )

    requires_system_checks = []  # they would load every page of the platform into memory

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="CSV with a heading line: code, name, and upper codes if any"
        )
        parser.add_argument("--strict", action="store_true", help="one bad row keeps everything out")
        parser.add_argument("--edition", type=int, default=None, help="year of the list (default: this year)")
        parser.add_argument(
            "--complete", type=date.fromisoformat, metavar="DATE",
            help="the list leaves nothing out as of this day: areas that only older lists have end on it",
        )  # fmt: skip
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(_("没有文件 %(path)s。") % {"path": path})
        try:
            with _bar(shown=options["format"] == "text") as report:
                result = import_areas(
                    actor=system_actor(gettext_noop("行政区划导入")),
                    path=path,
                    edition=options["edition"] or clock.today().year,
                    strict=options["strict"],
                    complete=options["complete"],
                    progress=report,
                )
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        self._tell(result, options["format"])

    def _tell(self, result: ImportResult, form: str) -> None:
        if form == "json":
            self.stdout.write(json.dumps(asdict(result), default=str, ensure_ascii=False))
            return
        words = _("新增 %(added)d，更新 %(changed)d，未变 %(unchanged)d，有误 %(refused)d。") % asdict(result)
        self.stdout.write(words)
        if result.resumed_at_line:
            self.stdout.write(_("接着上次的第 %(line)d 行继续。") % {"line": result.resumed_at_line})
        if result.implied:
            codes = "、".join(result.implied[:10])
            self.stdout.write(_("没有区县的市，按市名补上：%(codes)s。") % {"codes": codes})
        if result.ended_file:
            words = _("新名单里没有的地区：撤销 %(ended)d，仍在使用 %(in_use)d，见 %(ended_file)s。")
            self.stdout.write(words % asdict(result))
        if result.errors_file:
            self.stdout.write(_("有误的行见 %(file)s。") % {"file": result.errors_file})


@contextmanager
def _bar(*, shown: bool) -> Iterator[Report]:
    """A bar on standard error, so that what is printed can be read by programs."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not shown) as bar:
        tasks = {"check": bar.add_task(_("核对"), total=None), "write": bar.add_task(_("写入"), total=None)}
        yield lambda what, done, whole: bar.update(tasks[what], completed=done, total=whole)
