"""`doorstep ledger keys`: the public keys by which others check slips and proofs. Publish them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from doorstep.kernel.ledger.proofs import public_keys


class Command(BaseCommand):
    help = "核对凭证用的公钥 / the public keys that slips and proofs are checked with"

    def handle(self, *args: Any, **options: Any) -> None:
        for key in public_keys():
            self.stdout.write(key)
