"""`doorstep ledger prove TRANSACTION`: a proof of one transaction, for a file. A seal comes within a minute of booking."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from doorstep.kernel.ledger.selectors import sealed_proof, slip_proof


class Command(BaseCommand):
    help = "一笔账的证明（JSON）/ the proof of one transaction, as JSON"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("transaction", type=int, help="账目号 / its number")
        parser.add_argument(
            "--slip", action="store_true", help="只要签名，不等封存 / its signature alone, sealed or not"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        number = options["transaction"]
        slip = slip_proof(number)
        if slip is None:
            raise CommandError(f"没有这笔账 / no such transaction: {number}")
        proof = slip if options["slip"] else sealed_proof(number)
        if proof is None:
            raise CommandError("这笔账还没有封存，请一分钟后再试 / not sealed yet; try again in a minute")
        self.stdout.write(json.dumps(proof, ensure_ascii=False, indent=1))
