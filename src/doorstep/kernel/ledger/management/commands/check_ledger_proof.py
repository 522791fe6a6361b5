"""`doorstep ledger check-proof FILE`: without any database. Exit code 1 when the proof does not hold."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from doorstep.kernel.ledger.proofs import Forged, checked, public_keys

LARGEST = 1_000_000  # bytes; a proof of many lines has some ten thousand


class Command(BaseCommand):
    help = "核对一份证明，不用数据库 / check a proof, without any database"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--key",
            action="append",
            help="公布的公钥，默认本机的 / the published public key; default this installation's",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            told = checked(_read(options["file"]), options["key"] or public_keys())
        except Forged as forged:
            self.stdout.write(f"不成立：{forged} / does not hold")
            sys.exit(1)
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        self.stdout.write("成立：内容没有改过，由这个平台签发 / holds")


def _read(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > LARGEST:
            raise CommandError("文件太大，不是一份证明 / too large for a proof")
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"打不开文件 / cannot open: {file}") from error
    except ValueError as error:
        raise Forged("不是 JSON 文件") from error
    if not isinstance(found, dict):
        raise Forged("不是一份证明")
    return found
