"""`doorstep audit verify`: the whole chain, with the first bad row by name. Exit code 1 when something is wrong."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from doorstep.kernel.audit.verify import Report, remember, verify


class Command(BaseCommand):
    help = "核验审计记录的封存链 / verify the chain of the audit: altered, removed, inserted rows"

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
        remember(report)
        if options["format"] == "json":
            self.stdout.write(json.dumps(_as_data(report), ensure_ascii=False, indent=2))
        else:
            self._print(report)
        if not report.sound:
            sys.exit(1)

    def _progress(self, done: int, of: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done:,} / {of:,}", ending="\n" if done == of else "")

    def _print(self, report: Report) -> None:
        self.stdout.write(
            f"已封存 {report.sealed:,} 条，检查点 {report.checkpoints} 个，已公布 {report.published} 个；"
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
        if report.head:
            self.stdout.write(f"链头 {report.head}")


def _as_data(report: Report) -> dict[str, Any]:
    return {
        "sound": report.sound,
        "sealed": report.sealed,
        "unsealed": report.unsealed,
        "checkpoints": report.checkpoints,
        "published": report.published,
        "head": report.head,
        "faults": [
            {"kind": one.kind, "entry": one.entry_id, "position": one.position, "text": one.text}
            for one in report.faults
        ],
        "fault_count": report.fault_count,
        "warnings": report.warnings,
    }
