"""`doorstep ledger verify`: every book, with the first bad row by name. Exit code 1 when something is wrong."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from doorstep.kernel.ledger.verify import Report, verify


class Command(BaseCommand):
    help = "核验账本：封存、签名、余额 / verify the books: seals, signatures, balances"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument(
            "--checkpoints",
            type=Path,
            help="另存的检查点文件 / a copy of the published checkpoints kept elsewhere",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path | None = options["checkpoints"]
        if file is not None and not file.exists():
            raise CommandError(f"没有这个文件 / no such file: {file}")
        report = verify(self._progress, file)
        if options["format"] == "json":
            self.stdout.write(
                json.dumps({"sound": report.sound, **asdict(report)}, ensure_ascii=False, indent=2)
            )
        else:
            self._print(report)
        if not report.sound:
            sys.exit(1)

    def _progress(self, done: int, of: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done:,} / {of:,}", ending="\n" if done == of else "")

    def _print(self, report: Report) -> None:
        self.stdout.write(
            f"账本 {report.books} 个，已封存 {report.sealed:,} 条，检查点 {report.checkpoints} 个，已公布 {report.published} 个；"
            f"未封存 {report.unsealed:,} 条"
        )
        for warning in report.warnings:
            self.stdout.write(f"注意：{warning}")
        for fault in report.faults:
            self.stdout.write(f"× {fault.text}")
        if report.fault_count > len(report.faults):
            self.stdout.write(f"……共 {report.fault_count} 处")
        self.stdout.write(
            "核验通过，没有发现改动" if report.sound else f"核验不通过：{report.faults[0].text}"
        )
